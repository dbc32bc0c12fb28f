// Shows pushed notes. Alone as a worker of its own, or taken into another by importScripts.

self.addEventListener("push", (event) => {
  const note = event.data ? event.data.json() : {};
  const options = { body: note.body || "", tag: "news", icon: "/static/chat/icon.svg", renotify: true };
  event.waitUntil(self.registration.showNotification(note.title || "", options));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show());
});

async function show() {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const chat = pages.find((page) => new URL(page.url).pathname === "/");
  return chat ? chat.focus() : self.clients.openWindow("/");
}

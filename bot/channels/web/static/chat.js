// The chat page, put together: START READING HERE. Outgoing: composer → queue → server. Incoming: history, then stream.

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { byId, loadStrings, setText, t } from "./dom.js";
import { sweep } from "./photos.js";
import { Queue } from "./queue.js";
import { read, write } from "./store.js";
import { Stream } from "./stream.js";
import { View } from "./view.js";

const LARGE = "shian.large";
const TYPING_MS = 8000;
const UNWATCHED_MS = 5 * 60000; // a browser allows few connections per site: a tab nobody looks at gives its own up
const HISTORY_WAITS_MS = [1000, 2000, 5000, 10000, 30000];
const locale = document.documentElement.lang;

loadStrings(byId("strings"));

const view = new View(
  { log: byId("log"), scroller: byId("scroller"), welcome: byId("welcome"), newer: byId("newer"), ready: false },
  { choose: (choice) => send({ text: choice.label, button: choice.value }), retry: (id) => queue.retry(id), discard: (id) => queue.discard(id) },
);
const queue = new Queue({ onChange: showOutgoing, onGone: (id) => view.remove(id) });
const stream = new Stream({ onEvent: received, onState: connection });
const composer = new Composer(send);
let typingTimer = 0;
let hiddenTimer = 0;

function send(message) {
  queue.add({ ...message, locale });
  view.toBottom();
}

function showOutgoing(item, sending, progress) {
  if (!progress) view.put({ ...item, from: "citizen", id: null, attachments: [] });
  view.setState(item.client_id, stateOf(item, sending), item.error);
  for (const { id, error } of item.photos) {
    const share = progress && progress.photo === id ? progress.share : null;
    if (!progress || share !== null) view.setPhoto(item.client_id, id, { share, error });
  }
}

/** What the citizen reads. A retry in the background stays "waiting": the words must not flicker. */
function stateOf(item, sending) {
  if (item.state !== "queued") return item.state;
  if (item.why === "busy") return "busy";
  return item.why === "network" || (navigator.onLine === false && !sending) ? "waiting" : "sending";
}

function received(name, data) {
  if (name === "typing") return showTyping(true);
  const message = JSON.parse(data);
  if (message.from !== "citizen") showTyping(false);
  return view.put(message);
}

function showTyping(on) {
  clearTimeout(typingTimer);
  byId("typing").hidden = !on;
  if (on) typingTimer = setTimeout(() => showTyping(false), TYPING_MS);
  view.follow();
}

function connection(state) {
  const status = byId("status");
  status.dataset.state = state;
  setText(status, t(state));
  if (state === "connected") queue.wake();
}

/** Read the whole conversation, then listen from where it ends. */
async function refresh() {
  const askedAt = Date.now();
  const { messages, last_event_id: lastId } = await api.history();
  view.ready = true;
  byId("boot").hidden = true;
  view.merge(messages);
  queue.settle(new Set(messages.map((message) => message.client_id).filter(Boolean)), askedAt);
  stream.start(lastId);
}

async function open() {
  queue.items().forEach((item) => showOutgoing(item, false, null));
  queue.drain();
  for (let tries = 0; ; tries += 1) {
    try {
      return await refresh();
    } catch (error) {
      if (!(error instanceof api.ApiError)) throw error;
      if (error.kind === "session") await api.renewSession().catch(() => null);
    }
    connection(navigator.onLine === false ? "offline" : "reconnecting");
    byId("boot").hidden = false;
    setText(byId("boot"), t("history_failed"));
    await pause(HISTORY_WAITS_MS[Math.min(tries, HISTORY_WAITS_MS.length - 1)]);
  }
}

function pause(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    window.addEventListener("online", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

function watched() {
  clearTimeout(hiddenTimer);
  if (document.visibilityState === "hidden") {
    hiddenTimer = setTimeout(() => stream.stop(), UNWATCHED_MS);
    return;
  }
  queue.wake();
  if (stream.running) stream.kick();
  else if (view.ready) refresh().catch(() => stream.start(null));
}

function largeType(on) {
  document.documentElement.classList.toggle("large", on);
  byId("large").setAttribute("aria-pressed", String(on));
  view.follow();
}

async function switchLocale(event) {
  try {
    await api.setLocale(event.currentTarget.dataset.locale);
    window.location.reload();
  } catch {
    byId("hint").textContent = t("locale_failed");
  }
}

byId("large").addEventListener("click", () => {
  write(LARGE, !read(LARGE));
  largeType(read(LARGE));
});
byId("locale").addEventListener("click", switchLocale);
for (const starter of byId("welcome").querySelectorAll("button")) {
  starter.addEventListener("click", () => {
    send({ text: starter.textContent });
    byId("scroller").focus({ preventScroll: true }); // the button is gone now
  });
}
window.addEventListener("storage", ({ key }) => key === LARGE && largeType(Boolean(read(LARGE))));
window.addEventListener("online", () => { queue.wake(); stream.kick(); });
window.addEventListener("offline", () => { stream.drop(); connection("offline"); });
window.addEventListener("pageshow", ({ persisted }) => persisted && watched());
document.addEventListener("visibilitychange", watched);
largeType(Boolean(read(LARGE)));
open();
const waitingPhotos = queue.items().flatMap((item) => item.photos.map(({ id }) => id));
sweep(new Set([...waitingPhotos, ...composer.pickedIds()]));

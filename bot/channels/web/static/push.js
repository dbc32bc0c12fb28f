// Offers notes of the browser, to a citizen who has subscribed, and asks it only after a click.

import { byId, t } from "./dom.js";

const PATH = "/api/chat/push";
const WORKER = "/static/chat/push-worker.js";
const LOOK_MS = 1500;
const NEAR_PX = 80;
const button = byId("push");
const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
let timer = 0;

function bytes(key) {
  const padded = key.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(key.length / 4) * 4, "=");
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
}

/** A worker of the whole site takes push-worker.js in by importScripts; without one it is its own. */
async function registration() {
  return (await navigator.serviceWorker.getRegistration("/"))
    || navigator.serviceWorker.register(WORKER);
}

async function look() {
  const response = await fetch(PATH, { cache: "no-store", credentials: "same-origin" }).catch(() => null);
  if (!response || !response.ok) return;
  const { offer, key } = await response.json();
  button.dataset.key = key;
  const { scrollHeight, scrollTop, clientHeight } = byId("scroller");
  const atEnd = scrollHeight - scrollTop - clientHeight < NEAR_PX;
  button.hidden = !offer || Notification.permission !== "default";
  if (atEnd && !button.hidden) byId("scroller").scrollTop = byId("scroller").scrollHeight;
}

async function agree() {
  button.disabled = true;
  try {
    if ((await Notification.requestPermission()) !== "granted") return say("push_denied");
    const worker = await registration();
    await active(worker);
    const options = { userVisibleOnly: true, applicationServerKey: bytes(button.dataset.key) };
    const given = await worker.pushManager.subscribe(options);
    const headers = { "Content-Type": "application/json" };
    const request = { method: "POST", headers, body: JSON.stringify(given), credentials: "same-origin" };
    const response = await fetch(PATH, request);
    return say(response.ok ? "push_on" : "push_failed");
  } catch {
    return say("push_failed");
  } finally {
    button.disabled = false;
  }
}

function active(worker) {
  const coming = worker.installing || worker.waiting;
  if (worker.active || !coming) return Promise.resolve();
  return new Promise((resolve) => coming.addEventListener("statechange", () => coming.state === "activated" && resolve()));
}

function say(key) {
  button.hidden = key !== "push_failed";
  byId("hint").textContent = t(key);
}

if (able) {
  button.addEventListener("click", agree);
  new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(look, LOOK_MS);
  }).observe(byId("log"), { childList: true });
  look();
}

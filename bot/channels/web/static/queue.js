// Outgoing messages: written down before anything is sent, sent in order, exactly once by client_id.
// One storage key per message, so that two tabs never overwrite each other's entries.

import * as api from "./api.js";
import { t } from "./dom.js";
import { fetchKept, forget } from "./photos.js";
import { drop, keysFrom, read, uuid, write } from "./store.js";

const PREFIX = "shian.out.";
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60000;
const BUSY_TRIES = 8; // then the message steps aside, so that one bad message cannot hold up the others for ever
const TAKE_OVER_MS = 20000;
const TAB = read("shian.tab", "sessionStorage") || uuid();

/** Item: {client_id, seq, at, text, button, location, locale, photos, state: queued|sent|failed, tries, retryAt, why, error}. */
export class Queue {
  /** `onChange(item, sending, progress)` for every change, also in another tab; `onGone(clientId)` when one was deleted. */
  constructor({ onChange, onGone }) {
    this.onChange = onChange;
    this.onGone = onGone;
    this.sending = null;
    this.asked = false;
    this.timer = 0;
    write("shian.tab", TAB, "sessionStorage");
    window.addEventListener("storage", (event) => this.#otherTab(event));
  }

  items() {
    const items = keysFrom(PREFIX).map((key) => read(key)).filter(Boolean);
    return items.sort((a, b) => a.seq - b.seq || (a.client_id < b.client_id ? -1 : 1));
  }

  /** Write a message down, show it, and start sending. */
  add({ text, button = null, location = null, photos = [], locale }) {
    const last = this.items().pop();
    const item = {
      client_id: uuid(), seq: Math.max(Date.now(), last ? last.seq + 1 : 0), at: new Date().toISOString(),
      text, button, location, locale, photos, tab: TAB, state: "queued", tries: 0, retryAt: 0, why: null, error: null,
    };
    this.#save(item);
    this.drain();
    return item;
  }

  /** The citizen asks to try again: same client_id, so the server cannot take it twice. */
  retry(clientId) {
    const item = read(PREFIX + clientId);
    if (!item) return;
    const photos = item.photos.map((photo) => ({ ...photo, error: null }));
    this.#save({ ...item, photos, tab: TAB, state: "queued", tries: 0, retryAt: 0, why: null, error: null });
    this.drain();
  }

  discard(clientId) {
    const item = read(PREFIX + clientId);
    if (item) this.#remove(item);
    this.onGone(clientId);
  }

  /** The network or the server is back: stop waiting. A server that asked for time keeps it. */
  wake() {
    for (const item of this.items()) {
      if (item.state === "queued" && item.why === "network") write(PREFIX + item.client_id, { ...item, retryAt: 0 });
    }
    this.drain();
  }

  /** Drop what the history, asked for at `askedAt` (ms), already holds or must hold. */
  settle(clientIds, askedAt) {
    for (const item of this.items()) {
      if (clientIds.has(item.client_id) || (item.state === "sent" && item.sentAt < askedAt)) this.#remove(item);
    }
  }

  /** Send what is due. One tab at a time, where the browser can lock; elsewhere the server's client_id check suffices. */
  async drain() {
    if (this.asked) return;
    this.asked = true;
    await (navigator.locks ? navigator.locks.request("shian.sender", () => this.#run()) : this.#run());
  }

  async #run() {
    clearTimeout(this.timer);
    try {
      let item = this.#next();
      for (; item && item.retryAt <= Date.now(); item = this.#next()) await this.#deliver(item);
      if (item) this.timer = setTimeout(() => this.drain(), Math.max(item.retryAt - Date.now(), 0));
    } finally {
      this.asked = false; // in the same step as the last look: what is added later asks again
    }
  }

  /** The first message to send; without locks another tab's only once that tab had time to send it itself. */
  #next() {
    const item = this.items().find(({ state }) => state === "queued");
    if (!item || navigator.locks || item.tab === TAB) return item;
    return { ...item, retryAt: Math.max(item.retryAt, item.seq + TAKE_OVER_MS) };
  }

  async #deliver(item) {
    this.sending = item.client_id;
    this.onChange(item, true, null);
    try {
      await this.#uploadPhotos(item);
      await this.#post(item);
      this.sending = null;
      this.#save({ ...item, state: "sent", sentAt: Date.now(), why: null, error: null });
      for (const photo of item.photos) forget(photo.id);
    } catch (error) {
      if (!(error instanceof api.ApiError)) throw error;
      this.sending = null;
      await this.#putOff(item, error);
    } finally {
      this.sending = null;
    }
  }

  async #uploadPhotos(item) {
    for (const photo of item.photos) {
      if (photo.attachment || photo.error) continue;
      await this.#uploadOne(item, photo);
      this.#save(item);
    }
  }

  async #uploadOne(item, photo) {
    const blob = await fetchKept(photo.id);
    if (!blob) {
      photo.error = t("photo_lost");
      return;
    }
    try {
      const tell = (share) => this.onChange(item, true, { photo: photo.id, share });
      const saved = await api.upload(photo.id, blob, photo.name, tell);
      photo.attachment = saved.id;
      photo.url = saved.url;
    } catch (error) {
      if (error.kind !== "rejected") throw error;
      photo.error = error.message || t("photo_refused");
    }
  }

  async #post(item) {
    const attachments = item.photos.filter((photo) => photo.attachment).map((photo) => photo.attachment);
    const { client_id, text, button, location, locale } = item;
    if (!text && !location && !attachments.length) throw new api.ApiError("rejected", t("photo_refused"));
    await api.postMessage({ client_id, text, button, attachments, location, locale });
  }

  async #putOff(item, error) {
    const tries = item.tries + 1;
    if (error.kind === "rejected") return this.#save({ ...item, tries, state: "failed", error: error.message });
    if (error.kind === "session") return this.#newSession(item, tries);
    if (error.kind === "busy" && tries >= BUSY_TRIES) return this.#save({ ...item, tries, state: "failed", error: null });
    const backOff = Math.min(FIRST_WAIT_MS * 2 ** Math.min(tries - 1, 8), LONGEST_WAIT_MS) * (0.75 + Math.random() / 2);
    const retryAt = Date.now() + Math.max(backOff, error.retryAfter * 1000);
    return this.#save({ ...item, tries, why: error.kind, retryAt });
  }

  async #newSession(item, tries) {
    if (tries > 2) return this.#save({ ...item, tries, state: "failed", error: t("session") });
    await api.renewSession().catch(() => null);
    return this.#save({ ...item, tries, why: "busy", retryAt: Date.now() + FIRST_WAIT_MS });
  }

  #save(item) {
    write(PREFIX + item.client_id, item);
    this.onChange(item, this.sending === item.client_id, null);
  }

  #remove(item) {
    drop(PREFIX + item.client_id);
    for (const photo of item.photos) forget(photo.id);
  }

  #otherTab({ key, newValue, oldValue }) {
    if (!key || !key.startsWith(PREFIX)) return;
    if (newValue) return this.#sawItem(JSON.parse(newValue));
    const old = JSON.parse(oldValue);
    if (old && old.state === "failed") this.onGone(old.client_id);
    else if (old) this.onChange({ ...old, state: "sent" }, false, null); // found in the history
    return undefined;
  }

  #sawItem(item) {
    this.onChange(item, false, null);
    if (item.state === "queued") this.drain(); // should the other tab close, this one carries on
  }
}

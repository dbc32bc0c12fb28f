// The conversation on screen. One node per message, found again by client_id or id and changed in place.

import { button, dayName, dayOf, el, linkify, setText, t, timeOf } from "./dom.js";
import { showPicture } from "./photos.js";

const NEAR_BOTTOM_PX = 80;
const BATCH_MS = 10000; // what comes within this time of the answer before it belongs to it

export class View {
  /** `parts`: log, scroller, welcome, newer (nodes); `on`: choose(button), retry(clientId), discard(clientId). */
  constructor(parts, on) {
    Object.assign(this, parts);
    this.on = on;
    this.nodes = new Map(); // client_id or id → {node, message, day, state}
    this.sticky = true;
    this.batch = null; // {node, at}: where the answers that are coming in begin
    this.scroller.addEventListener("scroll", () => this.#scrolled());
    this.newer.addEventListener("click", () => this.toBottom());
    const resized = new ResizeObserver(() => this.follow());
    resized.observe(this.scroller);
    resized.observe(this.log);
  }

  /** Show the conversation as the server tells it, keeping what is on screen; nothing is read aloud. */
  merge(messages) {
    this.log.setAttribute("aria-live", "off");
    let previous = null;
    for (const message of messages) previous = this.#place(message, previous);
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 500);
    this.#refresh();
  }

  /** Show or change one message. */
  put(message) {
    const before = this.nodes.size;
    const node = this.#place(message, undefined);
    const isNew = this.nodes.size > before;
    if (isNew) this.#begin(node, message);
    this.#refresh();
    const shown = this.sticky && node.getBoundingClientRect().top < this.scroller.getBoundingClientRect().bottom;
    if (isNew && !shown && message.from !== "citizen") this.newer.hidden = false;
  }

  remove(clientId) {
    const known = this.nodes.get(clientId);
    if (!known) return;
    known.node.remove();
    this.nodes.delete(clientId);
    this.#refresh();
  }

  /** The state of an outgoing message: sending, waiting, busy, sent or failed; `error` in Chinese. */
  setState(clientId, state, error) {
    const known = this.nodes.get(clientId);
    if (!known || known.state === state) return;
    known.state = state;
    known.node.classList.toggle("failed", state === "failed");
    setText(known.node.querySelector(".state"), error ? `${t(state)}：${error}` : t(state));
    const again = known.node.querySelector(".again");
    if (again.contains(document.activeElement)) this.scroller.focus({ preventScroll: true });
    again.replaceChildren(...(state === "failed" ? this.#againButtons(clientId) : []));
  }

  /** How one photo of an outgoing message fares: a share 0 to 1 while it travels, or what went wrong. */
  setPhoto(clientId, photoId, { share = null, error = null }) {
    const known = this.nodes.get(clientId);
    const frame = known && [...known.node.querySelectorAll(".photo")].find((node) => node.dataset.id === photoId);
    if (!frame) return;
    const bar = frame.querySelector("progress");
    bar.hidden = share === null || share >= 1;
    bar.value = share || 0;
    frame.classList.toggle("error", Boolean(error));
    setText(frame.querySelector("span"), error || "");
  }

  toBottom() {
    this.sticky = true;
    this.batch = null;
    this.newer.hidden = true;
    this.follow();
  }

  /** Keep up with what comes in: show its end, or its beginning where all of it does not fit (first aid first). */
  follow() {
    if (!this.sticky) return;
    const { scroller, batch } = this;
    const end = scroller.scrollHeight - scroller.clientHeight;
    const start = batch ? scroller.scrollTop + this.#above(batch.node) : end;
    scroller.scrollTop = this.welcome.hidden ? Math.max(scroller.scrollTop, Math.min(start, end)) : 0;
  }

  /** How far a message lies below the place where one begins to read, in pixels. */
  #above(node) {
    const margin = parseFloat(getComputedStyle(node).scrollMarginTop);
    return node.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top - margin;
  }

  #begin(node, { from }) {
    if (from === "citizen") this.batch = null;
    else if (this.batch && Date.now() - this.batch.at < BATCH_MS) this.batch.at = Date.now();
    else this.batch = { node, at: Date.now() };
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.sticky = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM_PX;
    if (this.sticky) this.newer.hidden = true;
  }

  #againButtons(clientId) {
    return [button(t("retry"), () => this.on.retry(clientId)), button(t("discard"), () => this.on.discard(clientId))];
  }

  /** Put a message after `previous` (null: first; undefined: last) unless it is on screen; returns its node. */
  #place(message, previous) {
    const key = message.client_id || message.id;
    const known = this.nodes.get(key);
    if (known) {
      known.message = { ...known.message, ...message, id: message.id || known.message.id };
      if (message.id) this.setState(key, "sent");
      return known.node;
    }
    const node = this.#build(message);
    if (previous === undefined) this.log.append(node);
    else if (previous === null) this.log.prepend(node);
    else previous.after(node);
    this.nodes.set(key, { node, message, day: dayOf(message.at), state: null });
    if (message.from === "citizen") this.setState(key, message.id ? "sent" : "sending");
    return node;
  }

  #build(message) {
    const mine = message.from === "citizen";
    const body = mine ? [message.text] : linkify(message.text);
    const bubble = el("div", { class: "bubble" }, this.#sender(message));
    if (message.text) bubble.append(el("p", { class: "text" }, ...body));
    if (message.location) bubble.append(el("p", {}, placeText(message.location)));
    bubble.append(...attachmentNodes(message));
    const meta = el("p", { class: "meta" }, el("time", { datetime: message.at }, timeOf(message.at)));
    if (mine) meta.append(el("span", { class: "state" }), el("span", { class: "again" }));
    return el("div", { class: `msg ${mine ? "mine" : message.from}` }, el("p", { class: "day", hidden: "" }), bubble, meta);
  }

  #sender({ from, sender_name: name }) {
    if (from === "officer" || name) return el("p", { class: "sender" }, name || t("officer_said"));
    return el("span", { class: "unseen" }, t(from === "citizen" ? "you_said" : "bot_said"));
  }

  /** Day lines, the live buttons, the empty state and the scroll position after any change. */
  #refresh() {
    const byNode = new Map([...this.nodes.values()].map((entry) => [entry.node, entry]));
    const entries = [...this.log.children].map((node) => byNode.get(node));
    let day = null;
    for (const { node, day: its } of entries) {
      const line = node.firstChild;
      line.hidden = its === day;
      if (!line.hidden) setText(line, dayName(its));
      day = its;
    }
    this.#refreshChoices(entries.reverse());
    this.welcome.hidden = !this.ready || entries.length > 0;
    this.follow();
  }

  /** Buttons live under the newest bot message only, until one of them has been chosen. */
  #refreshChoices(newestFirst) {
    const entry = newestFirst.find(({ message }) => message.from !== "citizen");
    const labels = ((entry && entry.message.buttons) || []).map(({ label }) => label);
    const after = newestFirst.slice(0, Math.max(newestFirst.indexOf(entry), 0));
    const live = labels.length && !after.some(({ message }) => labels.includes(message.text));
    for (const old of this.log.querySelectorAll(".choices")) {
      if (live && entry.node.contains(old)) continue;
      if (old.contains(document.activeElement)) this.scroller.focus({ preventScroll: true });
      old.remove();
    }
    if (!live || entry.node.querySelector(".choices")) return;
    const group = el("div", { class: "choices", role: "group", "aria-label": t("choices") });
    group.append(...entry.message.buttons.map((choice) => button(choice.label, () => this.on.choose(choice), "choice")));
    entry.node.append(group);
  }
}

const placeText = ({ lat, lon }) => t("location_text", { lat: lat.toFixed(4), lon: lon.toFixed(4) });

function attachmentNodes({ attachments = [], photos = [] }) {
  const frames = photos.length
    ? photos.map(waitingPhoto)
    : attachments.filter(({ kind }) => kind === "photo").map(arrivedPhoto);
  const others = attachments.filter(({ kind }) => kind !== "photo").map(otherFile);
  return [...(frames.length ? [el("div", { class: "photos" }, ...frames)] : []), ...others];
}

function arrivedPhoto({ url }, index) {
  const picture = el("img", { src: url, alt: t("photo_n", { n: index + 1 }), loading: "lazy" });
  const label = t("photo_open", { n: index + 1 });
  return el("div", { class: "photo" }, el("a", { href: url, target: "_blank", rel: "noopener", "aria-label": label }, picture));
}

function waitingPhoto(photo, index) {
  const picture = el("img", { alt: t("photo_n", { n: index + 1 }) });
  showPicture(picture, photo);
  const bar = el("progress", { max: "1", hidden: "", "aria-label": t("uploading", { n: index + 1 }) });
  return el("div", { class: "photo", "data-id": photo.id }, picture, bar, el("span", {}));
}

function otherFile({ kind, url }) {
  if (kind === "voice") return el("audio", { controls: "", src: url, preload: "none", "aria-label": t("voice") });
  return el("p", {}, el("a", { href: url, target: "_blank", rel: "noopener" }, t("file")));
}

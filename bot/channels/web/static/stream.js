// Server-sent events over fetch: unlike EventSource it can send Last-Event-ID on the first connection, never
// gives up after an error answer, and notices a connection that is open but dead.

import { renewSession } from "./api.js";

const SILENCE_MS = 40000; // the server beats every 15 s
const LONGEST_WAIT_MS = 30000;

export class Stream {
  /** `onEvent(name, data)`; `onState("connected" | "reconnecting" | "offline")`. */
  constructor({ onEvent, onState }) {
    this.onEvent = onEvent;
    this.onState = onState;
    this.lastId = null;
    this.running = false;
    this.failures = 0;
    this.abort = null;
    this.skipWait = () => {};
  }

  /** Connect and stay connected; `lastId` is the newest event already known. */
  async start(lastId) {
    if (lastId !== null && lastId !== undefined) this.lastId = lastId;
    if (this.running) return;
    this.running = true;
    while (this.running) {
      await this.#connect().catch(() => null);
      if (!this.running) break;
      this.onState(navigator.onLine === false ? "offline" : "reconnecting");
      await this.#wait();
    }
  }

  /** Hang up, for instance while nobody looks at the page. */
  stop() {
    this.running = false;
    this.drop();
    this.skipWait();
  }

  /** Break the present connection; the loop makes a new one. */
  drop() {
    if (this.abort) this.abort.abort();
  }

  /** Try again now. */
  kick() {
    this.failures = 0;
    this.skipWait();
  }

  #wait() {
    const wait = Math.min(500 * 2 ** this.failures, LONGEST_WAIT_MS) * (0.75 + Math.random() / 2);
    this.failures += 1;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.skipWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #connect() {
    this.abort = new AbortController();
    const headers = { Accept: "text/event-stream" };
    if (this.lastId !== null) headers["Last-Event-ID"] = String(this.lastId);
    let watchdog = setTimeout(() => this.drop(), SILENCE_MS);
    try {
      const options = { headers, signal: this.abort.signal, cache: "no-store", credentials: "same-origin" };
      const response = await fetch("/api/chat/events", options);
      if (response.status === 401 || response.status === 403) await renewSession();
      if (!response.ok || !response.body) throw new Error(`events: ${response.status}`);
      this.failures = 0;
      this.onState("connected");
      await this.#read(response.body.getReader(), () => {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => this.drop(), SILENCE_MS);
      });
    } finally {
      clearTimeout(watchdog);
    }
  }

  async #read(reader, alive) {
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      const blocks = (rest + decoder.decode(value, { stream: true })).replace(/\r\n/g, "\n").split("\n\n");
      rest = blocks.pop();
      blocks.forEach((block) => this.#dispatch(block));
    }
  }

  #dispatch(block) {
    const event = { event: "message", data: [] };
    for (const line of block.split("\n")) {
      const [, field, value] = /^(\w+):? ?(.*)$/.exec(line) || [];
      if (field === "data") event.data.push(value);
      else if (field) event[field] = value;
    }
    if (event.data.length || event.event !== "message") this.onEvent(event.event, event.data.join("\n"));
    if (event.id) this.lastId = event.id; // only after it has been shown
  }
}

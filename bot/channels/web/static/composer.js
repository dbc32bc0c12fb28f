// Where the citizen writes: text with a draft that survives, photos, location.

import { button, byId, el, t } from "./dom.js";
import { MAX_PHOTOS, forget, inspect, keep, showPicture } from "./photos.js";
import { drop, read, uuid, write } from "./store.js";

const DRAFT = "shian.draft";
const PICKED = "shian.picked"; // per tab: two tabs must not both offer the same photos
const LOCATE = { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 };
const COMMIT_MS = 400;
const DENIED = 1;

export class Composer {
  /** `onSend({text, photos, location})`. */
  constructor(onSend) {
    this.onSend = onSend;
    this.text = byId("text");
    this.photos = read(PICKED, "sessionStorage") || [];
    this.location = null;
    this.committed = { at: 0, data: "" };
    this.composing = false;
    this.#listenToText();
    this.#listenToTools();
    this.text.value = read(DRAFT) || "";
    this.#grow();
    this.#showPhotos();
  }

  /** Ids of photos picked and not sent yet. */
  pickedIds() {
    return this.photos.map(({ id }) => id);
  }

  #listenToText() {
    this.text.addEventListener("compositionstart", () => { this.composing = true; });
    this.text.addEventListener("compositionend", (event) => {
      this.composing = false;
      this.committed = { at: Date.now(), data: event.data || "" };
    });
    this.text.addEventListener("input", () => this.#changed());
    this.text.addEventListener("keydown", (event) => this.#key(event));
    window.addEventListener("storage", (event) => this.#otherTab(event));
  }

  #listenToTools() {
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submitByButton();
    });
    // The keyboard of a phone stays open when "send" is touched; while composing, losing focus commits the word.
    byId("send").addEventListener("mousedown", (event) => {
      if (!this.composing && document.activeElement === this.text) event.preventDefault();
    });
    byId("photo").addEventListener("click", () => byId("files").click());
    byId("files").addEventListener("change", (event) => this.#pick(event.target));
    byId("where").addEventListener("click", () => this.#locate());
    byId("place").querySelector("button").addEventListener("click", () => {
      this.#setPlace(null);
      byId("where").focus();
    });
  }

  #key(event) {
    // 229: Safari ends the composition before the key that ended it arrives.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229 || this.composing) return;
    event.preventDefault();
    this.#submit();
  }

  #submitByButton() {
    const justCommitted = Date.now() - this.committed.at < COMMIT_MS && /[a-z]/i.test(this.committed.data);
    if (this.composing || justCommitted) {
      this.#hint(t("composing")); // letters of an unfinished pinyin word, not what was meant
      this.text.focus();
      return;
    }
    this.#submit();
  }

  #submit() {
    const text = this.text.value.trim();
    if (!text && !this.photos.length && !this.location) return this.text.focus();
    this.onSend({ text, photos: this.photos, location: this.location });
    this.text.value = "";
    this.photos = [];
    this.#setPlace(null);
    this.#hint("");
    this.#changed();
    this.#showPhotos();
  }

  #changed() {
    this.#grow();
    if (this.text.value) write(DRAFT, this.text.value);
    else drop(DRAFT);
  }

  /** A draft sent or changed in another tab follows here, unless this tab has words of its own. */
  #otherTab({ key, oldValue, newValue }) {
    if (key !== DRAFT || this.composing || this.text.value !== (JSON.parse(oldValue) || "")) return;
    this.text.value = JSON.parse(newValue) || "";
    this.#grow();
  }

  #grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight + 4}px`;
  }

  #hint(text) {
    byId("hint").textContent = text;
  }

  async #pick(input) {
    const files = [...input.files];
    input.value = "";
    const problems = [];
    for (const file of files) await this.#pickOne(file, problems);
    const over = problems.filter((problem) => problem === "many").length;
    const said = [...new Set(problems.filter((problem) => problem !== "many"))];
    if (over) said.push(t("photo_many", { n: over }));
    this.#hint(said.join("\n"));
    this.#showPhotos();
  }

  async #pickOne(file, problems) {
    const found = await inspect(file).catch(() => ({ problem: "photo_empty" }));
    if (found.problem) return problems.push(t(found.problem, { name: file.name }));
    if (this.photos.length >= MAX_PHOTOS) return problems.push("many");
    const photo = { id: uuid(), name: file.name, size: file.size, error: null };
    this.photos.push(photo);
    const kept = await keep(photo.id, file.slice(0, file.size, found.type));
    if (!kept) problems.push(t("photo_nosave"));
    return null;
  }

  #showPhotos() {
    if (this.photos.length) write(PICKED, this.photos, "sessionStorage");
    else drop(PICKED, "sessionStorage");
    const list = byId("picked");
    list.replaceChildren(...this.photos.map((photo, index) => this.#thumbnail(photo, index)));
    list.hidden = !this.photos.length;
  }

  #thumbnail(photo, index) {
    const picture = el("img", { alt: t("photo_n", { n: index + 1 }) });
    showPicture(picture, photo);
    const remove = button("✕", () => this.#unpick(photo.id));
    remove.setAttribute("aria-label", t("remove_photo", { n: index + 1 }));
    return el("li", {}, picture, remove);
  }

  #unpick(id) {
    this.photos = this.photos.filter((photo) => photo.id !== id);
    forget(id);
    this.#showPhotos();
    (byId("picked").querySelector("button") || byId("photo")).focus();
  }

  #locate() {
    if (!navigator.geolocation || !window.isSecureContext) return this.#hint(t("location_none"));
    this.#hint("");
    this.#setPlace(null, t("locating"));
    const found = ({ coords }) => {
      const place = { lat: coords.latitude, lon: coords.longitude };
      this.#setPlace(place, t("located", { n: Math.ceil(coords.accuracy) }));
    };
    const refused = (error) => {
      this.#setPlace(null);
      this.#hint(t(error.code === DENIED ? "location_denied" : "location_failed"));
    };
    return navigator.geolocation.getCurrentPosition(found, refused, LOCATE);
  }

  #setPlace(location, words = "") {
    this.location = location;
    byId("place").hidden = !words;
    byId("place").querySelector("span").textContent = words;
  }
}

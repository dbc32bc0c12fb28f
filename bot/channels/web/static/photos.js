// Photos: what may be sent, and keeping their bytes in IndexedDB until they have arrived.

export const MAX_PHOTOS = 9;
const MAX_BYTES = 10 * 1024 * 1024;
const ORPHAN_MS = 24 * 3600 * 1000;
const SIGNATURES = [
  ["image/jpeg", /^ffd8ff/],
  ["image/png", /^89504e47/],
  ["image/webp", /^52494646.{8}57454250/],
];

const memory = new Map();
let opening = null;

/** The name of the problem with a file (a key of the words), or null and its true type. */
export async function inspect(file) {
  if (file.size === 0) return { problem: "photo_empty" };
  if (file.size > MAX_BYTES) return { problem: "photo_size" };
  const head = new Uint8Array(await readHead(file));
  const hex = [...head].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const known = SIGNATURES.find(([, pattern]) => pattern.test(hex));
  return known ? { problem: null, type: known[0] } : { problem: "photo_type" };
}

function readHead(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsArrayBuffer(file.slice(0, 12));
  });
}

/** Keep a photo's bytes. True when they will outlive this page. */
export async function keep(id, blob) {
  memory.set(id, blob);
  try {
    await transact("readwrite", (photos) => photos.put({ id, blob, at: Date.now() }));
    return true;
  } catch {
    return false;
  }
}

/** The bytes kept under `id`, or null. */
export async function fetchKept(id) {
  if (memory.has(id)) return memory.get(id);
  try {
    const row = await transact("readonly", (photos) => photos.get(id));
    return row ? row.blob : null;
  } catch {
    return null;
  }
}

export async function forget(id) {
  memory.delete(id);
  try {
    await transact("readwrite", (photos) => photos.delete(id));
  } catch {
    // No database: there was nothing in it.
  }
}

/** A photo that waits comes from this device, one that has arrived from the server. */
export async function showPicture(picture, photo) {
  const blob = await fetchKept(photo.id);
  if (!blob) {
    if (photo.url) picture.src = photo.url;
    return;
  }
  picture.src = URL.createObjectURL(blob);
  picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
}

/** Throw away bytes that nothing refers to any more (the page died between picking and sending). */
export async function sweep(wanted) {
  try {
    const rows = await transact("readonly", (photos) => photos.getAll());
    const old = rows.filter((row) => !wanted.has(row.id) && Date.now() - row.at > ORPHAN_MS);
    await Promise.all(old.map((row) => forget(row.id)));
  } catch {
    // No database, nothing to sweep.
  }
}

function open() {
  opening = opening || new Promise((resolve, reject) => {
    const request = indexedDB.open("shian", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("photos", { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function transact(mode, act) {
  const transaction = (await open()).transaction("photos", mode);
  const request = act(transaction.objectStore("photos"));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

// localStorage that still works, for the life of the page, where the browser refuses it (private mode, full disk).

const memory = new Map();

export function read(key, area = "localStorage") {
  if (memory.has(key)) return memory.get(key);
  try {
    return JSON.parse(window[area].getItem(key));
  } catch {
    return null;
  }
}

export function write(key, value, area = "localStorage") {
  try {
    window[area].setItem(key, JSON.stringify(value));
    memory.delete(key);
  } catch {
    memory.set(key, value);
  }
}

export function drop(key, area = "localStorage") {
  memory.delete(key);
  try {
    window[area].removeItem(key);
  } catch {
    // Storage is refused altogether: memory was all there was.
  }
}

export function keysFrom(prefix) {
  const found = new Set([...memory.keys()].filter((key) => key.startsWith(prefix)));
  try {
    for (const key of Object.keys(window.localStorage)) if (key.startsWith(prefix)) found.add(key);
  } catch {
    // As above.
  }
  return [...found];
}

/** A random UUID; crypto.randomUUID exists only on https pages. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// The server's side of the chat: one function per call, failures sorted into what to do about them.

import { t } from "./dom.js";

const CALL_MS = 30000;
const UPLOAD_MS = 180000;

/** kind: network (no answer), busy (try later), session (cookie gone), rejected (never as it is). */
export class ApiError extends Error {
  constructor(kind, message = "", retryAfter = 0) {
    super(message);
    this.kind = kind;
    this.retryAfter = retryAfter;
  }
}

const KINDS = { 0: "network", 401: "session", 403: "session", 408: "busy", 425: "busy", 429: "busy" };

function check(status, body) {
  if (status >= 200 && status < 300) return body;
  const kind = KINDS[status] || (status >= 500 ? "busy" : "rejected");
  const said = body && typeof body.error === "string" ? body.error : t("rejected");
  throw new ApiError(kind, said, Number(body && body.retry_after) || 0);
}

async function call(path, body) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), CALL_MS);
  const options = { signal: abort.signal, cache: "no-store", credentials: "same-origin" };
  if (body) {
    options.method = "POST";
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  try {
    const response = await fetch(path, options);
    return check(response.status, parse(await response.text()));
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError("network");
  } finally {
    clearTimeout(timer);
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const history = () => call("/api/chat/history");
export const postMessage = (message) => call("/api/chat/messages", message);
export const setLocale = (locale) => call("/api/chat/locale", { locale });

/** Opening the page sets the session cookie: do that again when the server no longer knows us. */
export const renewSession = () => call("/");

/** Send one photo; `onProgress` is told the share sent, 0 to 1. XHR because fetch cannot report it. */
export function upload(id, blob, name, onProgress) {
  const form = new FormData();
  form.append("client_id", id);
  form.append("file", blob, name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/chat/attachments");
    request.timeout = UPLOAD_MS;
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onloadend = () => {
      try {
        resolve(check(request.status, parse(request.responseText)));
      } catch (error) {
        reject(error);
      }
    };
    request.send(form);
  });
}

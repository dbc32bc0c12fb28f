// Building page nodes and words. Text only ever enters the page as text nodes.

let strings = {};

/** Read the words of the page's language, put there by the template as JSON. */
export function loadStrings(node) {
  strings = JSON.parse(node.textContent);
}

/** The Chinese words for `key` (without its js_), with {name} filled in from `values`. */
export function t(key, values = {}) {
  const text = strings[`js_${key}`] || key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export const byId = (id) => document.getElementById(id);

/** An element with attributes and children; strings become text nodes, null children are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** A button that is never a submit button. */
export function button(label, onClick, className = "") {
  const node = el("button", { type: "button", class: className }, label);
  node.addEventListener("click", onClick);
  return node;
}

/** Change the words of a node only where they differ: a live region repeats what is set again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Addresses end at the first character that is not ASCII: in Chinese the sentence goes on without a space.
const LINK = /(?:https?:\/\/|www\.)[!#-&(-;=?-~]+|\/api\/contest\/certificate\/[\w-]+\.png|1(?:20|2315|2345)(?![\w-]|\.\d)/g;
// A number among letters, digits or prices is no phone number ("XB-120", "120元"), unless the sentence says to call it.
const TOUCHES = /[\w.\-¥￥$]$/;
const CALL = /(?:打|拨|撥|电话|電話|急救|热线|熱線|平台|平臺)\s*$/;
const COUNTED = /^\s*[元块塊克斤个個份人只袋箱瓶吨噸米平毫公千万萬%％℃年月日天号號]/;

/** Nodes for `text` with addresses and the three public numbers made into links. */
export function linkify(text) {
  const nodes = [];
  let done = 0;
  for (const match of text.matchAll(LINK)) {
    const link = makeLink(match[0], text.slice(0, match.index), text.slice(match.index + match[0].length));
    if (!link) continue;
    nodes.push(text.slice(done, match.index), link);
    done = match.index + link.textContent.length;
  }
  nodes.push(text.slice(done));
  return nodes;
}

function makeLink(found, before, after) {
  if (/^[hw]/.test(found)) {
    const url = found.replace(/[.,;:!?)\]]+$/, "");
    const href = url.startsWith("www") ? `https://${url}` : url;
    return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, url);
  }
  if (found.startsWith("/")) return el("a", { href: found, target: "_blank", rel: "noopener" }, found);
  if (TOUCHES.test(before) || (COUNTED.test(after) && !CALL.test(before))) return null;
  return el("a", { href: `tel:${found}` }, found);
}

const ZONE = "Asia/Shanghai";
const clock = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const date = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, year: "numeric", month: "long", day: "numeric" });
const DAY_MS = 86400000;

/** Hours and minutes in China. */
export const timeOf = (iso) => clock.format(new Date(iso));

/** The day in China. */
export const dayOf = (iso) => date.format(new Date(iso));

/** What to call that day: today, yesterday or its date. */
export function dayName(day) {
  if (day === date.format(new Date())) return t("today");
  return day === date.format(new Date(Date.now() - DAY_MS)) ? t("yesterday") : day;
}

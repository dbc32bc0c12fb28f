// Things a page without scripts cannot do: notice that an alert came in while it stood open, keep an
// impatient second click from sending a form twice, and count an audience while it is being ticked.
"use strict";

const EVERY = 10_000;

function guardForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
}

// A full-screen alarm, over whatever stands on the page; what was typed there stays.
function raiseAlarm(banner) {
  if (!document.title.startsWith("⚠")) document.title = `⚠ ${document.title}`;
  if (document.querySelector("[data-alarm-page]")) return location.reload();
  banner.hidden = false;
  const dialog = document.querySelector("[data-alarm]");
  if (dialog && !dialog.open) dialog.showModal();
}

async function lookForAlerts(seen, banner) {
  try {
    const answer = await fetch("/console/alerts.json", { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    const { newest } = await answer.json();
    if (newest <= seen.newest) return;
    seen.newest = newest;
    raiseAlarm(banner);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // offline: the next look may succeed
  }
}

function watchAlerts() {
  const bar = document.querySelector("[data-newest]");
  const banner = document.querySelector("[data-newer]");
  if (!bar) return;
  const seen = { newest: Number(bar.dataset.newest) };
  setInterval(() => lookForAlerts(seen, banner), EVERY);
}

// The campaign form: only the fields of the chosen kind, and how many people the ticks reach.
function watchAudience() {
  const form = document.querySelector("[data-count]");
  if (!form) return;
  const reach = form.querySelector("[data-reach]");
  const update = async () => {
    const kind = form.elements.kind.value;
    for (const part of form.querySelectorAll("[data-kind]")) part.hidden = part.dataset.kind !== kind;
    const ticks = new URLSearchParams();
    for (const { name, checked, type } of form.elements) if (type === "checkbox" && checked) ticks.set(name, "1");
    try {
      const answer = await fetch(`${form.dataset.count}?${ticks}`);
      if (answer.ok && !answer.redirected) reach.textContent = (await answer.json()).text;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // offline: the next tick may succeed
    }
  };
  form.addEventListener("change", update);
  update();
}

guardForms();
watchAlerts();
watchAudience();

// Two things a page without scripts cannot do: notice that an alert came in while it stood open,
// and keep an impatient second click from sending a form twice.
"use strict";

const EVERY = 30_000;

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

async function lookForAlerts(known, banner) {
  if (document.hidden) return;
  try {
    const answer = await fetch("/console/alerts.json", { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    const { newest } = await answer.json();
    if (newest > known) banner.hidden = false;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // offline: the next look may succeed
  }
}

function watchAlerts() {
  const bar = document.querySelector("[data-newest]");
  const banner = document.querySelector("[data-newer]");
  if (!bar || !banner) return;
  const known = Number(bar.dataset.newest);
  setInterval(() => lookForAlerts(known, banner), EVERY);
}

guardForms();
watchAlerts();

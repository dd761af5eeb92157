"use strict";
/* Keeps the draft of an answer while it is typed, and when the page is left. The form works without it. */

const AFTER = 3000; // ms
let timer = 0;
let saving = null; // what is on its way to be kept
let leaving = false; // the form itself is on its way: it carries all that was typed

const form = () => document.getElementById("reponse");
/** Fields of the draft; the files go with the form alone. */
const typed = () => {
  const data = new FormData(form());
  data.delete("piece");
  return new URLSearchParams(data);
};

async function keep() {
  let told;
  try {
    const response = await fetch(form().dataset.autosave, { method: "POST", body: typed(), signal: AbortSignal.timeout(10_000) });
    const answer = await response.json();
    told = answer.garde ?? answer.refus;
  } catch {
    told = "Brouillon non gardé : le réseau ne répond pas.";
  }
  const place = document.getElementById("garde");
  if (place) place.textContent = told ?? "";
}

function save() {
  timer = 0;
  if (!form() || leaving) return;
  if (saving) { timer = setTimeout(save, AFTER); return; }
  saving = keep().finally(() => { saving = null; });
}

document.addEventListener("input", (event) => {
  if (event.target.id === "texte" && form() && !timer && !leaving) timer = setTimeout(save, AFTER);
});

document.addEventListener("submit", async (event) => {
  if (event.target.id !== "reponse") return;
  clearTimeout(timer);
  timer = 0;
  if (leaving || !saving) { leaving = true; return; }
  // A draft that is being kept must not come after what the form does to it.
  event.preventDefault();
  const { submitter } = event;
  await saving;
  event.target.requestSubmit(submitter);
});

addEventListener("pagehide", () => {
  if (timer && !leaving) navigator.sendBeacon(form().dataset.autosave, typed());
});

// Shown again as it was: what is typed now is kept again. The server refuses it when the answer has gone.
addEventListener("pageshow", () => { leaving = false; });

"use strict";
/* Keeps the draft of an answer while it is typed, and when the page is left. The form works without it. */

const AFTER = 3000; // ms
let timer = 0;
let known = "";

const form = () => document.getElementById("reponse");
/** Fields of the draft; the files go with the form alone. */
const typed = () => {
  const data = new FormData(form());
  data.delete("piece");
  return new URLSearchParams(data);
};

async function save() {
  timer = 0;
  const here = form();
  if (!here?.dataset.autosave) return;
  const sent = typed();
  if (sent.get("texte") === known) return;
  const place = document.getElementById("garde");
  try {
    const response = await fetch(here.dataset.autosave, { method: "POST", body: sent });
    const told = await response.json();
    place.textContent = told.garde ?? told.refus ?? "";
    if (response.ok) known = sent.get("texte");
  } catch {
    place.textContent = "Brouillon non gardé : le réseau ne répond pas.";
  }
}

document.addEventListener("input", (event) => {
  if (event.target.id !== "texte" || !form()?.dataset.autosave) return;
  if (!timer) timer = setTimeout(save, AFTER);
});

document.addEventListener("submit", (event) => {
  // What is sent by the form is not saved again beside it.
  if (event.target.id === "reponse") { clearTimeout(timer); timer = 0; }
});

addEventListener("pagehide", () => {
  if (timer) navigator.sendBeacon(form().dataset.autosave, typed());
});

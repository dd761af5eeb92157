"use strict";
/* Keeps what is being typed in, in this tab alone, until it is stored: a session that ends or a link that breaks loses nothing. */

const DRAFT = "ecoute.saisie";
const entry = document.getElementById("saisie");

if (document.getElementById("enregistre")) sessionStorage.removeItem(DRAFT);

if (entry) {
  const typed = () => [...new FormData(entry)].filter(([, value]) => typeof value === "string");
  const empty = ["texte", "objet", "nom", "courriel", "telephone", "adresse"].every((name) => !entry.elements[name].value);
  const draft = JSON.parse(sessionStorage.getItem(DRAFT) || "null");
  // A page that comes back with an error holds the newest words already.
  if (draft && empty && !("kept" in entry.dataset)) {
    for (const [name, value] of draft) entry.elements[name].value = value;
    document.getElementById("brouillon").hidden = false;
  }
  entry.addEventListener("input", () => sessionStorage.setItem(DRAFT, JSON.stringify(typed())));
}

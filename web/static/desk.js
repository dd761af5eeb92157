"use strict";
/* The console's live part. Everything also works without it, by reloading the page. What visitors write is only ever set as text. */

const title = document.title;
const waiting = document.getElementById("attente");

/** Who waits, in the menu and in the title; asking also tells that this agent is there. */
async function look() {
  try {
    const response = await fetch("/console/conversations/etat", { headers: { Accept: "application/json" }, redirect: "error" });
    const { waiting: count, unanswered } = await response.json();
    const parts = [count ? `${count} en attente` : "", unanswered ? `${unanswered} sans réponse` : ""].filter(Boolean);
    const told = parts.length ? `(${parts.join(", ")})` : "";
    if (waiting.textContent !== told) waiting.textContent = told;
    document.title = told ? `${told} ${title}` : title;
  } catch { /* the network is away, or the session is over: the next look tells */ }
}
if (waiting) {
  look();
  setInterval(look, 5000);
}

const thread = document.getElementById("fil");
if (thread) {
  const { source, state } = thread.dataset;
  const typing = document.getElementById("ecrit");
  const answer = document.getElementById("texte");
  const form = document.getElementById("reponse");
  const draft = "ecoute.brouillon." + source;
  let last = Number(thread.dataset.last);
  thread.scrollTop = thread.scrollHeight;

  const show = (message) => {
    if (message.id <= last) return;
    last = message.id;
    const bubble = document.createElement("div");
    bubble.className = "said " + message.author;
    for (const [name, text] of [["hint", `${message.who}, ${message.at}`], ["words", message.text || "Formulaire proposé."]]) {
      const line = document.createElement("p");
      line.className = name;
      line.textContent = text;
      bubble.append(line);
    }
    const low = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
    thread.append(bubble);
    if (low) thread.scrollTop = thread.scrollHeight;
  };

  const events = new EventSource(`${source}/evenements?after=${last}`);
  events.addEventListener("message", (event) => show(JSON.parse(event.data)));
  events.addEventListener("state", (event) => {
    const told = JSON.parse(event.data);
    typing.textContent = told.typing ? "La personne écrit." : "";
    if (told.state !== state) location.reload();
  });

  if (form) {
    if (!answer.value) answer.value = sessionStorage.getItem(draft) || "";
    let told = 0;
    answer.addEventListener("input", () => {
      sessionStorage.setItem(draft, answer.value);
      if (Date.now() - told < 3000) return;
      told = Date.now();
      fetch(`${source}/ecrit`, { method: "POST" }).catch(() => {});
    });
    answer.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const text = answer.value.trim();
      if (!text) return;
      try {
        const response = await fetch(form.action, { method: "POST", body: new URLSearchParams({ texte: text }) });
        if (!response.ok) throw new Error();
        answer.value = "";
        sessionStorage.removeItem(draft);
      } catch {
        form.submit();  // the page that comes back says what is wrong, with the draft in it
      }
      answer.focus();
    });
  }
}

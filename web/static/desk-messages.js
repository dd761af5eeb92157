"use strict";
/* The desk's live part: keys, actions without reloading, news told and never forced. Everything works without it. */

const OFF = "ecoute.touches.non";
const main = document.getElementById("contenu");
let stream = null;
let waiting = false; // "g" was pressed

for (const one of document.querySelectorAll("[data-script]")) one.hidden = false;

/** Sets text only when it changes: a status is read again each time that it is set. */
function tell(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

/** Opens what hides a field. */
const unfold = (field) => { const fold = field.closest("details"); if (fold) fold.open = true; };

/** Fields that hold what nobody has sent yet, those of `sent` left out. */
const unsent = (sent) =>
  [...main.querySelectorAll("textarea[id], input[type=file][id]")].filter(
    (field) => field.form !== sent && (field.type === "file" ? field.files.length : field.value !== field.defaultValue));

/** Puts the page that an action leads to in place of this one; the focus stays where it was, and so does what was being typed. */
function show(page, address, sent) {
  const held = document.activeElement?.id;
  const kept = unsent(sent);
  document.title = page.title;
  main.replaceChildren(...page.getElementById("contenu").childNodes);
  for (const field of kept) {
    const place = document.getElementById(field.id);
    if (!place) continue;
    if (field.type === "file") place.replaceWith(field);
    else place.value = field.value;
    unfold(document.getElementById(field.id));
  }
  history.replaceState(null, "", address);
  for (const one of main.querySelectorAll("[data-script]")) one.hidden = false;
  // A status that comes with its page is not read: its words are told apart.
  tell(document.getElementById("dit"), document.querySelector("#fait p")?.textContent ?? "");
  (document.getElementById(held) || main).focus({ preventScroll: Boolean(held) });
  listen();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  // Only what is done to messages: other pages of the console have their own ways.
  const ours = /^\/console\/(actions|messages|filtres)(\/|$)/.test(new URL(form.action).pathname);
  if (form.method !== "post" || !main.contains(form) || !ours || form.id === "reponse") return;
  event.preventDefault();
  const sent = new URLSearchParams(new FormData(form));
  if (event.submitter?.name) sent.append(event.submitter.name, event.submitter.value);
  try {
    const response = await fetch(form.action, { method: "POST", body: sent });
    if (!response.ok) throw new Error();
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const same = new URL(response.url).pathname === location.pathname;
    if (!same) { location.assign(response.url); return; }
    show(page, response.url, form);
  } catch {
    form.submit(); // the page that comes says what is wrong
  }
});

/** Live news of this page. */
function listen() {
  stream?.close();
  const source = document.querySelector("[data-live]");
  if (!source) return;
  stream = new EventSource(source.dataset.live);
  stream.addEventListener("etat", (event) => {
    const told = JSON.parse(event.data);
    if (source.id === "liste") {
      news(told);
    } else {
      const names = told.ouverts.join(", ");
      tell(document.getElementById("presence"), [names && `Déjà ouvert par ${names}.`, told.repond && `${told.repond} répond en ce moment.`].filter(Boolean).join(" "));
    }
  });
}

function news(told) {
  const place = document.getElementById("nouveaux");
  if (told.nouveaux && place.dataset.shown !== String(told.nouveaux)) {
    place.dataset.shown = told.nouveaux;
    const link = document.createElement("a");
    link.href = location.href;
    const many = told.nouveaux >= 100 ? "Plus de 99" : told.nouveaux;
    link.textContent = told.nouveaux > 1 ? `${many} nouveaux messages, afficher` : "1 nouveau message, afficher";
    place.replaceChildren(link);
  }
  for (const count of document.querySelectorAll("[data-count]")) {
    const [what, ...name] = count.dataset.count.split(":");
    tell(count, String((what === "vue" ? told.vues : told.files)[name.join(":")] ?? 0));
  }
  for (const row of document.querySelectorAll("[data-reference]")) {
    const names = told.ouverts[row.dataset.reference];
    tell(row.querySelector(".open-by"), names ? `Déjà ouvert par ${names.join(", ")}` : "");
  }
}

addEventListener("pagehide", () => {
  const left = document.querySelector("[data-leave]");
  if (left) navigator.sendBeacon(left.dataset.leave);
  stream?.close();
});

/* Keys. */
const dialog = document.getElementById("touches");
const active = document.getElementById("touches-actives");
if (active) {
  active.checked = !localStorage.getItem(OFF);
  active.addEventListener("change", () => (active.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  document.getElementById("raccourcis").addEventListener("click", () => dialog.showModal());
}

/** Whether what is typed goes somewhere. */
const typing = (target) => target.matches("textarea, select, [contenteditable], input:not([type=checkbox]):not([type=radio])");

const links = () => [...document.querySelectorAll(".mails h2 a")];

/** Moves the focus from message to message of the list. */
function step(by) {
  const all = links();
  if (!all.length) return false;
  const row = document.activeElement.closest?.(".mails > li");
  const at = row ? all.findIndex((link) => row.contains(link)) : by > 0 ? -1 : all.length;
  all[Math.max(0, Math.min(all.length - 1, at + by))].focus();
  return true;
}

/** An action on the message of the list that has the focus. */
function actOnRow(value) {
  const row = document.activeElement.closest?.(".mails > li");
  if (!row) return false;
  const all = links();
  const next = all[all.findIndex((link) => row.contains(link)) + 1];
  for (const box of document.querySelectorAll("#lot input[name=m]")) box.checked = row.contains(box);
  const after = next?.getAttribute("href");
  document.querySelector(`#lot button[value="${value}"]`).click();
  if (after) afterShow = () => [...links()].find((link) => link.getAttribute("href") === after)?.focus();
  return true;
}
let afterShow = null;
new MutationObserver(() => { const work = afterShow; if (work) { afterShow = null; setTimeout(work, 0); } }).observe(main, { childList: true });

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (!active || typing(event.target) || dialog.open) return;
  const key = event.key;
  if (!active.checked && key !== "?") return;
  if (waiting) {
    waiting = false;
    if (key === "f") { event.preventDefault(); goToQueues(); return; }
  }
  if (pressed(key)) event.preventDefault();
});

function pressed(key) {
  if (key === "?") { dialog.showModal(); return true; }
  if (key === "g") { waiting = true; setTimeout(() => { waiting = false; }, 1500); return true; }
  if (key === "/") { const field = document.getElementById("q"); field?.focus(); field?.select(); return Boolean(field); }
  const button = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
  if (button) { if (button.matches("textarea")) { unfold(button); button.focus(); } else button.click(); return true; }
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  if (key === "o") { const row = document.activeElement.closest?.(".mails > li"); row?.querySelector("h2 a").click(); return Boolean(row); }
  if (key === "i") { const box = document.activeElement.closest?.(".mails > li")?.querySelector("input"); box?.click(); return Boolean(box); }
  if (key === "e") return actOnRow("clore");
  if (key === "a") return actOnRow("prendre");
  return false;
}

function goToQueues() {
  const files = document.getElementById("files");
  if (!files) return;
  // On a narrow screen the queues are a page of their own.
  if (files.offsetParent === null) { location.assign("/console"); return; }
  (files.querySelector("[aria-current]") || files.querySelector("a")).focus();
}

/* Ticks. */
main.addEventListener("change", (event) => {
  const boxes = [...document.querySelectorAll("#lot input[name=m]")];
  if (!boxes.length) return;
  if (event.target.id === "tout") for (const box of boxes) box.checked = event.target.checked;
  const count = boxes.filter((box) => box.checked).length;
  tell(document.getElementById("coches"), count ? `${count} message${count > 1 ? "s" : ""} coché${count > 1 ? "s" : ""}` : "");
});

listen();

// The preview of an answer follows what is typed. Without script, a button does it.
const form = document.getElementById("contenu-forme");
const preview = document.getElementById("apercu");
let waiting = 0;
let asked = 0;

async function refresh() {
  const turn = ++asked;
  const typed = new FormData(form);
  typed.set("geste", "apercu");
  try {
    const answer = await fetch(form.action, { method: "POST", body: typed });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("apercu");
    if (fresh && turn === asked) preview.replaceChildren(...fresh.childNodes);
  } catch {
    // The button is still there.
  }
}

form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 400);
});

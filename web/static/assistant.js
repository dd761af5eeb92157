"use strict";
/*
 * <ecoute-assistant>: the automatic assistant of a Region, on any page, by one script tag.
 * No dependency, no cookie: the conversation's token stays in sessionStorage, for this tab only.
 * What the server says is only ever written as text, never as HTML.
 */
function ecouteAssistant(service) {
  const base = new URL(document.currentScript.src).origin;
  const TOKEN = "ecoute.token";
  const OPEN = "ecoute.open";
  const AUTHORS = { user: "Vous", bot: "Assistant automatique", agent: "Agent", system: "Information" };
  const STATES = { done: "fait", current: "en cours", todo: "à venir" };
  const SAID = { waiting: "Vous attendez un agent.", agent: "Un agent vous répond.", bot: "", closed: "" };
  const TYPING = "L'agent écrit.";
  const UNSENT = "Vos réponses ne sont pas parties. Elles sont gardées ici. Vérifiez votre connexion, puis renvoyez-les.";
  const ERASING = "La conversation n'a pas pu être effacée. Vérifiez votre connexion, puis réessayez.";
  const LOST = "Votre message n'est pas parti. Il est gardé ci-dessous. Vérifiez votre connexion, puis renvoyez-le.";
  const tel = "tel:" + service.phone.replace(/\s/g, "");

  const STYLE = service.tokens + `
    :host { all: initial; font: 1rem/1.5 var(--font); color: var(--ink); color-scheme: light dark; }
    *, *::before, *::after { box-sizing: border-box; }
    [hidden] { display: none !important; }
    :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
    button, textarea, input { font: inherit; color: inherit; }
    button { min-height: 44px; padding: 6px 16px; border: 1px solid var(--primary); border-radius: var(--radius); font-weight: 600; cursor: pointer;
      color: var(--primary); background: var(--surface); text-align: start; overflow-wrap: anywhere; }
    button:hover { text-decoration: underline; }
    .main { color: var(--on-primary); background: var(--primary); }
    .launcher { position: fixed; inset-inline-end: 16px; bottom: 16px; z-index: 2147483000; padding-inline: 20px; box-shadow: 0 2px 8px #0005; }
    .panel { position: fixed; inset-inline-end: 16px; bottom: 16px; z-index: 2147483000; width: min(26rem, calc(100vw - 32px)); height: min(44rem, calc(100dvh - 32px));
      display: flex; flex-direction: column; overflow: auto; background: var(--paper); border: 1px solid var(--control); border-radius: var(--radius);
      box-shadow: 0 4px 24px #0005; }
    .top { display: flex; gap: 8px; align-items: center; justify-content: space-between; padding: 8px 16px; background: var(--surface); }
    .top button { flex: none; }
    h2 { margin: 0; font-size: 1.2rem; line-height: 1.3; }
    h3 { margin: 0 0 4px; font-size: 1rem; }
    p { margin: 0 0 4px; overflow-wrap: anywhere; white-space: pre-line; }
    a { color: var(--primary); text-underline-offset: 3px; overflow-wrap: anywhere; }
    .phone { white-space: nowrap; }
    .people { padding: 0 16px 8px; background: var(--surface); border-bottom: 1px solid var(--line); font-size: 0.9rem; }
    .people ul { display: flex; flex-wrap: wrap; gap: 0 16px; margin: 0; padding: 0; list-style: none; }
    .people a { display: inline-block; padding-block: 4px; }
    .scroll { flex: 1 0 9rem; overflow-y: auto; padding: 12px 16px; }
    @media (min-height: 30rem) { .scroll { flex-shrink: 1; } }
    .message { position: relative; margin-bottom: 12px; max-width: 92%; }
    .bot + .bot, .agent + .agent { margin-top: -8px; }
    .bot + .bot .who, .agent + .agent .who { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    .who { color: var(--muted); font-size: 0.85rem; }
    .body { padding: 8px 12px; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); }
    .body > :last-child { margin-bottom: 0; }
    .user { margin-inline-start: auto; width: fit-content; }
    .user .body { background: var(--primary-soft); border-color: var(--primary); }
    .system .body { border-inline-start: 6px solid var(--accent); }
    .choices { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px; }
    dl { margin: 0 0 8px; }
    dt { color: var(--muted); font-size: 0.9rem; }
    dd { margin: 0 0 4px; font-weight: 600; }
    ol, .list { margin: 0 0 8px; padding-inline-start: 20px; }
    [aria-current] { font-weight: 700; }
    summary { cursor: pointer; padding-block: 8px; }
    .source { color: var(--muted); font-size: 0.85rem; }
    .status { color: var(--muted); font-size: 0.9rem; min-height: 1.5em; padding-inline: 16px; margin: 0; }
    .alert { margin: 0; padding: 8px 16px; background: var(--surface); border-inline-start: 6px solid var(--negatif); }
    form { padding: 8px 16px 12px; background: var(--surface); border-top: 1px solid var(--line); }
    .message form { padding: 8px 0 0; border: 0; }
    label { display: block; font-weight: 600; }
    textarea, input { display: block; width: 100%; margin-block: 4px; padding: 8px; background: var(--surface); border: 1px solid var(--control); border-radius: var(--radius); }
    textarea { resize: none; field-sizing: content; min-height: 44px; max-height: 8rem; }
    .entry { display: grid; grid-template-columns: 1fr auto; gap: 0 8px; align-items: end; }
    .entry button { margin-block: 4px; }
    [aria-invalid="true"] { border: 2px solid var(--negatif); }
    fieldset { margin: 0 0 8px; padding: 0; border: 0; }
    legend { padding: 0; font-weight: 600; }
    .option { display: flex; gap: 8px; align-items: baseline; padding-block: 4px; font-weight: 400; }
    .option input { width: auto; margin: 0; flex: none; }
    .link { min-height: 24px; padding: 0; font-size: 0.85rem; border: 0; background: none; text-decoration: underline; font-weight: 400; }
    .foot { display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; justify-content: space-between; }
    .hint { color: var(--muted); font-size: 0.85rem; }
    .over { color: var(--negatif); font-weight: 700; }
    @media (max-width: 30rem), (max-height: 30rem) { #hint { display: none; } }
    @media (max-width: 30rem) { .panel { inset: 0; width: auto; height: auto; border: 0; border-radius: 0; } }
    @media (prefers-contrast: more) { :host { --line: currentColor; --muted: var(--ink); } .panel, .body { border-width: 2px; } }
    @media print { :host { display: none; } }
  `;

  /** Makes an element. `given`: its properties, or attributes for names with a dash and `role`. Children: elements or texts. */
  function make(name, given, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(given || {})) {
      if (value === null || value === undefined) continue;
      if (key.includes("-") || key === "role" || key === "for") element.setAttribute(key, value);
      else element[key] = value;
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  /** A link, when its address is of the web or of this site; else its label only. */
  function makeLink(label, url) {
    const text = String(label || url || "");
    const wanted = String(url || "");
    try {
      const target = new URL(wanted, base + "/");
      if (["http:", "https:"].includes(target.protocol)) return make("a", { href: target.href, rel: "noopener", textContent: text });
    } catch { /* not an address: the label is told without a link */ }
    return make("span", { textContent: text });
  }

  function remember(key, value) {
    try {
      if (value === null) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, value);
    } catch { /* storage refused: the conversation lasts as long as the page */ }
  }

  function recall(key) {
    try { return sessionStorage.getItem(key); } catch { return null; }
  }

  /** Refused by the server; the text is for the user. */
  class Refused extends Error {
    constructor(status, told) {
      super(typeof told.detail === "string" ? told.detail : LOST);
      this.status = status;
      this.told = told;
    }
  }

  async function call(method, path, body) {
    const response = await fetch(base + "/api/conversations" + path, {
      method, credentials: "omit", signal: AbortSignal.timeout(20000),
      headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body),
    });
    const told = await response.json().catch(() => ({}));
    if (!response.ok) throw new Refused(response.status, told);
    return told;
  }

  // What each type of message looks like. `say(text)` sends a message in the user's name.
  const RENDER = {
    text: (m) => paragraphs(m.text),
    choices: (m, say) => [...paragraphs(m.text), choices(m.choices, say)],
    link: (m) => [makeLink(m.label, m.url)],
    form,
    card: (m) => card(m),
  };

  function list(value) { return Array.isArray(value) ? value : []; }

  function paragraphs(text) { return text ? [make("p", null, ...linked(String(text)))] : []; }

  /** The text with its web addresses, e-mail addresses and phone numbers as links. */
  function linked(text) {
    const found = /(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])|([\w.+-]+@[\w-]+(?:\.[\w-]+)+)|(\b0\d(?:[ .\u00a0]\d\d){4}\b)/g;
    const parts = [];
    let at = 0;
    for (const match of text.matchAll(found)) {
      const [whole, url, mail] = match;
      const target = url || (mail ? "mailto:" + mail : "tel:" + whole.replace(/\D/g, ""));
      parts.push(text.slice(at, match.index), make("a", { href: target, rel: "noopener", textContent: whole, className: url || mail ? "" : "phone" }));
      at = match.index + whole.length;
    }
    return [...parts, text.slice(at)];
  }

  function choices(given, say) {
    const buttons = list(given).map((choice) => make("button", { type: "button", textContent: choice.label, onclick: () => say(String(choice.message)) }));
    return make("div", { className: "choices" }, ...buttons);
  }

  let forms = 0;

  /** A form: its fields, then what is wrong with them if the server says so. Once sent, it is told and cannot be sent again. */
  function form(m, _say, submit) {
    const heading = make("h3", { textContent: m.label || "Formulaire" });
    if (m.answered) return [heading, make("p", { className: "source", textContent: "Formulaire envoyé." })];
    const number = ++forms;
    const fields = list(m.fields).map((given) => field(given, `f${number}-${given.name}`));
    const alert = make("p", { role: "alert", className: "over" });
    const body = make("form", { noValidate: true }, ...fields.map((one) => one.element), alert,
      make("button", { className: "main", textContent: m.submit || "Envoyer" }));
    body.onsubmit = async (event) => {
      event.preventDefault();
      if (body.inert) return;
      alert.textContent = "";
      for (const one of fields) one.wrong("");
      body.inert = true;
      try {
        await submit(m.name, Object.fromEntries(fields.map((one) => [one.name, one.value()])));
        body.replaceWith(make("p", { className: "source", textContent: "Formulaire envoyé." }));
      } catch (error) {
        body.inert = false;
        const errors = (error.told && error.told.errors) || {};
        const first = fields.filter((one) => one.wrong(errors[one.name] || ""))[0];
        if (first) first.focus();
        else alert.textContent = error instanceof Refused ? error.message : UNSENT;
      }
    };
    return [...paragraphs(m.text), heading, body];
  }

  /** One field, with its label, its hint and its error tied to it. */
  function field(given, id) {
    const hint = given.hint ? make("span", { id: id + "-aide", className: "hint", textContent: given.hint }) : null;
    const error = make("span", { id: id + "-erreur", className: "over" });
    const described = [hint && hint.id, error.id].filter(Boolean).join(" ");
    const common = { id, required: Boolean(given.required), "aria-describedby": described };
    const label = given.label + (given.required ? "" : " (facultatif)");
    let inputs, element;
    if (given.kind === "radio") {
      inputs = list(given.options).map((option, n) => make("input", { ...common, id: `${id}-${n}`, type: "radio", name: id, value: option.value }));
      const lines = inputs.map((input, n) => make("label", { className: "option" }, input, given.options[n].label));
      element = make("fieldset", null, make("legend", { textContent: label }), hint, ...lines, error);
    } else if (given.kind === "checkbox") {
      inputs = [make("input", { ...common, type: "checkbox", checked: Boolean(given.value) })];
      element = make("div", null, make("label", { className: "option" }, inputs[0], given.label), hint, error);
    } else {
      const area = given.kind === "textarea";
      const email = given.kind === "email" ? { autocomplete: "email", inputMode: "email" } : {};
      inputs = [make(area ? "textarea" : "input", { ...common, ...(area ? { rows: 3 } : { type: "text" }), ...email, value: given.value || "" })];
      element = make("div", null, make("label", { for: id, textContent: label }), inputs[0], hint, error);
    }
    return {
      element, name: given.name,
      value: () => given.kind === "radio" ? (inputs.find((input) => input.checked) || {}).value || "" : given.kind === "checkbox" ? inputs[0].checked : inputs[0].value,
      focus: () => inputs[0].focus(),
      wrong: (text) => {
        error.textContent = text;
        for (const input of inputs) input.setAttribute("aria-invalid", String(Boolean(text)));
        return Boolean(text);
      },
    };
  }

  function card(m) {
    const facts = list(m.facts).flatMap((f) => [make("dt", { textContent: f.label }), make("dd", { textContent: f.value })]);
    const steps = list(m.steps).map((s) =>
      make("li", { "aria-current": s.state === "current" ? "step" : null, textContent: `${s.label} (${STATES[s.state] || STATES.todo})` }));
    const links = list(m.links).map((l) => make("p", null, makeLink(l.label, l.url)));
    const source = m.source ? make("p", { className: "source" }, "Source : ", makeLink(m.source.label, m.source.url)) : null;
    return [
      make("h3", { textContent: m.title }), ...paragraphs(m.purpose),
      steps.length ? make("ol", null, ...steps) : null, facts.length ? make("dl", null, ...facts) : null,
      ...list(m.details).map(fold), ...links, source,
      m.checked ? make("p", { className: "source", textContent: `Vérifié le ${m.checked}` }) : null,
      m.notice ? make("p", { className: "source", textContent: m.notice }) : null,
    ];
  }

  function fold(detail) {
    const items = list(detail.items).map((item) => make("li", { textContent: item }));
    const inside = items.length ? make("ul", { className: "list" }, ...items) : make("p", { textContent: detail.text || "" });
    return make("details", { open: Boolean(detail.open) }, make("summary", { textContent: detail.label }), inside);
  }

  class Assistant extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      this.lang = "fr";
      this.seen = new Set();
      this.last = 0;
      this.token = recall(TOKEN);
      this.build();
      if (recall(OPEN)) this.open(false);
    }

    disconnectedCallback() { this.stopListening(); }

    build() {
      const root = this.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
      this.launcher = make("button", { type: "button", className: "launcher main", textContent: "Poser une question", "aria-expanded": "false", "aria-controls": "panel" });
      this.launcher.onclick = () => this.open(true);
      this.past = make("div", { id: "past" });
      // The history stands outside the log: only what is new is announced.
      this.log = make("div", { role: "log", "aria-live": "polite", "aria-label": "Nouveaux messages" });
      this.scroller = make("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": "Conversation" }, this.past, this.log);
      this.status = make("p", { className: "status", role: "status" });
      this.alert = make("div", { role: "alert" });
      this.panel = make("section", { id: "panel", className: "panel", hidden: true, role: "dialog", "aria-labelledby": "title" },
        this.buildHeader(), this.buildPeople(), this.scroller, this.status, this.alert, this.buildForm());
      this.panel.onkeydown = (event) => { if (event.key === "Escape" && !event.isComposing) { event.stopPropagation(); this.close(); } };
      root.append(this.launcher, this.panel);
    }

    buildHeader() {
      const close = make("button", { type: "button", textContent: "Fermer", onclick: () => this.close() });
      return make("div", { className: "top" }, make("h2", { id: "title", textContent: "Assistant automatique" }), close);
    }

    buildPeople() {
      const phone = make("a", { href: tel, className: "phone", textContent: service.phone });
      const note = service.phoneNote ? ` (${service.phoneNote})` : "";
      const mail = make("a", { href: "mailto:" + service.email, textContent: "Écrire un e-mail" });
      return make("div", { className: "people", role: "group", "aria-label": "Parler à une personne" },
        make("ul", null, make("li", null, "Une personne : ", phone, note), make("li", null, mail), make("li", null, makeLink("Donner un avis", "/avis"))));
    }

    buildForm() {
      this.input = make("textarea", { id: "question", rows: 1, "aria-describedby": "hint counter", "enterkeyhint": "send" });
      this.counter = make("span", { id: "counter", className: "hint" });
      const send = make("button", { className: "main", textContent: "Envoyer" });
      const hint = make("span", { id: "hint", className: "hint", textContent: "Entrée envoie, Maj + Entrée va à la ligne." });
      const erase = make("button", { type: "button", className: "link", textContent: "Effacer la conversation", onclick: () => this.erase() });
      const form = make("form", null, make("label", { for: "question", textContent: "Votre question" }),
        make("div", { className: "entry" }, this.input, send), make("div", { className: "foot" }, hint, this.counter, erase));
      this.input.oninput = () => { this.count(); this.tellTyping(); };
      this.input.onkeydown = (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); }
      };
      form.onsubmit = (event) => { event.preventDefault(); this.submit(); };
      this.count();
      return form;
    }

    count() {
      const over = this.input.value.trim().length > service.maxLength;
      this.counter.textContent = `${this.input.value.length} / ${service.maxLength.toLocaleString("fr-FR")} caractères`;
      this.counter.classList.toggle("over", over);
      this.input.setAttribute("aria-invalid", String(over));
      return over;
    }

    open(byUser) {
      this.panel.hidden = false;
      this.launcher.hidden = true;
      this.launcher.setAttribute("aria-expanded", "true");
      remember(OPEN, "1");
      if (byUser) this.input.focus();
      if (!this.loaded) { this.loaded = true; this.loadHistory(); }
    }

    close() {
      this.panel.hidden = true;
      this.launcher.hidden = false;
      this.launcher.setAttribute("aria-expanded", "false");
      remember(OPEN, null);
      this.launcher.focus();
    }

    async loadHistory() {
      const welcome = { type: "choices", author: "bot", text: service.welcome, choices: service.choices };
      this.past.append(this.render(welcome));
      if (!this.token) return;
      try {
        const told = await call("GET", `/${this.token}/messages`);
        for (const message of told.messages) this.show(message, this.past);
        this.scroller.scrollTop = this.scroller.scrollHeight;
        this.standAs(told.state);
      } catch (error) {
        if (error.status === 404) this.forget();
        else this.warn("La conversation d'avant ne s'affiche pas pour le moment. Vous pouvez poser une nouvelle question.");
      }
    }

    forget() {
      this.token = null;
      remember(TOKEN, null);
    }

    submit() {
      const text = this.input.value.trim();
      if (this.busy) return;
      if (!text) return this.warn("Votre message est vide. Écrivez votre question, puis envoyez-la.", true);
      if (this.count()) return this.warn(`Votre message est trop long. Raccourcissez-le à ${service.maxLength.toLocaleString("fr-FR")} caractères au plus.`, true);
      this.input.value = "";
      this.count();
      this.say(text);
    }

    async say(text) {
      if (this.busy) return;
      this.busy = true;
      this.warn("");
      this.status.textContent = "Réponse en cours.";
      const bubble = this.render({ type: "text", author: "user", text });
      this.log.append(bubble);
      this.scrollTo(bubble);
      try {
        const told = await this.send(text);
        if (told.state === "erased") return this.wipe(told.messages);
        this.standAs(told.state, told.messages.length ? "" : "Message transmis à l'agent.");
        for (const message of told.messages) this.show(message, this.log);
        // A long answer is read from its question on.
        this.scrollTo(bubble);
      } catch (error) {
        bubble.remove();
        if (!this.input.value) this.input.value = text;
        this.count();
        this.status.textContent = "";
        this.warn(error instanceof Refused ? error.message : LOST);
      } finally {
        this.busy = false;
      }
    }

    /** Sends in the present conversation; begins one when there is none, or when it has been erased since or has grown too long. */
    async send(text) {
      for (const last of [false, true]) {
        if (!this.token) {
          this.token = (await call("POST", "")).token;
          remember(TOKEN, this.token);
        }
        try {
          return await call("POST", `/${this.token}/messages`, { text });
        } catch (error) {
          if (![404, 409].includes(error.status) || last) throw error;
          this.forget();
        }
      }
    }

    /** Says who speaks. An agent writes when he can: the line stays open for what comes. The bot answers at once: no line is needed. */
    standAs(state, told) {
      this.state = state;
      this.status.textContent = told || SAID[state] || "";
      if (state !== "waiting" && state !== "agent") return this.stopListening();
      if (this.events) return;
      this.events = new EventSource(`${base}/api/conversations/${this.token}/events?after=${this.last}`);
      this.events.addEventListener("message", (event) => {
        const message = JSON.parse(event.data);
        if (message.author !== "user") this.scrollTo(this.show(message, this.log));
      });
      this.events.addEventListener("state", (event) => {
        const now = JSON.parse(event.data);
        if (now.state === "erased") return this.wipe([]);
        this.standAs(now.state, now.typing ? TYPING : "");
      });
    }

    /** Tells the agent that something is being written. */
    tellTyping() {
      if (this.state !== "agent" || Date.now() - (this.toldTyping || 0) < 3000) return;
      this.toldTyping = Date.now();
      fetch(`${base}/api/conversations/${this.token}/typing`, { method: "POST", credentials: "omit" }).catch(() => {});
    }

    async submitForm(name, values) {
      const told = await call("POST", `/${this.token}/forms/${name}`, { values });
      for (const message of told.messages) this.scrollTo(this.show(message, this.log));
      this.standAs(told.state);
    }

    async erase() {
      if (!this.token) return this.wipe([{ type: "text", author: "system", text: "Il n'y a pas de conversation à effacer." }]);
      try {
        this.wipe((await call("DELETE", `/${this.token}`)).messages);
      } catch (error) {
        this.warn(error instanceof Refused ? error.message : ERASING);
      }
    }

    /** Nothing of the conversation stays on the screen nor in the browser. */
    wipe(messages) {
      this.stopListening();
      this.forget();
      this.past.replaceChildren();
      this.log.replaceChildren(...messages.map((message) => this.render(message)));
      this.last = 0;
      this.seen.clear();
      this.state = "bot";
      this.status.textContent = "";
      this.input.focus();
    }

    stopListening() {
      if (this.events) this.events.close();
      this.events = null;
    }

    show(message, place) {
      if (this.seen.has(message.id)) return null;
      this.seen.add(message.id);
      this.last = Math.max(this.last, message.id);
      const bubble = this.render(message);
      place.append(bubble);
      return bubble;
    }

    render(message) {
      const draw = RENDER[message.type] || RENDER.text;
      const author = AUTHORS[message.author] ? message.author : "system";
      const parts = draw(message, (text) => this.say(text), (name, values) => this.submitForm(name, values)).filter(Boolean);
      const who = AUTHORS[author] + (author === "agent" && message.name ? ` : ${message.name}` : "");
      return make("div", { className: "message " + author }, make("div", { className: "who", textContent: who }), make("div", { className: "body" }, ...parts));
    }

    scrollTo(bubble) { if (bubble) this.scroller.scrollTop = bubble.offsetTop - this.scroller.offsetTop - 8; }

    /** Tells an error; none when `text` is empty. `wrong`: the field has to be mended. */
    warn(text, wrong) {
      this.alert.replaceChildren(...(text ? [make("p", { className: "alert", textContent: text })] : []));
      if (wrong) this.input.focus();
    }
  }

  if (!customElements.get("ecoute-assistant")) customElements.define("ecoute-assistant", Assistant);
  if (!document.querySelector("ecoute-assistant")) document.body.append(document.createElement("ecoute-assistant"));
}

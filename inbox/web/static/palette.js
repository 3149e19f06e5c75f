/* The palette (Ctrl or Cmd and K): whatever this page offers, by its name, and the conversations that a
   search finds. It presses the page's own buttons and follows its own links: nothing is listed twice. */

const MOST = 6; // conversations
const REST_MS = 200; // after the last key, before the server is asked

const find = (selector) => document.querySelector(selector);
let offered = []; // {group, name, also: what else it is called, more, icon, go}
let found = [];
let at = 0, asked = 0, asking = false;

export function startPalette() {
  const palette = find("#palette");
  if (!palette) return;
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    palette.togglePopover();
  });
  palette.addEventListener("beforetoggle", (event) => { if (event.newState === "open") collect(); });
  palette.addEventListener("toggle", (event) => { if (event.newState === "open") find("#palette-field").focus(); });
  find("#palette-field").addEventListener("input", onInput);
  find("#palette-field").addEventListener("keydown", onKey);
  find("#palette-list").addEventListener("click", (event) => press(event.target.closest("[role=option]")));
  find("#palette-list").addEventListener("pointermove", (event) => select(event.target.closest("[role=option]")));
}

/* What the page offers now. The thumb bar and the rail lead to the same places: each is named once. */
function collect() {
  find("#palette-field").value = "";
  found = [];
  asking = false;
  const groups = { acts: ".th-tools :is(button, a)", views: "#views a", places: ".rail-item, #me a.menu-item, #palette-more a, #me .menu-form .choice-item" };
  const seen = new Set();
  offered = Object.entries(groups).flatMap(([group, selector]) => [...document.querySelectorAll(selector)]
    .map((source) => ({ group, source, name: nameOf(source), also: source.dataset.also ?? "", icon: source.querySelector("svg.i") }))
    .filter(({ source, name }) => {
      const key = source.closest("#palette-more") ? name : source.getAttribute("href") ?? name;
      return name && !source.matches(".th-back") && !seen.has(key) && seen.add(key);
    })
    .map(({ source, ...rest }) => ({ ...rest, more: source.matches(".choice-item") ? rest.also : "", go: () => source.click() })));
  show();
}

/* Its title says more than its words; a count, or its key, is no part of a name. */
function nameOf(source) {
  if (source.title) return source.title.replace(/ \(.\)$/, "");
  const words = source.cloneNode(true);
  words.querySelectorAll(".count, .late-count, .avatar, kbd").forEach((part) => part.remove());
  return words.textContent.trim();
}

function onInput() {
  const words = find("#palette-field").value.trim();
  found = [];
  asking = words !== "";
  show();
  clearTimeout(asked);
  if (asking) asked = setTimeout(() => ask(words), REST_MS);
}

/* The list as a search shows it; a wrong filter finds nothing here, and says why in the list itself. */
async function ask(words) {
  const answer = await fetch(`/?q=${encodeURIComponent(words)}`, { headers: { "HX-Request": "true", "Replydesk-Live": "1" } }).catch(() => null);
  const text = answer?.ok && !answer.redirected ? await answer.text() : "";
  if (find("#palette-field").value.trim() !== words) return; // more has been typed
  asking = false;
  const page = new DOMParser().parseFromString(text, "text/html");
  found = [...page.querySelectorAll(".row-link")].slice(0, MOST).map((row) => ({
    group: "found",
    name: row.querySelector(".row-who bdi").textContent,
    more: row.querySelector(".row-text").textContent,
    icon: row.querySelector(".row-ch svg"),
    go: () => { location.href = row.getAttribute("href"); },
  }));
  show();
}

function show() {
  const words = find("#palette-field").value.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = [...offered.filter(({ name, also }) => words.every((word) => `${name} ${also}`.toLowerCase().includes(word))), ...found];
  const list = find("#palette-list"), none = find(".palette-none");
  list.replaceChildren(...["acts", "views", "places", "found"].map((group) => groupOf(group, fitting, list.dataset[group])).filter(Boolean));
  none.textContent = fitting.length ? "" : asking ? none.dataset.asking : none.dataset.none;
  select(list.querySelector("[role=option]"));
}

function groupOf(group, fitting, title) {
  const ours = fitting.filter((one) => one.group === group);
  if (!ours.length) return null;
  const box = element("div", "palette-group", "");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", title);
  const head = element("p", "palette-title", title);
  head.setAttribute("aria-hidden", "true");
  box.append(head, ...ours.map((one, place) => optionOf(one, `palette-${group}-${place}`)));
  return box;
}

function optionOf({ name, more, icon, go }, id) {
  const option = element("div", "palette-option", "");
  option.id = id;
  option.setAttribute("role", "option");
  if (icon) option.append(icon.cloneNode(true));
  option.append(element("bdi", "palette-name", name), element("bdi", "palette-more", more));
  option.go = go;
  return option;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

const options = () => [...find("#palette-list").querySelectorAll("[role=option]")];

function select(option) {
  const all = options();
  if (option) at = all.indexOf(option);
  all.forEach((one) => one.setAttribute("aria-selected", one === option));
  if (option) find("#palette-field").setAttribute("aria-activedescendant", option.id);
  else find("#palette-field").removeAttribute("aria-activedescendant");
}

function onKey(event) {
  if (event.isComposing) return;
  const all = options();
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by && all.length) {
    event.preventDefault();
    select(all[(at + by + all.length) % all.length]);
    all[at].scrollIntoView({ block: "nearest" });
  }
  if (event.key === "Enter") {
    event.preventDefault(); // the words that were being written get no line break
    press(all[at]);
  }
}

/* The palette shuts first: what it presses may open a dialog of its own. */
function press(option) {
  if (!option) return;
  find("#palette").hidePopover();
  option.go();
}

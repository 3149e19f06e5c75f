/* Canned answers in the composer: "/" at the start of a word, or the button, opens their list; typing
   filters it, arrows move, Enter inserts, Escape closes. A "/" that was meant as one (50 / 50, /var/log)
   takes nothing: what was typed behind it goes into the answer. Without this the button asks the server. */

const find = (selector) => document.querySelector(selector);
const OPENER = /(^|\s)\/$/, BEGUN = /(^|\s)\/(\S*)$/;
const BRACES = /\{([\p{L}_][\p{L}\p{N}_]*)\}/gu;

let loaded = null; // the form for which the list was fetched
let typed = false; // whether a "/" stands before the cursor that an insertion replaces

export function startPicks() {
  document.addEventListener("input", (event) => {
    if (event.target.id === "composer-text") { onWords(event); sayBraces(); }
    if (event.target.id === "picks-find") onFind();
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  document.addEventListener("pointermove", (event) => {
    const pick = event.target.closest?.(".pick");
    if (pick && pick.getAttribute("aria-selected") !== "true") choose(pick);
  });
  document.addEventListener("htmx:after:swap", sayBraces);
  sayBraces();
}

function onWords(event) {
  const field = event.target;
  if (!field.value.trim()) find("#canned").value = "";
  if (event.isComposing || !event.inputType?.startsWith("insert")) return;
  if (OPENER.test(before(field))) open(true);
}

const before = (field) => field.value.slice(0, field.selectionStart);

/* A space right after the slash, or after words that no answer has, says that prose goes on. */
function onFind() {
  filter();
  const words = find("#picks-find").value;
  if (typed && (words.startsWith(" ") || (words.endsWith(" ") && !find(".pick:not([hidden])")))) close();
}

async function open(slash) {
  const box = find("#picks"), list = find("#picks-list"), field = find("#picks-find");
  if (!box) return;
  typed = slash;
  if (loaded !== box) {
    const answer = await fetch(box.dataset.from, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) return;
    list.innerHTML = await answer.text(); // our own template: every value in it is escaped
    loaded = box;
  }
  const begun = slash ? BEGUN.exec(before(find("#composer-text")))?.[2] : "";
  if (begun === undefined) return; // prose went on while the list was fetched
  box.hidden = false;
  field.value = takeBack(begun.length);
  filter();
  field.focus();
}

/* The last letters before the cursor, which then stand in the answer no more. */
function takeBack(length) {
  const field = find("#composer-text"), at = field.selectionStart, taken = before(field).slice(at - length);
  if (length) field.setRangeText("", at - length, at, "end");
  return taken;
}

function close() {
  if (!hide()) return;
  find("#composer-text").focus();
}

/* The list is gone, and what was typed behind a slash stands in the answer. False if it was not open. */
function hide() {
  const box = find("#picks"), field = find("#composer-text"), search = find("#picks-find");
  if (!box || box.hidden) return false;
  box.hidden = true;
  if (typed && search.value) {
    field.setRangeText(search.value, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  typed = false;
  return true;
}

/* A shortcut that is typed whole comes first; the others keep the order of what fits best. */
function filter() {
  const words = find("#picks-find").value.trim().replace(/^\//, "").toLowerCase();
  const picks = [...document.querySelectorAll(".pick")];
  for (const pick of picks) pick.hidden = !pick.textContent.toLowerCase().includes(words);
  const shown = picks.filter((pick) => !pick.hidden);
  find("#picks-empty").hidden = !picks.length || shown.length > 0;
  find("#picks-first").hidden = picks.length > 0;
  choose(shown.find((pick) => pick.dataset.shortcut === words) ?? shown[0]);
}

function choose(pick) {
  document.querySelectorAll('.pick[aria-selected="true"]').forEach((one) => one.setAttribute("aria-selected", "false"));
  pick?.setAttribute("aria-selected", "true");
  pick?.scrollIntoView({ block: "nearest" });
  find("#picks-find").setAttribute("aria-activedescendant", pick?.id ?? "");
}

function onKey(event) {
  if (event.target.id !== "picks-find" || event.isComposing) return;
  const shown = [...document.querySelectorAll(".pick:not([hidden])")];
  const here = shown.findIndex((pick) => pick.getAttribute("aria-selected") === "true");
  const keys = {
    ArrowDown: () => choose(shown[(here + 1) % shown.length]),
    ArrowUp: () => choose(shown[(here - 1 + shown.length) % shown.length]),
    Enter: () => shown[here] && insert(shown[here]),
    Escape: close,
    Backspace: () => { takeSlash(); close(); },
  };
  if (event.key === "Backspace" && event.target.value) return;
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
}

function onClick(event) {
  const pick = event.target.closest(".pick");
  if (pick) return insert(pick);
  const fitting = event.target.closest("[data-canned]"); // of the playbook beside the conversation
  if (fitting) {
    event.preventDefault();
    if (location.hash === "#side") location.hash = "#thread"; // where the side is a drawer
    return insert(fitting);
  }
  if (event.target.closest("#picks-open")) {
    event.preventDefault();
    if (find("#picks").hidden) open(false); else close();
  } else if (!event.target.closest("#picks")) hide();
}

function takeSlash() {
  const field = find("#composer-text"), at = field.selectionStart;
  if (typed && field.value[at - 1] === "/") field.setRangeText("", at - 1, at, "end");
  typed = false;
}

function insert(pick) {
  const field = find("#composer-text");
  takeSlash();
  const at = field.selectionStart, gap = /\S$/.test(before(field)) ? "\n" : "";
  field.setRangeText(gap + pick.dataset.text, at, field.selectionEnd, "end");
  find("#canned").value = pick.dataset.id ?? pick.dataset.canned;
  close();
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const open = BRACES.exec(field.value);
  BRACES.lastIndex = 0;
  if (open) field.setSelectionRange(open.index, open.index + open[0].length);
}

/* Names what has no value yet, before the server would. */
function sayBraces() {
  const note = find("#braces"), field = find("#composer-text");
  if (!note || !field) return;
  const names = [...new Set([...field.value.matchAll(BRACES)].map((found) => found[0]))];
  note.hidden = names.length === 0;
  note.querySelector("span").textContent = note.dataset.words.replace("{names}", names.join(", "));
}

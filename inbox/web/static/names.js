/* Completing @names in a note: the list below the words offers colleagues, arrow keys and Enter or a
   click take one. Without a script the list is simply read. */

const find = (selector) => document.querySelector(selector);
const NAME = /(?:^|[^\w@.])@([\w.+-]*)$/;
let chosen = 0;

export function startNames() {
  document.addEventListener("input", (event) => { if (event.target.dataset?.names) offer(event.target); });
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("mousedown", (event) => { if (pointed(event)) event.preventDefault(); }); // the words keep the focus
  document.addEventListener("click", onPick);
  document.addEventListener("focusout", (event) => { if (event.target.dataset?.names) shut(); });
}

const writesNote = (field) => field.form.elements.mode.value === "note";
const shown = () => [...document.querySelectorAll("#note-names.is-open [data-handle]")].filter((one) => !one.hidden);

function typed(field) {
  if (!field.dataset?.names || !writesNote(field)) return null;
  return NAME.exec(field.value.slice(0, field.selectionStart))?.[1].toLowerCase() ?? null;
}

function offer(field) {
  const list = find("#note-names"), start = typed(field);
  if (!list || start === null) return shut();
  for (const one of list.querySelectorAll("[data-handle]")) {
    one.hidden = ![one.dataset.handle, one.textContent.toLowerCase()].some((text) => text.includes(start));
  }
  list.classList.add("is-open");
  mark(0);
}

function shut() {
  find("#note-names")?.classList.remove("is-open");
}

function mark(at) {
  const all = shown();
  if (!all.length) return shut();
  chosen = (at + all.length) % all.length;
  all.forEach((one, place) => one.setAttribute("aria-selected", String(place === chosen)));
  all[chosen].scrollIntoView({ block: "nearest" });
}

function onKey(event) {
  const all = shown();
  if (!all.length || event.isComposing || event.ctrlKey || event.metaKey || typed(event.target) === null) return;
  if (event.key === "ArrowDown") mark(chosen + 1);
  else if (event.key === "ArrowUp") mark(chosen - 1);
  else if (event.key === "Enter" || event.key === "Tab") take(event.target, all[chosen]);
  else if (event.key === "Escape") shut();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

const pointed = (event) => event.target.closest("#note-names.is-open [data-handle]");

function onPick(event) {
  const one = pointed(event), field = document.activeElement;
  if (one && typed(field) !== null) take(field, one);
}

function take(field, one) {
  const end = field.selectionStart, start = end - typed(field).length;
  field.setRangeText(`${one.dataset.handle} `, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  shut();
}

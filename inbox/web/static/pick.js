/* Choosing rows of the list: x, or their box; with shift all between this and the last one. */

const find = (selector) => document.querySelector(selector);
const boxes = () => [...document.querySelectorAll(".row-pick input")];
const chosen = new Set();
let last = null;

export function startPick() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.(".row-pick input");
    if (box) take(box, event.shiftKey);
  });
  document.addEventListener("reset", (event) => {
    if (event.target.id === "picked") setTimeout(() => { chosen.clear(); show(); });
  });
  document.addEventListener("htmx:after:swap", show);
  window.addEventListener("pageshow", () => { for (const box of boxes()) if (box.checked) chosen.add(box.value); show(); });
}

function onKey(event) {
  if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select") || find("[popover]:popover-open")) return;
  const row = document.activeElement?.closest(".row") ?? find(".row-link[aria-current]")?.closest(".row");
  const box = row?.querySelector(".row-pick input");
  if (!box) return;
  event.preventDefault();
  box.checked = !box.checked;
  take(box, event.shiftKey);
}

/* With shift, every row from the last choice to this one gets this one's state. */
function take(box, range) {
  const all = boxes(), from = all.findIndex((one) => one.value === last), to = all.indexOf(box);
  const some = range && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
  for (const one of some) if (box.checked) chosen.add(one.value); else chosen.delete(one.value);
  last = box.value;
  show();
}

/* The list is refreshed under one's hands: what was chosen stays chosen while its row is there. */
function show() {
  const bar = find("#picked-many");
  if (!bar) return;
  const here = boxes();
  for (const box of here) box.checked = chosen.has(box.value);
  const many = here.filter((box) => box.checked).length;
  bar.textContent = bar.dataset.words.replace("{n}", new Intl.NumberFormat(document.documentElement.lang).format(many));
}

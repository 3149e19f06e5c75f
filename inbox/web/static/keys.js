/* The keyboard: j k Enter r n a e s / t i ? Escape, arrows within the list. Keys never fire while words are
   typed or a dialog is open. */

const find = (selector) => document.querySelector(selector);
let pressed = null; // what had the focus when a step in the pane was made

export function startKeys() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("toggle", focusInside, true);
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (ctx.target?.id === "pane") pressed = document.activeElement;
  });
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.target?.id === "pane") focusAgain();
  });
}

/* The pane is new, and the button that was pressed is gone: the focus goes to its successor, to words that
   were refused, else to the conversation, so that the next Tab or key begins there. */
function focusAgain() {
  if (!pressed || pressed.isConnected || document.activeElement !== document.body) return;
  const again = pressed.matches(".th-owner") ? find(".th-owner") : pressed.closest("#composer") && find("#composer-text[aria-invalid]");
  (again || find("#thread"))?.focus({ preventScroll: true });
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing || find("[popover]:popover-open")) return;
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") return void escape(typing);
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = event.target.matches(".row-link") && STEPS[event.key];
  if (step) return void (move(step), event.preventDefault());
  const act = KEYS[event.key];
  if (act && act() !== false) event.preventDefault();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  r: () => write(),
  "/": () => search(),
  t: () => open("#tags"),
  a: () => press(".th-owner"),
  e: () => press(".th-resolve"),
  n: () => note(),
  s: () => open("#aside"),
  m: () => open("#macros"),
  i: () => aside(),
  z: () => press("[data-key=z]"),
  "?": () => open("#help"),
};

const STEPS = { ArrowDown: 1, ArrowUp: -1, End: Infinity, Home: -Infinity };

/* The row with the focus, else the open one; from there one on or back among those that show. */
function move(by) {
  const rows = [...document.querySelectorAll(".row-link")].filter((row) => row.checkVisibility());
  const here = rows.findIndex((row) => row === document.activeElement);
  const from = here >= 0 ? here : rows.findIndex((row) => row.matches("[aria-current]"));
  const row = rows[from < 0 ? 0 : Math.min(Math.max(from + by, 0), rows.length - 1)];
  if (!row) return false;
  row.focus({ focusVisible: true });
}

/* While another conversation opens, the words wait for its form: the old one is someone else's. */
function write() {
  if (find(".row-link.htmx-request")) document.addEventListener("htmx:after:swap", writeWhenOpen);
  else if (find("#composer-text")) find("#composer-text").focus();
  else return false;
}

/* The composer takes a note next, without a hand on the mouse. */
function note() {
  const mode = find("#composer [name=mode][value=note]");
  if (!mode) return false;
  mode.checked = true;
  mode.dispatchEvent(new Event("change", { bubbles: true }));
  find("#composer-text").focus();
}

function writeWhenOpen(event) {
  if (!event.detail.ctx.sourceElement.matches(".row-link")) return; // a live change, not the opening
  document.removeEventListener("htmx:after:swap", writeWhenOpen);
  find("#composer-text")?.focus();
}

function search() {
  const field = find("#find");
  if (!field?.checkVisibility()) return false;
  field.focus();
  field.select();
}

function press(selector) {
  const button = find(selector);
  if (!button) return false;
  button.click();
}

function open(selector) {
  const popover = find(selector);
  if (!popover) return false;
  popover.showPopover();
}

/* The side panel is a drawer on narrow screens: open while the address ends in #side. */
function aside() {
  if (!find(".th-about")?.checkVisibility()) return false;
  location.hash = location.hash === "#side" ? "#thread" : "#side";
}

function escape(typing) {
  if (location.hash === "#side") location.hash = "#thread";
  else if (typing) (find(".row-link[aria-current]") ?? find("#thread"))?.focus();
}

/* A dialog starts where it says, else at its chosen option, else at its first moment or field. */
function focusInside(event) {
  if (event.newState !== "open" || !event.target.matches(".dialog")) return;
  const first = ["[autofocus]", "[type=radio]:checked", ".aside-time:enabled, input:not([type=hidden])"].map((one) => event.target.querySelector(one)).find(Boolean);
  first?.focus();
}

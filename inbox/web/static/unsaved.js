/* What was typed into a settings form and is not saved: leaving the page asks (the browser's own
   question), a dialog that a stray click shut says so and opens again. Nothing is asked of a form that
   nobody touched, or that stands again as it was. What is shown is never stored in the browser. */

const SENT = "unsaved"; // the address of the form that was sent last, until the page after it is here
const find = (selector) => document.querySelector(selector);
const touched = new Set();

export function startUnsaved() {
  takeBack();
  for (const kind of ["input", "change"]) document.addEventListener(kind, ({ target }) => {
    if (target.form?.matches?.(".sheet form[method=post]")) touched.add(target.form);
  });
  document.addEventListener("submit", (event) => { if (!event.defaultPrevented) letGo(event.target); });
  document.addEventListener("reset", (event) => touched.delete(event.target));
  document.addEventListener("toggle", onShut, true);
  document.addEventListener("click", onPress);
  window.addEventListener("beforeunload", (event) => { if (unsaved().length) event.preventDefault(); });
}

/** This form's words go along to the next page. */
export function letGo(form) {
  if (!touched.delete(form)) return;
  if (form.method === "post") sessionStorage.setItem(SENT, form.action);
}

/* A page that answers a form directly (a refusal, a preview) shows its words again: they are still not
   saved. What was saved leads on to another page. */
function takeBack() {
  const sent = sessionStorage.getItem(SENT), [came] = performance.getEntriesByType("navigation");
  sessionStorage.removeItem(SENT);
  if (!sent || came?.type !== "navigate" || came.redirectCount) return;
  const form = [...document.querySelectorAll(".sheet form[method=post]")].find(({ action }) => action === sent);
  if (!form) return;
  form.dataset.unsaved = "";
  touched.add(form);
}

const unsaved = () => [...touched].filter((form) => form.isConnected && (form.dataset.unsaved === "" || [...form.elements].some(isChanged)));

function isChanged(field) {
  if (field.disabled || field.type === "hidden" || !field.name) return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.type === "file") return field.files.length > 0;
  if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== isAtFirst(option, field));
  return "defaultValue" in field && field.tagName !== "OUTPUT" && field.value !== field.defaultValue;
}

/* A choice of one stands on its first option where none is marked. */
function isAtFirst(option, { options, multiple }) {
  const marked = [...options].some((one) => one.defaultSelected);
  return marked || multiple ? option.defaultSelected : option.index === 0;
}

/* The dialog that was shut with words in it. */
function onShut({ target, newState }) {
  const note = find("#unsaved");
  if (!note || !target.matches?.(".sheet .dialog")) return;
  const form = unsaved().find((one) => target.contains(one));
  if (newState === "open" && note.dataset.dialog === target.id) note.hidden = true;
  if (newState !== "closed" || !form) return;
  note.dataset.dialog = target.id;
  note.querySelector("bdi").textContent = target.querySelector("h2").textContent;
  note.hidden = false;
}

function onPress({ target }) {
  const note = find("#unsaved"), button = target.closest?.("#unsaved button");
  if (!button) return;
  note.hidden = true;
  const dialog = document.getElementById(note.dataset.dialog);
  if (button.value === "open") dialog.showPopover();
  else dialog.querySelectorAll("form").forEach((form) => form.reset());
}

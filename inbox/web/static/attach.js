/* Files that go along with an answer: chosen, dropped or pasted; shown, and taken away again. They
   stay with their conversation while the page lives; the server checks them again and decides. */

const find = (selector) => document.querySelector(selector);
const chosen = new Map(); // by conversation; its input always holds the same files

export function startAttach() {
  document.addEventListener("change", (event) => {
    if (event.target.id === "composer-files") add(event.target.form, event.target.files);
    if (event.target.name === "mode" && event.target.form?.id === "composer") showFiles();
    if (event.target.name === "kept") changed();
  });
  document.addEventListener("paste", (event) => {
    if (event.target.id === "composer-text" && take(event.clipboardData)) event.preventDefault();
  });
  for (const name of ["dragenter", "dragover"]) document.addEventListener(name, onDrag);
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) lift(false); });
  document.addEventListener("drop", onDrop);
  document.addEventListener("click", onRemove);
  document.addEventListener("htmx:after:request", onAnswer);
  document.addEventListener("htmx:after:swap", showFiles);
  window.addEventListener("beforeunload", (event) => { if (chosen.size) event.preventDefault(); });
  document.addEventListener("submit", (event) => {
    if (event.target.id === "composer" && !event.defaultPrevented) chosen.clear(); // the page goes
  });
  if (composer()) add(composer(), find("#composer-files").files); // chosen before this began
}

/** Whether files go along with the answer that is being written. */
export const hasFiles = () => find(".chosen-file:not(:has([name=kept]:not(:checked)))") !== null;

/** Whether one of them cannot go out this way. */
export const hasWrongFile = () => find(".chosen-file.is-wrong") !== null;

const composer = () => find("form#composer:has(#composer-files)");
const filesOf = (form) => chosen.get(form.dataset.draft) ?? [];

function add(form, files) {
  if (!files.length) return set(form, filesOf(form)); // the picker was shut without a choice
  const known = new Set(filesOf(form).map(nameOf));
  set(form, [...filesOf(form), ...[...files].filter((file) => !known.has(nameOf(file)))]);
}

const nameOf = (file) => `${file.name}|${file.size}|${file.lastModified}`;

function set(form, files) {
  if (files.length) chosen.set(form.dataset.draft, files);
  else chosen.delete(form.dataset.draft);
  showFiles();
}

function take(data) {
  const form = composer();
  if (!form || !data?.files.length) return false;
  add(form, data.files);
  return true;
}

/* Dropped anywhere on the conversation: a near miss must not make the browser leave the page. */
function onDrag(event) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  const here = Boolean(composer() && event.target.closest?.("#thread"));
  event.dataTransfer.dropEffect = here ? "copy" : "none";
  lift(here);
}

function onDrop(event) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  lift(false);
  if (event.target.closest("#thread") && take(event.dataTransfer)) find("#composer-text").focus();
}

const lift = (on) => composer()?.classList.toggle("is-dropping", on);

function onRemove(event) {
  const row = event.target.closest(".chosen-file"), form = composer();
  if (!form || !row || !event.target.closest("button")) return;
  set(form, filesOf(form).filter((file) => nameOf(file) !== row.dataset.file));
  find("#composer-text").focus();
}

/* An answer of the server: the files are with it, sent or kept in the form that comes back. */
function onAnswer(event) {
  const { sourceElement, response } = event.detail.ctx;
  if (sourceElement?.id === "composer" && response.status < 500) chosen.delete(sourceElement.dataset.draft);
}

/* The list and the input say the same; the way that is chosen says what it takes. */
function showFiles() {
  const form = composer();
  if (!form) return;
  const mode = form.querySelector("[name=mode]:checked"), list = find("#chosen");
  const files = filesOf(form), input = find("#composer-files"), holder = new DataTransfer();
  files.forEach((file) => holder.items.add(file));
  input.files = holder.files;
  input.accept = mode?.dataset.takes ?? "";
  list.querySelectorAll("[data-file]").forEach((row) => row.remove());
  const kept = list.children.length;
  files.forEach((file, at) => list.append(rowOf(file, why(file, kept + at, mode, list))));
  form.querySelector(".attach").toggleAttribute("hidden", !mode?.dataset.takes);
  changed();
}

const changed = () => document.dispatchEvent(new CustomEvent("composer:files"));

function rowOf(file, wrong) {
  const row = find("#chosen-row").content.firstElementChild.cloneNode(true), list = find("#chosen");
  row.dataset.file = nameOf(file);
  row.classList.toggle("is-wrong", Boolean(wrong));
  row.querySelector(".file-name").textContent = file.name;
  row.querySelector(".dim").textContent = [sizeOf(file.size), wrong].filter(Boolean).join(" · ");
  row.querySelector("button .sr").textContent = list.dataset.remove.replace("{name}", file.name);
  if (file.type.startsWith("image/")) draw(file, row);
  return row;
}

/* Drawn, not linked: the content policy allows no address but ours. */
async function draw(file, row) {
  const canvas = row.querySelector("canvas");
  try {
    const picture = await createImageBitmap(file);
    const side = Math.min(picture.width, picture.height);
    const [x, y] = [(picture.width - side) / 2, (picture.height - side) / 2];
    canvas.getContext("2d").drawImage(picture, x, y, side, side, 0, 0, canvas.width, canvas.height);
    picture.close();
    canvas.hidden = false;
    row.querySelector("svg").remove();
  } catch {
    // No picture after all: the sign of a file stays.
  }
}

function why(file, at, mode, list) {
  const takes = (mode?.dataset.takes ?? "").split(",").filter(Boolean), most = Number(mode?.dataset.mostBytes);
  const family = `${file.type.split("/")[0]}/*`;
  const fits = !file.type || takes.some((type) => [file.type, family, "*/*"].includes(type));
  if (!takes.length || !fits) return list.dataset.foreign;
  if (file.size > most) return list.dataset.large.replace("{size}", sizeOf(most));
  return at < Number(list.dataset.mostFiles) ? "" : list.dataset.many;
}

function sizeOf(size) {
  const [whole, unit] = size >= 1e6 ? [1e6, "MB"] : size >= 1e3 ? [1e3, "kB"] : [1, "B"];
  return `${new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 }).format(size / whole)} ${unit}`;
}

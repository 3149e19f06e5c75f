/* The answer's form: its length, its draft, Ctrl+Enter. A draft stays in this browser until the server
   has it: it survives a reload, a lost line and a sign-out, and is told apart by agent. */

import { hasFiles, hasWrongFile } from "./attach.js";

const REST_MS = 700; // the hand has stopped typing
const OUTLIVES = 60000; // bytes: more than 64 KiB no browser sends for a page that is gone
const find = (selector) => document.querySelector(selector);
let unsaved = null; // what the server has not been told yet
let elsewhere = null; // what another window wrote here last
let filled = null; // the form that has its words already
let coming = null; // htmx's word on the last button of this conversation
let along = ""; // what stood in the form when undo was pressed: the server puts it behind what it brings back
const isUndo = (source) => source?.matches('[action^="/outbox/"][action$="/undo"]');
const keyOf = (conversation) => `draft:${document.body.dataset.me}:${conversation}`;

export function startComposer() {
  document.addEventListener("input", (event) => {
    if (event.target.id === "composer-text") { keep(); measure(); }
  });
  document.addEventListener("change", (event) => {
    if (event.target.name === "mode" || (event.target.name === "kept" && event.target.form?.id === "composer")) { keep(); measure(); }
  });
  document.addEventListener("click", (event) => {
    if (event.target.id === "elsewhere-take") takeElsewhere();
  });
  window.addEventListener("storage", onElsewhere);
  document.addEventListener("click", (event) => { // by hand, not by an arrow key
    if (event.detail && event.target.matches("#composer [name=mode]")) find("#composer-text").focus();
  });
  document.addEventListener("keydown", (event) => {
    const send = event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing;
    if (send && event.target.id === "composer-text") event.target.form.requestSubmit();
  });
  document.addEventListener("composer:files", () => { sayKept(); measure(); });
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (ctx.target?.id === "pane" && !ctx.sourceElement.matches('.row-link, [action$="/undo"]')) coming = ctx;
    if (isUndo(ctx.sourceElement)) sendAlong();
  });
  document.addEventListener("htmx:after:request", onAnswer);
  document.addEventListener("htmx:after:swap", showDrafts);
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
  window.addEventListener("online", () => { if (find("#composer-text") && draftOf(find("#composer").dataset.draft)) keep(); });
  showDrafts();
}

/** Whether words or files stand in the form that are not sent yet. */
export const composing = () => Boolean(find("#composer-text")?.value.trim()) || hasFiles();

/* The server took the words: the draft has done its work. */
function onAnswer(event) {
  const { sourceElement, response } = event.detail.ctx;
  if (isUndo(sourceElement)) broughtBack(response.status < 400);
  if (sourceElement?.id !== "composer" || response.status >= 400) return;
  clearTimeout(unsaved?.timer);
  unsaved = null;
  localStorage.removeItem(keyOf(sourceElement.dataset.draft));
  sourceElement.querySelector("textarea").value = "";
}

/* The form's words go with the button: saved beside it, they would come to stand in the place of both. */
function sendAlong() {
  clearTimeout(unsaved?.timer);
  along = find("#composer-text")?.value ?? "";
}

function broughtBack(well) {
  const form = find("form#composer"), draft = form && draftOf(form.dataset.draft);
  if (!draft) return;
  if (!well) return unsaved && keep();
  clearTimeout(unsaved?.timer);
  unsaved = null;
  if (draft.text === along) localStorage.removeItem(keyOf(form.dataset.draft));
  else localStorage.setItem(keyOf(form.dataset.draft), JSON.stringify({ ...draft, along, key: "" })); // typed on meanwhile
}

/* What came back, and behind it what stands in the form by now. */
const both = (came, { along, text }) => (along && came.endsWith(along) ? came.slice(0, -along.length) : `${came}\n\n`) + text;

/* Each letter is kept here at once, and by the server when the hand rests. */
function keep() {
  const form = find("#composer"), text = form.elements.text.value, mode = form.elements.mode.value;
  const key = form.elements.idempotency_key.value;
  localStorage.setItem(keyOf(form.dataset.draft), JSON.stringify({ text, mode, key }));
  if (unsaved && unsaved.conversation !== form.dataset.draft) save();
  clearTimeout(unsaved?.timer);
  const body = new URLSearchParams({ text, mode, idempotency_key: key }), back = [...form.querySelectorAll("[name=kept]")];
  if (back.length) body.append("kept", "");
  back.filter((box) => box.checked).forEach((box) => body.append("kept", box.value)); // files that came back
  unsaved = { conversation: form.dataset.draft, body, timer: setTimeout(save, REST_MS) };
  sayKept();
}

/* What the server has needs no copy here; what it could not be told stays until it can. So does what it
   was told while the answer to a button is on its way, which may be older than the words (undo adds to them). */
async function save() {
  const what = unsaved;
  if (!what) return;
  clearTimeout(what.timer);
  unsaved = null;
  const url = `/conversations/${what.conversation}/draft`, keepalive = String(what.body).length < OUTLIVES;
  const answer = await fetch(url, { method: "POST", body: what.body, keepalive }).catch(() => null);
  sayGuard(answer, what);
  const kept = draftOf(what.conversation);
  if (answer?.status === 200 && kept) localStorage.setItem(keyOf(what.conversation), JSON.stringify({ ...kept, key: "" }));
  if (answer?.status !== 204 || isComing()) return;
  if (kept?.text === what.body.get("text")) localStorage.removeItem(keyOf(what.conversation));
}

/* What the guard would say to these words when they are sent, while they still stand in the form. */
function sayGuard(answer, { conversation, body }) {
  const form = find("form#composer"), note = find("#guard");
  if (!answer?.ok || !note || form.dataset.draft !== conversation || form.elements.text.value !== body.get("text")) return;
  const found = answer.headers.get("guard"), refusal = find("#composer-error[data-secret]");
  if (refusal) refusal.hidden = !found; // said once, and no longer than it is true
  note.hidden = !found || Boolean(refusal);
  note.lastElementChild.textContent = found ? note.dataset[found] : "";
}

/* Another window of this browser writes in the same conversation: its words are one press away, and none
   of these is lost unasked. */
function onElsewhere({ key, newValue }) {
  const form = find("form#composer");
  if (!form || key !== keyOf(form.dataset.draft) || !newValue) return;
  elsewhere = JSON.parse(newValue);
  find("#elsewhere").hidden = !elsewhere.text.trim() || elsewhere.text === form.elements.text.value;
}

function takeElsewhere() {
  const form = find("form#composer");
  form.elements.text.value = elsewhere.text;
  const mode = form.querySelector(`[name=mode][value="${CSS.escape(elsewhere.mode)}"]:enabled`);
  if (mode) mode.checked = true;
  find("#elsewhere").hidden = true;
  form.elements.text.focus();
  keep();
  measure();
}

const isComing = () => coming !== null && !/^(response received|swapped|error)/.test(coming.status);

/* A browser keeps words over a reload, but no files. */
function sayKept() {
  const note = find("#keep"), words = find("#composer-text")?.value.trim();
  if (note) note.textContent = hasFiles() ? note.dataset.keptWords : words ? note.dataset.kept : "";
}

function draftOf(conversation) {
  return JSON.parse(localStorage.getItem(keyOf(conversation)) ?? "null");
}

/* After each swap: the words come back into their form, and rows say that a draft waits. */
function showDrafts() {
  if (unsaved && unsaved.conversation !== find("form#composer")?.dataset.draft) save();
  restore();
  document.querySelectorAll(".row").forEach((row) => {
    const draft = draftOf(row.dataset.id);
    if (!draft) return; // as the server has it
    row.querySelector(".row-draft").hidden = !draft.text.trim();
    row.querySelector(".row-ours")?.toggleAttribute("hidden", Boolean(draft.text.trim()));
    if (draft.text.trim()) row.querySelector(".row-text").textContent = draft.text.slice(0, 160);
  });
}

function restore() {
  const form = find("form#composer");
  if (!form) return;
  const draft = draftOf(form.dataset.draft);
  if (draft?.along !== undefined) draft.text = both(form.elements.text.value, draft);
  const isKept = draft?.text === form.elements.text.defaultValue && !form.querySelector("#composer-error"); // a refusal only gives the words back
  if (draft && (wasSent(draft.text) || isKept)) localStorage.removeItem(keyOf(form.dataset.draft));
  else if (form !== filled && draft && draft.text !== form.elements.text.value) { // typed here, and not told to the server
    form.elements.text.value = draft.text;
    if (draft.key) form.elements.idempotency_key.value = draft.key; // sent, the draft under this key is over
    const mode = form.querySelector(`[name=mode][value="${CSS.escape(draft.mode)}"]:enabled`);
    if (mode) mode.checked = true;
    keep();
  }
  filled = form; // what is stored from now on may be another window's
  sayKept();
  measure();
}

/* The same words stand in the ledger as ours: sent, though the answer to sending them was lost. */
function wasSent(text) {
  const ours = [...document.querySelectorAll(".msg-out .msg-text")];
  return ours.some((said) => said.textContent.trim() === text.trim());
}

function measure() {
  const form = find("form#composer");
  const mode = form?.querySelector("[name=mode]:checked"), len = find("#len");
  const button = form?.querySelector(".btn-primary[type=submit]");
  if (!mode || !len) return;
  if (!form.querySelector("#composer-error[data-answered]")) form.querySelector(".send-word").textContent = mode.dataset.word;
  const limit = Number(mode.dataset.limit);
  len.hidden = !limit;
  const text = form.elements.text.value.normalize("NFC");
  const count = COUNT[mode.dataset.counting](text) + mentionCounts(text, mode);
  const over = limit ? count - limit : 0;
  const number = new Intl.NumberFormat(document.documentElement.lang);
  len.classList.toggle("is-near", over <= 0 && count >= limit * 0.9);
  len.classList.toggle("is-over", over > 0);
  len.querySelector(".len-count").textContent = over > 0 ? len.dataset.over.replace("{n}", number.format(over)) : number.format(count);
  len.querySelector(".len-limit").textContent = number.format(limit);
  len.lastElementChild.hidden = over > 0;
  button.disabled = over > 0 || hasWrongFile();
  find("#split").hidden = over <= 0 || hasWrongFile();
}

/* The mention that is put before an answer that does not name its reader. */
function mentionCounts(text, { dataset }) {
  const words = text.toLowerCase().split(/\s+/).map((word) => word.replace(/[.,:;!?]+$/, ""));
  return text && !words.includes(dataset.mention.toLowerCase()) ? Number(dataset.mentionCounts) : 0;
}

/* How platforms measure a text. The server counts again and decides. */
const COUNT = {
  chars: (text) => [...text].length,
  graphemes: (text) => [...new Intl.Segmenter().segment(text)].length,
  utf16: (text) => text.length,
  bytes: (text) => new TextEncoder().encode(text).length,
  x: weigh,
};

/* X: a link is 23, an emoji 2, letters of these ranges 1 and all others 2 (twitter-text, v3). */
const X_LINK = /https?:\/\/\S+/gi, X_LINK_LENGTH = 23;
const X_LIGHT = [[0, 4351], [8192, 8205], [8208, 8223], [8242, 8247]];

function weigh(text) {
  const links = text.match(X_LINK)?.length ?? 0;
  let sum = links * X_LINK_LENGTH;
  for (const { segment } of new Intl.Segmenter().segment(text.replace(X_LINK, ""))) {
    if (/\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(segment)) sum += 2;
    else for (const letter of segment) sum += isLight(letter.codePointAt(0)) ? 1 : 2;
  }
  return sum;
}

const isLight = (code) => X_LIGHT.some(([from, to]) => code >= from && code <= to);

/* Live changes. A server-sent event says only that a conversation changed; the page is fetched again
   and its parts are morphed in. The row under the pointer, the focus, the scroll and the words being
   typed stay where they are: what would move them waits behind a pill.

   The server streams /events?after=ID (and Last-Event-ID): `conversation`, `account`, `classifier` (their
   data is not needed here), `watching` (here.js) and, every 15 s, `beat` with {"now": ISO time}. The header Replydesk-Live: 1
   says that nobody looks at what the page fetches: it marks nothing as read. */
import { setServerTime } from "./clock.js";
import { composing } from "./composer.js";
import { markHere, PAGE, startHere } from "./here.js";

const SETTLE_MS = 100, REST_MS = 1000; // a burst makes one fetch, a storm one each second
const LONGEST_MS = 60000; // between looks that fail; a line that is back looks at once
const SILENCE_MS = 45000; // a server that beats does so every 15 s
const RETRY_MS = 3000;
const REFUSED = [401, 403, 404]; // nobody is signed in any more
const IDLE_MS = 300000; // no hand on the page for so long: nobody is there
const PLAIN_PARTS = ["accounts", "health", "streams", "training", "serving", "versions", "compared", "notices", "deliveries", "on-duty", "assignment", "surges", "surge-new", "wall", "welcome-first"]; // of pages without a list
const LIST_PARTS = ["views", "views-list", "surge", "tide", "foot"], THREAD_PARTS = ["th-head", "clock", "standing-box", "side"];

const find = (selector) => document.querySelector(selector);
let waiting = null; // the newest page whose list or ledger waits behind a pill
let line = null; // hx-sse's connection
let touched = Date.now(); // when a hand was last on the page
let heard = Infinity; // when the last beat came
let settle = 0, looked = 0, busy = false, again = false, failed = 0, offline = 0, signedOut = false;

export function startLive() {
  const live = find("#live");
  if (!live) return;
  watchLine();
  document.addEventListener("notice", () => refreshSoon());
  if ("aside" in live.dataset) return connectAside(live);
  live.setAttribute("hx-sse:connect", `${live.getAttribute("hx-sse:connect")}&page=${PAGE}`); // not read yet
  startHere(() => !document.hidden && isTouched());
  for (const topic of ["conversation", "account", "classifier", "webhook", "clock:turned"]) {
    document.addEventListener(topic, () => refreshSoon());
  }
  document.addEventListener("presence", () => { if (find("#on-duty, #assignment, #wall")) refreshSoon(); });
  document.addEventListener("click", onClick);
  document.addEventListener("toggle", (event) => {
    if (event.newState === "closed" && event.target.closest("#dialogs")) refreshSoon();
  }, true);
  document.addEventListener("pointerout", () => setTimeout(applyRows));
  document.addEventListener("focusout", () => setTimeout(applyRows));
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.sourceElement !== document.body) opened();
  });
  document.addEventListener("htmx:config:request", (event) => {
    const row = event.detail.ctx.sourceElement.closest(".row:has(.row-link)");
    if (row && row.dataset.id === find("#thread").dataset.conversation) event.preventDefault(); // is open
  });
  for (const touch of ["keydown", "pointerdown", "pointermove"]) {
    document.addEventListener(touch, () => { touched = Date.now(); }, { passive: true });
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refreshSoon(); });
}

/* A page of which nothing lives but the bell, for who is told on the desktop: of all such windows one
   has a line. A browser has few for each server. */
function connectAside(live) {
  navigator.locks?.request("replydesk:line", () => {
    live.setAttribute("hx-sse:connect", live.dataset.aside);
    window.htmx.process(live);
    return new Promise(() => {}); // as long as the page lives
  });
}

/* The line to the server: a banner while it is down; every way back ends in a fresh look. */
function watchLine() {
  document.addEventListener("htmx:sse:after:connection", (event) => {
    line = event.detail.connection;
    if (offline) refreshNow();
    setOffline(false);
  });
  document.addEventListener("htmx:sse:before:connection", (event) => {
    if (event.detail.connection.attempt > 0) setOffline(true);
  });
  document.addEventListener("htmx:sse:error", (event) => {
    setOffline(true, REFUSED.includes(event.detail.status));
  });
  document.addEventListener("htmx:sse:close", reopen);
  document.addEventListener("htmx:error", reopen);
  document.addEventListener("htmx:response:error", reopen);
  document.addEventListener("beat", (event) => {
    heard = Date.now();
    setServerTime(JSON.parse(event.detail.data).now);
  });
  window.addEventListener("online", () => line?.delayCanceller?.());
  setInterval(() => {
    if (Date.now() - heard > SILENCE_MS) { heard = Date.now(); line?.reader?.cancel(); }
  }, RETRY_MS);
}

/* hx-sse gives up when the first try fails: a fresh element starts over. */
function reopen(event) {
  const old = find("#live");
  if (event.target !== old) return;
  setOffline(true, REFUSED.includes(event.detail.ctx?.response?.status));
  setTimeout(() => {
    const fresh = old.cloneNode();
    old.replaceWith(fresh);
    window.htmx.process(fresh);
  }, RETRY_MS);
}

/* Signed out is who was told so, until the line is back: that it ended then says less. */
function setOffline(down, ended = false) {
  signedOut = down && (signedOut || ended);
  if (down && !offline) offline = Date.now();
  if (!down) offline = 0;
  for (const banner of document.querySelectorAll("[data-banner]")) {
    const text = signedOut ? banner.dataset.signedOut : banner.dataset.reconnecting;
    banner.querySelector("span").textContent = text;
    const link = banner.querySelector("a");
    link.href = location.pathname + location.search; // leads through the sign-in and back
    link.hidden = !signedOut;
    banner.hidden = !down;
    if (down) find("#say").textContent = text;
  }
}

function refreshSoon() {
  const rest = Math.min(REST_MS * 2 ** failed, LONGEST_MS);
  settle ||= setTimeout(refresh, Math.max(SETTLE_MS, looked + rest - Date.now()));
}

function refreshNow() {
  clearTimeout(settle);
  settle = failed = 0;
  refreshSoon();
}

/* What arrives has been read only when somebody is there and it is not held back from them. */
const isWatched = () => !document.hidden && !composing() && isTouched();
const isTouched = () => Date.now() - touched < IDLE_MS;

/* One look at a time; what happened meanwhile makes one more. */
async function refresh() {
  settle = 0;
  if (busy) { again = true; return; }
  busy = true;
  looked = Date.now();
  try {
    const asked = location.href, seen = "aside" in find("#live").dataset ? "/notices" : asked;
    const answer = await fetch(seen, { headers: isWatched() ? {} : { "Replydesk-Live": "1" } });
    failed = 0;
    if (answer.redirected) setOffline(true, true);
    else if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (asked === location.href) await show(page);
      else again = true; // another conversation was opened meanwhile
    }
  } catch {
    again = true; // the stream tells whether the line is down
    failed += 1;
  } finally {
    busy = false;
    if (again) { again = false; refreshSoon(); }
  }
}

/* What is counted beside every page. */
function count(page) {
  for (const name of ["late-count", "notice-count"]) {
    const fresh = page.querySelector(`[data-part=${name}]`);
    if (fresh) document.querySelectorAll(`[data-part=${name}]`).forEach((old) => old.replaceChildren(...fresh.cloneNode(true).childNodes));
  }
}

/* The favicon carries what is unread. */
function mark(page) {
  const fresh = page.querySelector("link[rel=icon]"), old = find("link[rel=icon]");
  if (fresh && fresh.getAttribute("href") !== old.getAttribute("href")) old.replaceWith(document.importNode(fresh));
}

async function show(page) {
  const told = overdue(page) > overdue(document) ? [plainOf(lateCount(page))] : [];
  count(page);
  mark(page);
  if (!find("#rows")) { // a page about accounts, or the classifier
    for (const id of PLAIN_PARTS) await morph(page, id);
    return;
  }
  waiting = page;
  const shown = idsOf(document), more = unread(page) > unread(document); // not a row that moved up
  document.title = page.title;
  answersWhatIsSeen(page);
  markHere(page);
  const parts = sameThread(page) ? [...LIST_PARTS, ...THREAD_PARTS] : LIST_PARTS;
  for (const id of parts) await morph(page, id);
  await showDialogs(page);
  await showRows(page);
  if (more && find("#pill").hidden) told.unshift(news(idsOf(page).filter((id) => !shown.includes(id)).length));
  if (told.length) find("#say").textContent = told.join(". ");
  await showLog(page);
}

const lateCount = (page) => page.querySelector("[data-part=late-count]");
const plainOf = (part) => part?.textContent.replace(/\s+/g, " ").trim() ?? "";
const overdue = (page) => parseInt(plainOf(lateCount(page)), 10) || 0;
const unread = (page) => Number(/^\((\d+)/.exec(page.title)?.[1] ?? 0);

const nameOf = (fold) => fold.id || plainOf(fold.querySelector("summary"));

const morph = (page, id) => {
  const fresh = page.getElementById(id);
  if (!fresh || !find(`#${id}`)) return null;
  const folds = [...find(`#${id}`).querySelectorAll("details")];
  fresh.querySelectorAll("details").forEach((fold) => { // what was unfolded stays so, and the other way round
    const at = folds.findIndex((old) => nameOf(old) === nameOf(fold));
    if (at >= 0) fold.open = folds.splice(at, 1)[0].open;
  });
  return window.htmx.swap({ text: fresh.outerHTML, target: `#${id}`, swap: "outerMorph", sourceElement: document.body });
};

/* Whether a fetched page shows the conversation that is open now. */
function sameThread(page) {
  const open = find("#thread").dataset.conversation;
  return open !== undefined && open === page.getElementById("thread")?.dataset.conversation;
}

/* The list. Rows that stay are changed in place; a new order waits while a hand or an eye is on it. */
const idsOf = (root) => [...root.querySelectorAll("#rows .row")].map((row) => row.id);

function held() {
  const rows = find("#rows");
  return (matchMedia("(hover: hover)").matches && rows.matches(":hover")) || rows.querySelector(":focus-visible") !== null;
}

async function showRows(page) {
  const shown = idsOf(document), fresh = idsOf(page);
  const same = shown.join() === fresh.join();
  if (!same && held()) {
    for (const id of shown.filter((id) => fresh.includes(id))) await morph(page, id);
    return pill(fresh.filter((id) => !shown.includes(id)).length);
  }
  find("#pill").hidden = true;
  const rows = find("#rows");
  page.querySelectorAll("details.fold").forEach((fold) => { fold.open = find(`#${fold.id}`)?.open ?? false; });
  const anchor = [...rows.querySelectorAll(".row")].find((row) => row.offsetTop + row.offsetHeight > rows.scrollTop);
  const before = anchor?.getBoundingClientRect().top;
  await morph(page, "rows");
  for (const id of fresh.filter((id) => !shown.includes(id))) find(`#${id}`)?.classList.add("is-new");
  if (anchor?.isConnected && rows.scrollTop > 0) rows.scrollTop += anchor.getBoundingClientRect().top - before;
}

function pill(fresh) {
  const button = find("#pill"), text = news(fresh);
  button.querySelector("span").textContent = text;
  button.hidden = false;
  find("#say").textContent = text;
}

function news(fresh) {
  const { one, many, changed } = find("#pill").dataset;
  return fresh === 0 ? changed : fresh === 1 ? one : many.replace("{n}", fresh);
}

function applyRows() {
  if (waiting && !find("#pill").hidden && !held()) showRows(waiting);
}

/* Dialogs offer what the header does; an open one stays as it is until it is closed. */
async function showDialogs(page) {
  if (sameThread(page) && !find("#dialogs :popover-open")) await morph(page, "dialogs");
}

/* While a newer message waits, a step ends only the wait that its author has seen. */
function answersWhatIsSeen(page) {
  if (!sameThread(page) || !waits(page)) return;
  const seen = find("#thread").dataset.lastIn;
  page.querySelectorAll(":is(#dialogs, #standing-box) [name=shown]").forEach((field) => field.setAttribute("value", seen));
}

const lastIn = (page) => Number(page.querySelector("#thread").dataset.lastIn);

/* Whether the customer wrote more while an answer to the older words is written. */
const waits = (page) => composing() && lastIn(page) > lastIn(document);

/* The ledger. A newer message of the customer waits while an answer to the older ones is written. */
async function showLog(page, wanted = false) {
  if (!sameThread(page)) return;
  if (waits(page) && !wanted) {
    find("#newer").hidden = false;
    return;
  }
  await morph(page, "log");
  find("#thread").dataset.lastIn = lastIn(page);
  const shown = page.getElementById("shown");
  if (shown && find("#shown")) find("#shown").value = shown.value;
  const seen = page.getElementById("seen-reply"); // what is written now has not been held against it
  if (seen && find("#seen-reply") && !composing()) find("#seen-reply").value = seen.value;
  if (wanted) find("#newer").hidden = true;
}

function onClick(event) {
  if (event.target.closest("#pill") && waiting) {
    document.activeElement.blur();
    find("#pill").hidden = true;
    morph(waiting, "rows");
  }
  if (event.target.closest("#newer-show") && waiting) {
    showLog(waiting, true);
    find("#composer-text").focus();
    refreshSoon();
  }
}

/* Another conversation stands in the pane: its row is the open one, and has been read. */
function opened() {
  if (!find("#rows")) return;
  const id = find("#thread")?.dataset.conversation;
  if (id) find("#list").removeAttribute("role");
  document.querySelectorAll(".row").forEach((row) => {
    const open = row.dataset.id === id;
    row.classList.toggle("is-selected", open);
    const link = row.querySelector(".row-link");
    if (open) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    if (open) {
      row.classList.remove("is-unread");
      row.querySelector(".unread")?.remove();
    }
  });
}

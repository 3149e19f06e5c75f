/* Who else has a conversation open, and who is typing in it. While a hand is near, this page says what
   it shows: POST /conversations/ID/here (page, typing, gone). The event `watching` says that something
   changed; what, GET /watching tells. Nothing of it moves the words being typed. */

const BEAT_MS = 10000, TYPES_MS = 3000, STILL_MS = 5000; // the server forgets after 25 s, and letters after 6 s
const SETTLE_MS = 50, REST_MS = 1000; // one change is told at once, a storm of them once each second
const LONGEST_MS = 60000; // between questions that get no answer
const find = (selector) => document.querySelector(selector);
let there = []; // [{conversation, name, initials, typing}], without oneself
let said = null; // the conversation that the server was told of last
let sent = Promise.resolve(); // what a page says arrives in its order
let lastLetter = 0, toldLetter = 0, asked = 0, asking = false, again = false, failed = 0;
let timer = 0, due = Infinity; // of the next question
let heard = { conversation: null, people: new Map() }; // what was said aloud of each: 1 is there, 2 types
let isNear = () => true;

/** Names this page; its stream carries it, so that the end of the stream is its leaving. */
export const PAGE = crypto.getRandomValues(new Uint32Array(3)).join("-");

/** `near` says whether somebody is at this page. */
export function startHere(near) {
  isNear = near;
  document.addEventListener("watching", ask);
  document.addEventListener("htmx:sse:after:connection", () => { said = null; tell(); ask(); });
  document.addEventListener("htmx:after:swap", () => { markHere(document); if (open() !== said) tell(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tell(); });
  document.addEventListener("input", (event) => {
    if (event.target.id === "composer-text") letter(event.target.value.trim() !== "");
  });
  document.addEventListener("htmx:after:request", (event) => {
    if (event.detail.ctx.sourceElement?.id === "composer") letter(false);
  });
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", (event) => { if (event.persisted) tell(); });
  setInterval(tell, BEAT_MS);
}

const open = () => find("#here[data-tells]")?.closest("#thread").dataset.conversation ?? null;

function letter(typing) {
  const before = lastLetter;
  lastLetter = typing ? Date.now() : 0;
  const due = typing ? Date.now() - toldLetter > TYPES_MS : before !== 0;
  if (due) tell();
}

function tell() {
  if (!isNear()) return;
  const id = open(), typing = Date.now() - lastLetter < STILL_MS;
  if (said !== null && id === null) return leave();
  if (id === null) return;
  said = id;
  toldLetter = typing ? Date.now() : 0;
  sent = sent.then(() => post(id, { typing: typing ? "1" : "" }));
}

function leave() {
  if (said === null) return;
  post(said, { gone: "1" }); // at once: the page may be on its way out
  said = null;
}

function post(id, words) {
  const body = new URLSearchParams({ page: PAGE, ...words });
  const headers = { "Replydesk-Live": "1" }; // no sign of a hand: the session's age goes on
  const signal = AbortSignal.timeout(BEAT_MS);
  return fetch(`/conversations/${id}/here`, { method: "POST", body, headers, signal, keepalive: true }).catch(() => {});
}

/* One question at a time: of two, the older answer could come last. What changes meanwhile asks again.
   What gets no answer is asked later each time, and at once when the line is back. */
function ask() {
  if (asking) { again = true; return; }
  const at = Math.max(Date.now() + SETTLE_MS, asked + REST_MS);
  if (at < due) askAt(at);
}

function askAt(at) {
  clearTimeout(timer);
  due = at;
  timer = setTimeout(look, at - Date.now());
}

async function look() {
  asking = true;
  again = false;
  due = Infinity;
  asked = Date.now();
  const fresh = await learn().catch(() => null);
  if (fresh) there = fresh;
  failed = fresh ? 0 : failed + 1;
  markHere(document);
  asking = false;
  if (again) ask();
  else if (failed) askAt(asked + Math.min(REST_MS * 2 ** failed, LONGEST_MS));
}

/* Who is there; an error when it is to be asked again. */
async function learn() {
  const answer = await fetch("/watching", { headers: { "Replydesk-Live": "1" }, signal: AbortSignal.timeout(BEAT_MS) });
  if (answer.status >= 500) throw new Error();
  return answer.ok && !answer.redirected ? answer.json() : there; // signed out: what was known stays
}

/** Writes it into the thread's head and the list's rows, of this page or of one that will be morphed in. */
export function markHere(page) {
  const box = page.querySelector("#here");
  if (box) head(box, there.filter((one) => String(one.conversation) === box.dataset.here));
  for (const row of page.querySelectorAll("#rows .row")) {
    mark(row, there.filter((one) => String(one.conversation) === row.dataset.id));
  }
}

function head(box, people) {
  const signature = people.map((one) => `${one.name}\n${one.typing}`).join("\n\n");
  if (box.dataset.signature === signature) return;
  box.dataset.signature = signature;
  if (box.ownerDocument === document) say(box.dataset.here, people);
  const words = document.createElement("span");
  words.className = "here-words";
  words.textContent = people.length ? sentence(people) : "";
  box.replaceChildren(...people.slice(0, 3).map(face), words);
}

/* A screen reader hears that somebody came, and once that they type: not each pause of their hand. */
function say(conversation, people) {
  const before = heard.conversation === conversation ? heard.people : new Map();
  const rank = (one) => (one.typing ? 2 : 1), known = (one) => before.get(one.name) ?? 0;
  const news = people.filter((one) => rank(one) > known(one));
  heard = { conversation, people: new Map(people.map((one) => [one.name, Math.max(rank(one), known(one))])) };
  if (news.length) find("#heard").textContent = sentence(news);
}

function mark(row, people) {
  row.querySelector(".row-here")?.remove();
  const owner = row.querySelector(".row-owner > .avatar");
  if (owner) owner.hidden = people.some((one) => one.name === owner.title);
  if (!people.length) return;
  const box = document.createElement("span");
  box.className = "row-here";
  box.append(...people.slice(0, 2).map(face));
  const words = sentence(people);
  box.title = words;
  const heard = document.createElement("span");
  heard.className = "sr";
  heard.textContent = words;
  box.append(heard);
  row.querySelector(".row-owner").prepend(box);
}

function face(one) {
  const avatar = document.createElement("span");
  avatar.className = one.typing ? "avatar avatar-here is-typing" : "avatar avatar-here";
  avatar.title = one.name;
  avatar.setAttribute("aria-hidden", "true");
  const letters = document.createElement("bdi");
  letters.textContent = one.initials;
  avatar.append(letters);
  return avatar;
}

/* A name as colleagues say it; the whole one stands over the letters. */
const short = (name) => name.split(/\s/)[0];

/* Of those who type, else of those who are there. */
function sentence(people) {
  const { views, types, viewsMany, typesMany } = find("#live").dataset;
  const typing = people.filter((one) => one.typing), named = typing.length ? typing : people;
  const names = new Intl.ListFormat(document.documentElement.lang).format(named.map((one) => short(one.name)));
  const one = named.length === 1;
  return (typing.length ? (one ? types : typesMany) : (one ? views : viewsMany)).replace("{name}", names);
}

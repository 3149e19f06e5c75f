/* Countdowns and day lines, stepped by the minute in the words of templates/times.py.
   The server's clock counts, not this machine's: `skew` is the difference. */

const STEP_MS = 5000; // looks this often; what is shown changes by the minute
const MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400;
const SOON_S = 2 * HOUR_S;

const { now: served, patterns, zone } = document.body.dataset;
const words = JSON.parse(patterns);
const wall = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone });
let skew = Date.parse(served) - Date.now();

/** Milliseconds since 1970 by the server's clock. */
export const now = () => Date.now() + skew;

/** Takes the server's clock from a live beat. */
export function setServerTime(iso) {
  skew = Date.parse(iso) - Date.now();
}

export function startClock() {
  setInterval(() => { if (!document.hidden) step(); }, STEP_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) step(); });
}

/** Brings everything that tells time up to now; says so on `document` when a row's state turned. */
export function step() {
  let turned = false;
  document.querySelectorAll("time[data-due]").forEach((time) => { turned = stepTime(time) || turned; });
  document.querySelectorAll("svg[data-due]").forEach(stepLine);
  document.querySelectorAll("[data-since]").forEach(stepSince);
  document.querySelectorAll("[data-clock=now]").forEach((time) => setText(time, wall.format(now())));
  document.querySelectorAll("[data-day]").forEach(stepDay);
  stepWindows();
  if (turned) document.dispatchEvent(new Event("clock:turned"));
}

function stateOf(leftS) {
  if (leftS < 0) return "late";
  return leftS <= SOON_S ? "soon" : "calm";
}

function stepTime(time) {
  const leftS = (Date.parse(time.dataset.due) - now()) / 1000;
  const state = stateOf(leftS);
  const turned = !time.classList.contains(`is-${state}`);
  let [pattern, values] = span(Math.abs(leftS));
  if (state === "late") pattern = words.late.replace("{time}", pattern);
  fill(time, pattern, values);
  if (turned) {
    time.classList.remove("is-calm", "is-soon", "is-late");
    time.classList.add(`is-${state}`);
  }
  // Not only when it turns: a fresh page from the server may bring the earlier word back.
  const word = time.parentElement.querySelector("[data-left-word]");
  if (word && state === "late") setText(word, "");
  return turned;
}

function stepLine(line) {
  const opened = Date.parse(line.dataset.opened), due = Date.parse(line.dataset.due);
  const used = Math.min(Math.max((now() - opened) / (due - opened), 0), 1) * 100;
  const at = `${used.toFixed(2)}%`;
  const left = line.querySelector(".left"), dot = line.querySelector(".now");
  left.setAttribute("x", at);
  left.setAttribute("width", `${(100 - used).toFixed(2)}%`);
  dot.setAttribute("cx", at);
  line.classList.remove("dl-calm", "dl-soon", "dl-late");
  line.classList.add(`dl-${stateOf((due - now()) / 1000)}`);
}

function stepSince(element) {
  const seconds = (now() - Date.parse(element.dataset.since)) / 1000;
  const isOver = now() > Date.parse(element.dataset.until);
  const told = "rough" in element.dataset ? rough(seconds) : elapsed(seconds, isOver);
  setText(element, (element.dataset.pattern ?? "{time}").replace("{time}", told));
}

/* The platforms' own times for an answer; where that of the chosen way ends under a hand, it is told. */
function stepWindows() {
  for (const told of document.querySelectorAll("[data-closes]")) {
    const leftS = (Date.parse(told.dataset.closes) - now()) / 1000;
    told.classList.toggle("is-over", leftS <= 0);
    setText(told, leftS > 0 ? told.dataset.pattern.replace("{time}", rough(leftS)) : told.dataset.over);
  }
  const note = document.querySelector("#window-over");
  if (note) note.hidden = !document.querySelector(".mode:has(:checked) .is-over");
}

function stepDay(line) {
  const [hours, minutes] = wall.format(now()).split(":").map(Number);
  const used = ((hours * 60 + minutes) / 1440) * 100;
  const at = `${used.toFixed(2)}%`;
  line.querySelector(".left").setAttribute("x", at);
  line.querySelector(".left").setAttribute("width", `${(100 - used).toFixed(2)}%`);
  line.querySelector(".now").setAttribute("cx", at);
  const text = line.querySelector("text");
  text.setAttribute("x", at);
  setText(text, text.textContent.replace(/\d\d:\d\d/, wall.format(now())));
}

/* A length of time: [pattern, figures], minutes below the hour, days from two on. */
function span(seconds) {
  const days = Math.floor(seconds / DAY_S);
  const hours = Math.floor((seconds % DAY_S) / HOUR_S);
  const minutes = Math.floor((seconds % HOUR_S) / MINUTE_S);
  const two = (n) => String(n).padStart(2, "0");
  if (seconds >= 2 * DAY_S) return [words.dh, { d: days, h: two(hours) }];
  if (seconds >= HOUR_S) return [words.hm, { h: days * 24 + hours, m: two(minutes) }];
  return [words.m, { m: minutes }];
}

/* Time that has gone, in begun minutes: with what is left it makes the whole. When that is over, in whole
   ones: less the whole it is by how much it is late. */
function elapsed(seconds, isOver) {
  const [pattern, values] = span(isOver ? seconds : Math.ceil(seconds / MINUTE_S) * MINUTE_S);
  return pattern.replace(/\{([a-z])\}/g, (_, name) => values[name]);
}

/* One figure: `6 d`, `2 h`, `12 min`. */
function rough(seconds) {
  if (seconds >= 2 * DAY_S) return words.d.replace("{d}", Math.floor(seconds / DAY_S));
  if (seconds >= HOUR_S) return words.h.replace("{h}", Math.floor(seconds / HOUR_S));
  return words.m.replace("{m}", Math.floor(Math.max(seconds, 0) / MINUTE_S));
}

/* Figures as they are, units in <small>; the page is touched only when its words change. */
function fill(element, pattern, values) {
  const pieces = pattern.split(/(\{[a-z]\})/).filter(Boolean);
  const text = pieces.map((piece) => values[piece[1]] ?? piece);
  if (element.textContent === text.join("")) return;
  element.replaceChildren(...pieces.map((piece, i) => {
    if (piece.startsWith("{")) return document.createTextNode(text[i]);
    const small = document.createElement("small");
    small.textContent = piece;
    return small;
  }));
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

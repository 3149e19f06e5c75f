/* Notices on the desktop, for whoever switched them on: what the bell tells while they are elsewhere.
   A window of ours that has the focus keeps all others silent, and so do a person's quiet hours. The
   browser is asked for its leave by the form of one's own profile, and by nothing else. Phones let only
   a service worker show them: ours does nothing else, and keeps no page. */
const TOLD = "replydesk:told"; // the newest notice that was shown, by any window of this browser
const ANSWER_MS = 300;
const WORKER = "/static/told.js";

export function startNotify() {
  askByForm();
  const quiet = document.body.dataset.desktop;
  if (quiet === undefined || !("Notification" in window) || Notification.permission !== "granted") return;
  const worker = startWorker();
  const others = new BroadcastChannel("replydesk:here");
  let silent = false;
  others.addEventListener("message", (event) => {
    if (event.data === "who" && document.hasFocus()) others.postMessage("here");
    if (event.data === "here") silent = true;
  });
  if (localStorage.getItem(TOLD) === null) unread().then((all) => remember(all));
  document.addEventListener("notice", async () => {
    silent = document.hasFocus() || isQuiet(quiet, new Date());
    if (!silent) {
      others.postMessage("who");
      await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    }
    const fresh = (await unread()).filter((one) => one.id > Number(localStorage.getItem(TOLD)));
    remember(fresh); // also what is kept silent: no night is told all at once in the morning
    if (!silent && !document.hasFocus()) for (const one of fresh) show(one, await worker);
  });
}

/* `22:00-07:00` on this machine's clock; over midnight, too. */
export function isQuiet(hours, now) {
  if (!hours) return false;
  const [from, to] = hours.split("-");
  const at = now.toTimeString().slice(0, 5);
  return from < to ? at >= from && at < to : at >= from || at < to;
}

async function unread() {
  const answer = await fetch("/notices", { headers: { "Replydesk-Live": "1" } });
  if (!answer.ok || answer.redirected) return [];
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...page.querySelectorAll(".is-unread[data-notice]")].map((line) => ({
    id: Number(line.dataset.notice),
    title: plain(line.querySelector("p")),
    words: plain(line.querySelector("p.dim")),
    path: line.querySelector("a").getAttribute("href"),
  }));
}

const plain = (part) => part?.textContent.replace(/\s+/g, " ").trim() ?? "";

function remember(notices) {
  const newest = Math.max(Number(localStorage.getItem(TOLD)), ...notices.map((one) => one.id));
  localStorage.setItem(TOLD, newest);
}

function show({ id, title, words, path }, worker) {
  const about = { body: words, tag: `notice-${id}`, icon: "/icons/192.png", data: path };
  if (worker) return worker.showNotification(title, about);
  const shown = new Notification(title, about);
  shown.addEventListener("click", () => {
    window.focus();
    location.assign(path);
    shown.close();
  });
}

/* The registration once its worker runs; none where the browser knows no workers. */
async function startWorker() {
  const workers = navigator.serviceWorker;
  workers?.addEventListener("message", (event) => location.assign(event.data));
  const made = await workers?.register(WORKER).catch(() => null);
  const coming = made?.installing;
  if (coming) await new Promise((done) => coming.addEventListener("statechange", () => { if (made.active) done(); }));
  return made;
}

function askByForm() {
  const form = document.querySelector("#desktop");
  if (!form) return;
  const state = form.querySelector("[data-default]");
  const leave = "Notification" in window ? Notification.permission : "missing";
  state.textContent = state.dataset[leave] ?? "";
  form.addEventListener("submit", (event) => {
    if (leave !== "default" || !form.elements.on.checked) return;
    event.preventDefault();
    Notification.requestPermission().finally(() => form.submit());
  });
}

/* The wall: f fills the screen. What is counted over the last hour is asked for each minute, also when
   nothing happens. A screen of somebody who only reads stays signed in: nobody lays a hand on it. */
const LOOK_MS = 60000, KEEP_MS = 3600000;

export function startWall() {
  if (!document.querySelector("#wall")) return;
  setInterval(() => document.dispatchEvent(new Event("clock:turned")), LOOK_MS);
  if (document.querySelector("[data-keep]")) setInterval(() => fetch(location.href).catch(() => {}), KEEP_MS);
  const button = document.querySelector("#wall-full");
  button.hidden = !document.fullscreenEnabled;
  button.addEventListener("click", fill);
  document.addEventListener("keydown", (event) => {
    if (event.key === "f" && !event.ctrlKey && !event.metaKey && !event.altKey) fill();
  });
}

function fill() {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (document.fullscreenEnabled) document.documentElement.requestFullscreen();
}

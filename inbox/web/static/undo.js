/* The seconds in which an answer can be taken back. The server decides; this only counts along. */

import { now } from "./clock.js";

export function startUndo() {
  setInterval(step, 250);
}

function step() {
  document.querySelectorAll("[data-undo]").forEach((told) => {
    const left = Math.ceil((Date.parse(told.dataset.undo) - now()) / 1000);
    const words = told.dataset.words.replace("{n}", Math.max(left, 0));
    if (told.textContent !== words) told.textContent = words;
    const button = told.closest(".held").querySelector(".held-back");
    if (button && left <= 0) button.disabled = true;
  });
}

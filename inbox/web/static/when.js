/* Fields of a day and a time: what is typed loosely (930, 2026-11-3) stands as it is meant once the
   field is left, and a day can be picked from the browser's own calendar. */

const DAY = 10; // so many letters of a field are its day

export function startWhen() {
  document.addEventListener("change", ({ target }) => {
    if (target.dataset?.when && !target.validity.valid) target.value = tidied(target);
  });
  document.addEventListener("click", ({ target }) => {
    const field = target.closest?.(".when-pick")?.parentElement.querySelector("[data-when]");
    if (field) pick(field);
  });
}

function tidied({ value, dataset }) {
  const said = value.trim().normalize("NFKC"); // full-width figures, too
  if (dataset.when === "time") return time(said);
  const [, first, rest] = /^(\d{4}\D*\d{1,2}\D+\d{1,2}|\d{8})(.*)$/.exec(said) ?? [];
  if (!first) return said;
  const [year, month, date] = first.length === 8 && /^\d+$/.test(first) ? [first.slice(0, 4), first.slice(4, 6), first.slice(6)] : first.split(/\D+/);
  const day = [year, month.padStart(2, "0"), date.padStart(2, "0")].join("-");
  return dataset.when === "day" ? day : `${day} ${time(rest.replace(/^[^\d]+/, ""))}`.trim();
}

/* 9, 930, 9.30, 9:30 pm. */
function time(said) {
  const [, hours, minutes = "00", half] = /^(\d{1,2})(?:[^\d]?(\d{2}))?\s*([ap]m)?$/i.exec(said) ?? [];
  if (!hours) return said;
  const hour = half ? (Number(hours) % 12) + (/p/i.test(half) ? 12 : 0) : Number(hours);
  return `${String(hour).padStart(2, "0")}:${minutes}`;
}

/* The browser's calendar hangs on a field of its own that nobody sees. */
function pick(field) {
  const shown = document.createElement("input");
  shown.type = "date";
  shown.className = "when-native";
  shown.tabIndex = -1;
  shown.value = field.value.slice(0, DAY);
  field.after(shown);
  shown.addEventListener("change", () => {
    if (!shown.value) return;
    field.value = shown.value + field.value.slice(DAY);
    if (field.dataset.when === "moment" && field.value.length === DAY) field.value += " 09:00";
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  });
  shown.addEventListener("blur", () => { shown.remove(); field.focus(); });
  shown.focus();
  shown.showPicker();
}

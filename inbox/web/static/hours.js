/* A map of hours is one stop of the Tab key; arrows, Home and End go on within it. Without this each
   hour is a stop of its own. */

const STEPS = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };

export function startHours() {
  for (const map of document.querySelectorAll(".hours")) {
    for (const hour of [...map.querySelectorAll("td > a")].slice(1)) hour.tabIndex = -1;
    map.addEventListener("keydown", onKey);
    map.addEventListener("focusin", onFocus);
  }
}

/* Where one was is where the Tab key comes back to. */
function onFocus(event) {
  for (const hour of event.currentTarget.querySelectorAll("[tabindex='0']")) hour.tabIndex = -1;
  event.target.tabIndex = 0;
}

function onKey(event) {
  const next = hourFrom(event.target.closest("td"), event.key);
  if (!next || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  next.focus({ focusVisible: true });
}

/* The next hour with anything in it that way; none at the edge. */
function hourFrom(cell, key) {
  const hours = cell ? [...cell.parentElement.querySelectorAll("td > a")] : [];
  if (key === "Home") return hours[0];
  if (key === "End") return hours.at(-1);
  if (!(key in STEPS)) return null;
  const rows = [...cell.closest("tbody").rows];
  const [down, on] = STEPS[key];
  const right = getComputedStyle(cell).direction === "rtl" ? -on : on;
  let [row, column] = [rows.indexOf(cell.parentElement) + down, cell.cellIndex + right];
  for (; rows[row]?.cells[column]; row += down, column += right) {
    const link = rows[row].cells[column].querySelector("a");
    if (link) return link;
  }
  return null;
}

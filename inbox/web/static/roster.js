/* The week: a person dragged onto a shift takes it; a press on a name opens the same as a form, and one
   on a hole the form of a shift with its hours. Without a script the forms open as they are. */

const find = (selector) => document.querySelector(selector);
const near = (event, selector) => event.target.closest?.(selector);
let moved = "";

export function startRoster() {
  if (!find(".week-grid")) return;
  document.addEventListener("click", onPress);
  document.addEventListener("dragstart", onLift);
  document.addEventListener("dragover", onOver);
  document.addEventListener("drop", onDrop);
  document.addEventListener("dragend", () => { moved = ""; aim(null); });
}

function onPress(event) {
  const name = near(event, "[data-duty]"), hole = near(event, "[data-hole]");
  if (name) find("#s-duty").value = name.dataset.duty;
  if (hole) fill(find("#shift-new form").elements, hole.dataset);
}

/* A shift of that one date. */
function fill(fields, { hole, starts, ends, zone }) {
  const weekday = (new Date(`${hole}T00:00Z`).getUTCDay() + 6) % 7;
  for (const box of fields.day) box.checked = Number(box.value) === weekday;
  for (const [name, value] of Object.entries({ starts, ends, zone, since: hole, until: hole })) fields[name].value = value;
}

function onLift(event) {
  const person = near(event, "[data-person]");
  if (!person) return;
  moved = person.dataset.person;
  event.dataTransfer.setData("text/plain", person.textContent.trim());
  event.dataTransfer.effectAllowed = "move";
}

/* Whose shift it would be; never the person's own. */
function target(event) {
  const name = near(event, "[data-duty]") ?? near(event, ".duty")?.querySelector("[data-duty]");
  return moved && name && name.dataset.person !== moved ? name : null;
}

function onOver(event) {
  const name = target(event);
  aim(name);
  if (name) event.preventDefault();
}

function onDrop(event) {
  const name = target(event), form = find("#swap-form");
  if (!name) return;
  event.preventDefault();
  [form.elements.duty.value, form.elements.takes.value] = [name.dataset.duty, moved];
  form.requestSubmit();
}

function aim(name) {
  find(".duty-move.is-target")?.classList.remove("is-target");
  name?.classList.add("is-target");
}

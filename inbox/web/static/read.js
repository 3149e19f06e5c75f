/* Where a conversation opens: at its end; or where its last message begins, when that is longer than
   the window: nobody reads a letter from its signature up. What is asked for by name stands first. */
export function startRead() {
  atItsBeginning();
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.sourceElement !== document.body) atItsBeginning();
  });
}

function atItsBeginning() {
  const scroll = document.getElementById("scroll");
  const last = [...(scroll?.querySelectorAll(".msg") ?? [])].at(-1);
  if (!last || scroll.scrollTop !== 0 || location.hash.length > 1) return;
  const above = scroll.getBoundingClientRect().top - last.getBoundingClientRect().top;
  if (above > 0) scroll.scrollTop -= above; // counted from its end: it is below zero
}

/* Choosing another way to sign in keeps what was typed, but for the secrets: they stay out of
   addresses. */

import { letGo } from "./unsaved.js";

export function startForms() {
  document.addEventListener("click", (event) => {
    const way = event.target.closest?.(".ways a.way"), form = document.querySelector(".connect-form");
    if (!way || !form) return;
    const typed = [...new FormData(form)].filter(([name, value]) => value && !name.startsWith("secret."));
    const address = new URL(way.href);
    for (const [name, value] of typed) if (name !== "sign_in") address.searchParams.set(name, value);
    way.href = address.href;
    letGo(form);
  });
}

/* Day or night, before the first paint: loaded in <head> without defer. The server writes the theme of the cookie
   into the page; without a cookie the machine's own wish counts. */
(function () {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  function chosen() {
    const found = /(?:^|; )theme=(light|dark)/.exec(document.cookie);
    return found && found[1];
  }

  function apply(theme) {
    root.setAttribute("data-bs-theme", theme);
    document.querySelectorAll("[data-theme-toggle]").forEach((button) => {
      button.setAttribute("aria-pressed", String(theme === "dark"));
    });
  }

  const wished = chosen() || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.setAttribute("data-bs-theme", wished);
  document.addEventListener("DOMContentLoaded", () => apply(root.getAttribute("data-bs-theme")));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
    apply(next);
  });
})();

/* The review page: Ctrl+Enter saves and goes on, from wherever one types. Everything else is the shared shortcuts. */
(function () {
  "use strict";
  const form = document.getElementById("finding");
  if (!form) return;
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-submit]"));
  });
})();

/* The review page: Ctrl+Enter saves and goes on, from wherever one types; a document that loads takes no focus. */
(function () {
  "use strict";
  const form = document.getElementById("finding");
  const frame = document.querySelector(".viewer-frame");

  if (form)
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-submit]"));
    });

  /* The browser's PDF viewer focuses itself when it has loaded, in the middle of somebody's word. Focus that nobody took
     there, by the pointer or by Tab, goes back to where it was. */
  if (!frame) return;
  const viewer = frame.closest(".viewer");
  let before = null;
  let tabbed = 0;
  document.addEventListener("focusin", (event) => {
    if (event.target !== frame) before = event.target;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Tab") tabbed = event.timeStamp;
  });
  window.addEventListener("blur", (event) => {
    if (viewer.matches(":hover") || event.timeStamp - tabbed < 500) return;
    setTimeout(() => {
      if (document.activeElement !== frame) return;
      frame.blur();
      window.focus();
      if (before && before.isConnected) before.focus({ preventScroll: true });
    });
  });
})();

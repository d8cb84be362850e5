/* Reports on paper and folded: <button data-print> prints; <button data-unfold="id"> opens every <details> in it. */
(function () {
  "use strict";
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    const unfold = event.target.closest("[data-unfold]");
    if (!unfold) return;
    const open = unfold.getAttribute("aria-expanded") !== "true";
    unfold.setAttribute("aria-expanded", String(open));
    document.querySelectorAll(`#${unfold.dataset.unfold} details`).forEach((part) => (part.open = open));
  });
})();

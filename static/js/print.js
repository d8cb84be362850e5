/* <button data-print>: the browser's own printing; the print sheet hides what paper does not need. */
(function () {
  "use strict";
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
})();

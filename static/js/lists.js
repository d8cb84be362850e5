/* Rows of a list that are ticked: all of the page at once, and how many there are. Without it the boxes and the buttons
   work as they are. */
(function () {
  "use strict";
  const portal = window.portal;

  function tell(form) {
    const bar = form.querySelector("[data-bulk]");
    if (!bar) return;
    const boxes = Array.from(form.querySelectorAll("[data-tick]"));
    const ticked = boxes.filter((box) => box.checked);
    boxes.forEach((box) => box.closest("tr").classList.toggle("is-picked", box.checked));
    const all = bar.querySelector("[data-tick-all]");
    all.checked = boxes.length > 0 && ticked.length === boxes.length;
    all.indeterminate = ticked.length > 0 && !all.checked;
    const words = bar.querySelector("[data-ticked]");
    words.dataset.none = words.dataset.none || words.textContent;
    words.textContent = ticked.length
      ? portal.digits(words.dataset.some.replace("{n}", ticked.length))
      : words.dataset.none;
    bar.classList.toggle("is-on", ticked.length > 0);
  }

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!box.form || !box.matches("[data-tick], [data-tick-all]")) return;
    if (box.matches("[data-tick-all]"))
      box.form.querySelectorAll("[data-tick]").forEach((tick) => {
        tick.checked = box.checked;
      });
    tell(box.form);
  });
  // A browser that comes back to the page may have kept the ticks.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("[data-bulk]").forEach((bar) => tell(bar.closest("form")));
  });
})();

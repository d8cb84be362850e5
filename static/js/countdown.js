/* Countdowns and the clock in the foot, by the portal's time. Nothing is decided here: when it reads zero the page says
   so and fires `portal:deadline`; whether something is still accepted is for the server to say. */
(function () {
  "use strict";
  const portal = window.portal;
  const clock = document.querySelector("[data-clock]");
  const tehran = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Tehran", hour: "2-digit", minute: "2-digit" });

  function show(count, part, value, visible) {
    const place = count.querySelector(`[data-part=${part}]`);
    place.hidden = !visible;
    place.firstElementChild.textContent = portal.digits(value);
  }

  function tick() {
    const now = portal.now();
    if (clock) clock.textContent = portal.digits(tehran.format(new Date(now)));
    document.querySelectorAll("[data-until]").forEach((count) => {
      const left = Math.max(0, Math.floor((Date.parse(count.dataset.until) - now) / 1000));
      const days = Math.floor(left / 86400);
      show(count, "days", days, days > 0);
      show(count, "hours", Math.floor((left % 86400) / 3600), true);
      show(count, "minutes", Math.floor((left % 3600) / 60), true);
      show(count, "seconds", left % 60, days === 0);
      count.classList.toggle("is-near", left < 86400);
      if (left === 0 && !count.dataset.done) {
        count.dataset.done = "1";
        const passed = count.nextElementSibling;
        if (passed && "passed" in passed.dataset) passed.hidden = false;
        count.dispatchEvent(new CustomEvent("portal:deadline", { bubbles: true }));
      }
    });
  }

  tick();
  setInterval(tick, 1000);
})();

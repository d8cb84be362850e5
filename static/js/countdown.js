/* Countdowns and the clock in the foot, by the portal's time. Nothing is decided here: when it reads zero the page says that
   the time has come, and where it can it asks the server, which alone knows what holds now. It asks by `portal:ask`, at
   random within twenty seconds: a thousand open pages would otherwise ask in the very second in which the last reports are
   submitted. A tab that nobody sees asks when somebody looks at it. */
(function () {
  "use strict";
  const portal = window.portal;
  const clock = document.querySelector("[data-clock]");
  const SPREAD = 20000;
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
      const rest = Date.parse(count.dataset.until) - now;
      const left = Math.max(0, Math.floor(rest / 1000));
      const days = Math.floor(left / 86400);
      show(count, "days", days, days > 0);
      show(count, "hours", Math.floor((left % 86400) / 3600), true);
      show(count, "minutes", Math.floor((left % 3600) / 60), true);
      show(count, "seconds", left % 60, days === 0);
      count.classList.toggle("is-near", left < 86400);
      if (rest <= 0 && !count.dataset.done) {
        count.dataset.done = "1";
        come(count);
      }
    });
  }

  function come(count) {
    const said = count.nextElementSibling.nextElementSibling; // after what the portal says where it has passed already
    if (!count.hidden) said.hidden = false;
    const asker = count.closest("[data-asks]");
    if (!asker) return;
    asker.querySelector("[data-asking]").hidden = false;
    setTimeout(ask, Math.random() * SPREAD);
  }

  const ask = () => document.body.dispatchEvent(new CustomEvent("portal:ask"));

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && document.querySelector("[data-asks] [data-until][data-done]")) ask();
  });

  tick();
  setInterval(tick, 1000);
})();

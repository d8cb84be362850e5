/* Forms: unsaved changes, buttons that are at work, files dropped, passwords shown, the Jalali date picker. */
(function () {
  "use strict";
  const portal = window.portal;

  /* ------------------------------ <form data-dirty>: leaving with unsaved changes */
  let dirty = false;
  document.addEventListener("input", (event) => {
    if (event.target.closest("form[data-dirty]")) dirty = true;
  });
  document.addEventListener("submit", () => {
    dirty = false;
  });
  document.body.addEventListener("portal:saved", () => {
    dirty = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });

  /* A second click on a button that is at work sends nothing; the page that comes back starts afresh. */
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.defaultPrevented || !button || event.target.method !== "post" || event.target.matches("[hx-post]"))
      return;
    if (button.classList.contains("is-busy")) {
      event.preventDefault();
      return;
    }
    button.classList.add("is-busy");
    button.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll(".is-busy").forEach((button) => {
      button.classList.remove("is-busy");
      button.removeAttribute("aria-busy");
    });
  });

  /* ------------------------------------------------- <button data-reveal="id"> */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reveal]");
    if (!button) return;
    const input = document.getElementById(button.dataset.reveal);
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });

  /* ------------------------------------------------ <button data-reading="id">: one of two numbers that a text can be */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reading]");
    const input = button && document.getElementById(button.dataset.reading);
    if (!input) return;
    event.preventDefault();
    input.value = portal.digits(button.value.replace(".", document.documentElement.lang.startsWith("fa") ? "٫" : "."));
    ["input", "change"].forEach((kind) => input.dispatchEvent(new Event(kind, { bubbles: true })));
    input.focus();
  });

  /* ------------------------------------------------------------ [data-drop] */
  function name(drop) {
    const files = Array.from(drop.querySelector("input[type=file]").files);
    drop.querySelector("[data-chosen]").textContent = files.map((file) => file.name).join("، ");
  }
  document.addEventListener("change", (event) => {
    const drop = event.target.closest("[data-drop]");
    if (drop) name(drop);
  });
  ["dragover", "dragleave", "drop"].forEach((kind) =>
    document.addEventListener(kind, (event) => {
      const drop = event.target.closest && event.target.closest("[data-drop]");
      if (!drop) return;
      event.preventDefault();
      drop.classList.toggle("is-over", kind === "dragover");
      if (kind !== "drop") return;
      const input = drop.querySelector("input[type=file]");
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }),
  );

  /* <button data-pick="id"> beside <input data-jdp>: the text is the field, the calendar a help behind a button. Loaded
     at the first press; its addresses are on the <template id="date-picker"> of components/date_picker.html. */
  const source = document.getElementById("date-picker");
  const TIME = /\s+[\d۰-۹]{1,2}:[\d۰-۹]{2}\s*$/;
  const latin = (text) => text.replace(/[۰-۹]/g, (digit) => "۰۱۲۳۴۵۶۷۸۹".indexOf(digit));
  const persian = document.documentElement.lang.startsWith("fa");
  const ENGLISH = {
    days: ["Sa", "Su", "Mo", "Tu", "We", "Th", "Fr"],
    months: "Farvardin Ordibehesht Khordad Tir Mordad Shahrivar Mehr Aban Azar Dey Bahman Esfand".split(" "),
    showTodayBtn: false, // their words are Persian only
    showEmptyBtn: false,
    showCloseBtn: false,
  };

  /** The date that is typed, as the calendar reads it; nothing where it is none that may exist. */
  function readable(text) {
    const found = /^(\d{4})\/(\d{1,2})\/(\d{1,2})(\s|$)/.exec(latin(text.trim()));
    const exists = found && found[2] >= 1 && found[2] <= 12 && found[3] >= 1 && found[3] <= 31;
    return exists ? found.slice(1, 4).join("/") : "";
  }

  function offer(input) {
    const typed = input.value;
    input.dataset.time = (TIME.exec(typed) || [""])[0].trim();
    // It reads Latin dates only, and reads at once: the field gets back what the person typed.
    input.value = readable(typed);
    window.jalaliDatepicker.show(input);
    input.value = typed;
  }

  function watch() {
    const now = new Date(portal.now());
    const year = Number(new Intl.DateTimeFormat("en-US-u-ca-persian", { year: "numeric" }).format(now).match(/\d+/)[0]);
    window.jalaliDatepicker.startWatch({
      autoShow: false,
      autoReadOnlyInput: false,
      time: false,
      zIndex: 40,
      minDate: { year: year - 10, month: 1, day: 1 },
      maxDate: { year: year + 10, month: 12, day: 29 },
      persianDigits: persian,
      ...(persian ? {} : ENGLISH),
    });
    document.addEventListener("keydown", () => window.jalaliDatepicker.hide());
    // The calendar writes a Latin date alone; the time that stood after it comes back. What a person types is let be.
    document.addEventListener("change", (event) => {
      const input = event.target;
      if (event.isTrusted || !input.matches("input[data-jdp]") || !input.value) return;
      const time = TIME.test(input.value) ? "" : input.dataset.time;
      input.value = portal.digits(time ? `${input.value} ${time}` : input.value);
      input.focus();
    });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pick]");
    if (!button || !source) return;
    const input = document.getElementById(button.dataset.pick);
    if (window.jalaliDatepicker) {
      setTimeout(() => offer(input)); // after its own click listener, which would close it
      return;
    }
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = source.dataset.css;
    const script = document.createElement("script");
    script.src = source.dataset.js;
    const arrived = (element) => new Promise((resolve) => element.addEventListener("load", resolve));
    // Both: it measures itself when it opens.
    Promise.all([arrived(sheet), arrived(script)]).then(() => {
      watch();
      offer(input);
    });
    document.head.append(sheet, script);
  });

  portal.clean = () => {
    dirty = false;
  };
})();

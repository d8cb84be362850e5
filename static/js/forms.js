/* Forms: unsaved changes, buttons that are at work, files dropped, passwords shown, the button of a calendar. */
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

  /* <button data-pick="id"> beside <input data-day>: the text is the field, the calendar a help behind a button. Its script
     is loaded at the first press; the address is on the <template id="date-picker"> of components/date_picker.html. */
  const source = document.getElementById("date-picker");
  let calendar = null;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pick]");
    if (!button || !source) return;
    calendar ??= new Promise((resolve) => {
      const script = document.createElement("script");
      script.src = source.dataset.js;
      script.addEventListener("load", resolve);
      document.head.append(script);
    });
    calendar.then(() => portal.pickDay(document.getElementById(button.dataset.pick), button));
  });

  portal.clean = () => {
    dirty = false;
  };
})();

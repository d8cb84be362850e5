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

  /* <input data-jdp>: text is the field, the calendar a help. Loaded where a page has one; its addresses are on the
     <template id="date-picker"> that components/date_picker.html prints. */
  const source = document.getElementById("date-picker");
  if (source && document.querySelector("input[data-jdp]")) {
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = source.dataset.css;
    const script = document.createElement("script");
    script.src = source.dataset.js;
    script.onload = () =>
      window.jalaliDatepicker.startWatch({ time: false, hideAfterChange: true, persianDigits: true, zIndex: 40 });
    document.head.append(sheet, script);
  }

  portal.clean = () => {
    dirty = false;
  };
})();

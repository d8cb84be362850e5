/* One-letter shortcuts: data-key="j" on a link, a button or a field. Read by the key's place, so that they work on a
   Persian keyboard; off while typing; `?` lists them and lets a person switch them off. */
(function () {
  "use strict";
  const dialog = document.getElementById("keys-dialog");
  if (!dialog) return;
  const SWITCH = "portal-keys";
  const toggle = dialog.querySelector("[data-switch]");
  let on = true;
  try {
    on = localStorage.getItem(SWITCH) !== "off";
  } catch (error) {
    /* a private window keeps nothing */
  }
  toggle.checked = on;
  toggle.addEventListener("change", () => {
    on = toggle.checked;
    try {
      localStorage.setItem(SWITCH, on ? "on" : "off");
    } catch (error) {
      /* as above */
    }
  });

  const typing = (element) =>
    element.isContentEditable ||
    /^(TEXTAREA|SELECT)$/.test(element.tagName) ||
    (element.tagName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(element.type));

  function list() {
    const rows = dialog.querySelector("[data-list]");
    rows.replaceChildren();
    document.querySelectorAll("[data-key]").forEach((element) => {
      const term = document.createElement("dt");
      const key = document.createElement("kbd");
      key.textContent = element.dataset.key.toUpperCase();
      term.append(key);
      const words = document.createElement("dd");
      words.textContent = element.dataset.keyLabel || element.getAttribute("aria-label") || element.textContent.trim();
      rows.append(term, words);
    });
    dialog.showModal();
  }

  document.addEventListener("keydown", (event) => {
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      typing(event.target) ||
      document.querySelector("dialog[open]")
    )
      return;
    if ((event.key === "?" || event.key === "؟") && document.querySelector("[data-key]")) {
      event.preventDefault();
      list();
      return;
    }
    if (!on) return;
    const pressed = event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key.toLowerCase();
    const target = Array.from(document.querySelectorAll("[data-key]")).find(
      (element) => element.dataset.key === pressed && !element.disabled && element.offsetParent,
    );
    if (!target) return;
    event.preventDefault();
    if (typing(target)) target.focus();
    else target.click();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-help]")) list();
  });
})();

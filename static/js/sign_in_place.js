/* A session that ended while somebody types: ask for the password where they are, then send again. Listens to
   `portal:signed-out` (portal.js); the address of the sign-in page is on <template id="sign-in-place">. */
(function () {
  "use strict";
  const source = document.getElementById("sign-in-place");
  if (!source) return;
  const portal = window.portal;
  const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
  let waiting = [];
  let dialog = null;

  document.body.addEventListener("portal:signed-out", (event) => {
    event.preventDefault();
    waiting.push(event.detail.retry);
    if (!dialog || !dialog.open) open();
  });

  async function open() {
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.className = "dialog";
      dialog.id = "sign-in-dialog";
      dialog.setAttribute("aria-labelledby", "sign-in-dialog-title");
      dialog.append(source.content.cloneNode(true));
      document.body.append(dialog);
      dialog.querySelector("form").addEventListener("submit", send);
      dialog.addEventListener("close", () => document.body.dispatchEvent(new CustomEvent("portal:sign-in-closed")));
    }
    say("");
    dialog.showModal();
    dialog.querySelector("input[type=password]").focus();
  }

  function say(text) {
    const place = dialog.querySelector("[data-said]");
    place.hidden = !text;
    place.textContent = text;
  }

  async function send(event) {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("[type=submit]");
    button.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(source.dataset.url, {
        method: "POST",
        headers: { "X-In-Place": "1", "X-CSRFToken": token(), Accept: "application/json" },
        body: new FormData(form),
        credentials: "same-origin",
      });
      if (answer.status === 204) return done(answer.headers.get("X-CSRFToken"));
      const told = await answer.json().catch(() => ({}));
      say(told.message || source.dataset.failed);
    } catch (error) {
      say(source.dataset.offline);
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  function done(fresh) {
    if (fresh) portal.setToken(fresh);
    dialog.querySelector("input[type=password]").value = "";
    dialog.close();
    const again = waiting;
    waiting = [];
    document.body.dispatchEvent(new CustomEvent("portal:signed-in"));
    again.forEach((retry) => retry());
  }
})();

/* The session that this page belongs to, for as long as the page lies open. It may have ended meanwhile, or have become
   somebody else's: then nothing that stands here is sent under another name, and nothing that was typed is lost.

   Which person was last on this browser stands in localStorage, so that other windows hear of it at once; where nothing is
   kept there, the portal's own answer (`units:session`) says it. */
(function () {
  "use strict";
  const portal = window.portal;
  const body = document.body;
  const mine = body.dataset.person;
  const words = document.getElementById("session-words");
  if (!mine || !words) return;
  const MARK = "portal-person";
  const NOBODY = "";
  const idle = Number(body.dataset.idle) * 1000;
  const SURE = idle ? Math.min(300000, idle / 4) : 300000; // how long an answer about the session is believed
  let sureUntil = Date.now() + SURE;
  let over = null; // the notice that stands in place of the page

  function mark(person) {
    try {
      localStorage.setItem(MARK, person);
    } catch (error) {
      /* nothing is kept here; the portal still knows who is signed in */
    }
  }
  const marked = () => {
    try {
      return localStorage.getItem(MARK);
    } catch (error) {
      return null;
    }
  };

  /* --------------------------------------------------------- whose browser it is now */
  function see(person) {
    if (person === null) return;
    if (person === mine) return over && back();
    end(person === NOBODY ? "left" : "other-person");
  }

  function end(how) {
    if (over) over.remove();
    over = document.createElement("section");
    over.className = "session-over page";
    over.id = `session-${how}`;
    over.tabIndex = -1;
    over.append(words.content.querySelector(`[data-how=${how}]`).cloneNode(true));
    body.classList.add("is-over");
    (document.getElementById("main") || body.firstElementChild).before(over);
    body.dispatchEvent(new CustomEvent(`portal:${how}`));
    over.focus();
  }

  function back() {
    over.remove();
    over = null;
    body.classList.remove("is-over");
    ask().then(() => body.dispatchEvent(new CustomEvent("portal:back")));
  }

  mark(mine);
  window.addEventListener("storage", (event) => event.key === MARK && see(event.newValue));
  window.addEventListener("pageshow", (event) => event.persisted && see(marked()));
  document.addEventListener("visibilitychange", () => !document.hidden && see(marked()));

  /** mine, other, nobody or unknown; a fresh token comes with it. Asking counts as use of the session. */
  async function ask() {
    sureUntil = Date.now() + SURE;
    try {
      const answer = await fetch(body.dataset.session, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok) return "unknown";
      const { person, token } = await answer.json();
      if (person === null) return "nobody";
      if (String(person) !== mine) {
        see(String(person));
        return "other";
      }
      portal.setToken(token);
      return "mine";
    } catch (error) {
      return "unknown"; // no network: whatever is sent next says so
    }
  }

  function signedOut(retry) {
    const asked = new CustomEvent("portal:signed-out", { cancelable: true, detail: { retry } });
    if (body.dispatchEvent(asked)) retry();
  }

  /* Typing is use, although nothing is sent: the portal is told now and then. */
  document.addEventListener("input", async (event) => {
    if (!event.isTrusted || over || Date.now() < sureUntil || event.target.closest("dialog")) return;
    if ((await ask()) === "nobody") signedOut(() => {});
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    const { successful, elt, xhr } = event.detail;
    if (successful && !elt.hasAttribute("data-live")) sureUntil = Date.now() + SURE;
    if (xhr.status === 409 && xhr.responseText.includes('"other-person"')) ask();
  });
  body.addEventListener("portal:signed-in", () => {
    sureUntil = Date.now() + SURE;
    mark(mine);
  });

  /* ------------------------------------------------------------------ what is sent */
  body.addEventListener("htmx:beforeRequest", (event) => {
    if (over) event.preventDefault();
  });
  /* The token is older than the session: the same person signed in again in another window, or somebody else did. */
  body.addEventListener("htmx:responseError", async (event) => {
    const { xhr, requestConfig, elt } = event.detail;
    if (xhr.status !== 403 || !xhr.responseText.includes('"stale-page"')) return;
    const retry = () =>
      window.htmx.ajax(requestConfig.verb, requestConfig.path, { source: elt, values: requestConfig.parameters });
    const whose = await ask();
    if (whose === "nobody") signedOut(retry);
    else if (whose === "mine" && elt.id !== "entry") retry(); // the entry page tries again by itself
  });

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (form.method !== "post" || form.closest("#sign-in-dialog")) return;
      const leaves = form.hasAttribute("data-sign-out") && !form.dataset.left;
      const fresh = Date.now() < sureUntil || form.hasAttribute("hx-post");
      if (!over && fresh && !leaves) return;
      event.preventDefault();
      event.stopImmediatePropagation(); // before the question, and before htmx
      if (over) return;
      const again = () => (leaves ? leave(form) : form.requestSubmit(event.submitter || undefined));
      if (fresh) setTimeout(again); // not within this event: a form that is being submitted takes no second order
      else ask().then((whose) => (whose === "nobody" ? signedOut(again) : whose !== "other" && again()));
    },
    true,
  );

  /* -------------------------------------------------------------- signing out by hand */
  const dialog = document.getElementById("leave-dialog");

  async function leave(form) {
    if (portal.sendUnsent) await portal.sendUnsent();
    const unsent = portal.store.of(mine);
    if (!unsent.length) return go(form);
    const list = dialog.querySelector("[data-list]");
    list.replaceChildren(...unsent.map(line));
    dialog.returnValue = "stay";
    dialog.onclose = () => dialog.returnValue === "drop" && go(form);
    dialog.showModal();
  }

  function line({ place, label, names }) {
    const item = document.createElement("li");
    const link = document.createElement(place ? "a" : "span");
    if (place) link.href = place;
    link.textContent = label || place;
    item.append(link, ` ${dialog.dataset.count.replace("{n}", portal.digits(names))}`);
    return item;
  }

  function go(form) {
    portal.store.forgetAll(mine);
    body.dispatchEvent(new CustomEvent("portal:left"));
    mark(NOBODY);
    form.dataset.left = "1";
    form.requestSubmit();
  }
})();

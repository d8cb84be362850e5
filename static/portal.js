/* What every page shares: htmx's manners, errors of the network in words, forms that speak Persian. No inline script,
   no framework; every page works without it. */
(function () {
  "use strict";
  const portal = (window.portal = window.portal || {});
  const body = document.body;

  /** Digits of the page's language in a text. */
  portal.digits = (text) =>
    document.documentElement.lang.startsWith("fa")
      ? String(text).replace(/\d/g, (digit) => "۰۱۲۳۴۵۶۷۸۹"[digit])
      : String(text);

  /* The portal's clock, not this machine's. The page was served after it was asked for, so the difference makes the
     time shown a little late rather than early: nobody is promised a second that is gone. A page that the browser kept
     is older than that, and gets this machine's time. */
  const [visit] = performance.getEntriesByType("navigation");
  const served = Date.parse(body.dataset.now);
  const offset = Number.isNaN(served) || (visit && visit.type === "back_forward") ? 0 : served - performance.timeOrigin;
  portal.now = () => Date.now() + offset;

  /** Says something for a moment. Errors do not go here: they stay beside what caused them. */
  portal.toast = (text) => {
    const toast = document.createElement("div");
    toast.className = "toast show";
    const inner = document.createElement("div");
    inner.className = "toast-body";
    inner.textContent = text;
    toast.append(inner);
    document.getElementById("toasts").append(toast);
    setTimeout(() => toast.remove(), 6000);
  };

  /* The server's message under the field is better than the browser's bubble in another language. */
  const quiet = (root) =>
    root.querySelectorAll("form[method=post]").forEach((form) => {
      form.noValidate = true;
    });
  quiet(document);
  body.addEventListener("htmx:load", (event) => quiet(event.detail.elt));

  /* A form that was refused: go to what is wrong. */
  const wrong = document.getElementById("form-errors");
  if (wrong) wrong.focus();

  document.addEventListener("click", (event) => {
    if (event.target.matches("[data-whole]")) event.target.select(); // what is copied is copied whole
    if (event.target.closest("[data-back]")) history.back();
  });

  /* htmx: a session that ended answers 401 (units/middleware.py). Whoever listens to `portal:signed-out` may cancel it,
     ask for the password in place and call event.detail.retry(); else the browser goes to sign in and comes back. */
  body.addEventListener("htmx:beforeSwap", (event) => {
    const answer = event.detail.xhr;
    if (answer.status === 422 || answer.status === 409) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    if (answer.status === 304) event.detail.shouldSwap = false; // nothing happened since this was asked for
    const live = event.detail.target.closest("[data-live]");
    if (live && live.contains(document.activeElement)) event.detail.shouldSwap = false; // somebody is in it; later, then
    if (answer.status !== 401) return;
    event.detail.shouldSwap = false;
    const source = event.detail.requestConfig;
    const asked = new CustomEvent("portal:signed-out", {
      cancelable: true,
      detail: {
        retry: () =>
          live || window.htmx.ajax(source.verb, source.path, { source: source.elt, values: source.parameters }),
      },
    });
    if (body.dispatchEvent(asked)) {
      location.assign(`${body.dataset.signIn}?next=${encodeURIComponent(location.pathname + location.search)}`);
    }
  });
  /* What a page asks by itself is no use of the session (lib/asking.py): it ends although the page lies open. */
  body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.hasAttribute("data-live")) event.detail.headers["X-By-Itself"] = "1";
  });
  /* What keeps itself up to date rests while nobody looks. */
  body.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.detail.elt.hasAttribute("data-live")) event.preventDefault();
  });
  /* The portal was busy (lib/refusals.py): what was pressed is told so; what asks by itself asks again anyway, and the
     entry page has its own words. */
  body.addEventListener("htmx:responseError", (event) => {
    const { xhr, requestConfig, elt } = event.detail;
    if (xhr.status !== 503 || requestConfig.verb === "get" || elt.id === "entry") return;
    try {
      portal.toast(JSON.parse(xhr.responseText).message);
    } catch (error) {
      /* a proxy's own page: no words for this place */
    }
  });
  body.addEventListener("htmx:sendError", () => body.dispatchEvent(new CustomEvent("portal:offline")));
  window.addEventListener("offline", () => body.dispatchEvent(new CustomEvent("portal:offline")));
  window.addEventListener("online", () => body.dispatchEvent(new CustomEvent("portal:online")));

  /* A strip of tabs or sections that is wider than the screen begins where the reader is. */
  const showPlace = () =>
    document.querySelectorAll(".nav-tabs .active, .rail [aria-current]").forEach((current) => {
      const strip = current.closest(".nav-tabs, .rail");
      if (strip.scrollWidth <= strip.clientWidth) return;
      const here = current.getBoundingClientRect();
      const seen = strip.getBoundingClientRect();
      strip.scrollLeft += here.left + here.width / 2 - (seen.left + seen.width / 2);
    });
  showPlace();
  body.addEventListener("htmx:oobAfterSwap", showPlace);

  /* Paper has no fold: what the main part of a page folds away is opened for the printer, and folded again. */
  let unfolded = [];
  window.addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("main details:not([open], .twin)")].filter((part) => !part.querySelector("form"));
    unfolded.forEach((part) => (part.open = true));
  });
  window.addEventListener("afterprint", () => unfolded.forEach((part) => (part.open = false)));

  /* A new token after signing in again in place. */
  portal.setToken = (token) => {
    body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((input) => {
      input.value = token;
    });
  };
})();

/* The entry page: saves by itself, field by field, and loses no typed word.

   A name is in `dirty` from the keystroke to the server's yes. `held` are words the server has seen and could not take
   (unreadable, or in conflict): they are kept and go along with whatever is sent next, so that they stay marked, named and
   counted until they are stored. Both live in localStorage as well. One request at a time; the answer swaps messages and
   sums, and writes what is stored into its box as soon as nobody is in it. */
(function () {
  "use strict";
  const portal = window.portal;
  const form = document.getElementById("entry");
  if (!form || !portal.store) return;
  const words = document.getElementById("entry-words").dataset;
  const KEY = [form.dataset.person, form.dataset.report, form.dataset.section].join(":");
  const PREFIX = "q:";
  const PAUSE = 700;
  const LONGEST_WAIT = 30000;

  let base = Number(form.elements.base.value);
  const bases = new Map(); // fields whose newer value this person has not seen: the version they did see
  const dirty = new Set();
  const held = new Set();
  const stored = new Map(); // name → [what was sent, what is stored], for the box that somebody is still in
  let sent = null; // Map name → what was sent, while a request is under way
  let shown = form.dataset.shown; // what stands on the page, as the server reads it: it sends the rest (pages/entry/pieces.py)
  const choices = new Map(); // select that somebody is in → the options that wait for it
  let stopped = form.dataset.writable !== "1"; // the portal takes no more changes
  let timer = 0;
  let tries = 0;

  /* ----------------------------------------------------------------- values */
  const controls = (name) => Array.from(form.querySelectorAll(`[name="${CSS.escape(PREFIX + name)}"]`));
  const nameOf = (element) => (element.name && element.name.startsWith(PREFIX) ? element.name.slice(PREFIX.length) : "");
  const typed = (name) => new FormData(form).getAll(PREFIX + name).map(String);
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  const places = (name) => controls(name).filter((control) => control.tagName === "SELECT"); // of an order: several

  function put(name, values) {
    if (places(name).length > 1) return places(name).forEach((place, at) => (place.value = values[at] || ""));
    controls(name).forEach((control) => {
      if (control.type === "radio" || control.type === "checkbox") control.checked = values.includes(control.value);
      else if (control.type !== "hidden") control.value = values.join(" ");
    });
  }

  function putText(name, text) {
    const several = controls(name).some((control) => control.type === "checkbox") || places(name).length > 1;
    put(name, several ? text.split(" ") : [text]);
  }

  /* ------------------------------------------------------- keeping, and telling */
  function keep() {
    const names = [...dirty, ...held];
    if (!names.length) return portal.store.forget(KEY);
    const values = Object.fromEntries(names.map((name) => [name, typed(name)]));
    const where = { place: location.pathname, label: form.dataset.label };
    portal.store.write(KEY, { at: portal.now(), ...where, base, values, bases: Object.fromEntries(bases) });
  }

  function tell(text) {
    const place = document.getElementById("saved");
    place.classList.add("is-pending");
    place.textContent = text;
  }

  function offline(text) {
    const banner = document.getElementById("offline");
    banner.hidden = !text;
    if (text) banner.querySelector("[data-words]").textContent = text;
  }

  function changed(name, wait) {
    if (!name) return;
    dirty.add(name);
    held.delete(name);
    keep();
    if (stopped) return;
    tell(words.unsaved);
    schedule(wait);
  }

  /* ----------------------------------------------------------------- sending */
  function schedule(wait) {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  }

  function save() {
    clearTimeout(timer);
    if (sent || stopped || !unsent()) return;
    window.htmx.trigger(form, "save");
  }

  form.addEventListener("htmx:configRequest", (event) => {
    if (event.target !== form) return;
    const data = event.detail.parameters;
    Object.keys(data).forEach((key) => delete data[key]);
    sent = new Map();
    data.base = String(base);
    data.person = form.dataset.person;
    data.shown = shown;
    new Set([...dirty, ...held]).forEach((name) => {
      const values = typed(name);
      sent.set(name, values);
      data[PREFIX + name] = values.length ? values : [""];
      if (bases.has(name)) data[`base:${name}`] = String(bases.get(name));
    });
    tell(words.saving);
  });

  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== form) {
      if (event.detail.requestConfig.verb !== "get") shown = ""; // it changed parts of the page: next time all of them come
      if (held.size) schedule(0); // the list that a file's answer brought does not know of them
      return;
    }
    const status = event.detail.xhr.status;
    const was = sent;
    sent = null;
    if (event.detail.successful && status === 200) return was && accepted(was);
    if (status === 409) return refusedAll();
    form.dispatchEvent(new CustomEvent("entry:failed"));
    if (status === 401) return tell(words.unsaved);
    tries += 1;
    tell(status ? words.unsaved : words.waiting);
    offline(status ? words.trouble : words.offline);
    const asked = status ? Number(event.detail.xhr.getResponseHeader("Retry-After")) || 0 : 0;
    schedule(Math.min(LONGEST_WAIT, Math.max(asked, 2 ** (tries - 1)) * 1000));
  });

  document.body.addEventListener("portal:online", () => {
    tries = 0;
    save();
  });
  document.body.addEventListener("portal:offline", () => {
    if (dirty.size) offline(words.offline);
  });

  /* ------------------------------------------------------------- what came back */
  function accepted(was) {
    const state = JSON.parse(document.getElementById("entry-state").textContent);
    tries = 0;
    offline("");
    const stuck = new Set([...state.refused, ...state.conflicts]);
    document.getElementById("saved").classList.toggle("is-pending", stuck.size > 0);
    was.forEach((values, name) => {
      if (!same(values, typed(name))) return; // typed on while it was under way: still to be sent
      dirty.delete(name);
      held.delete(name);
      if (stuck.has(name)) return held.add(name);
      bases.delete(name);
      if (name in state.written) stored.set(name, [values, state.written[name]]);
    });
    writeBack();
    learn(state, was);
    base = state.version;
    shown = state.shown;
    form.elements.base.value = String(base);
    show(state);
    keep();
    if (dirty.size) schedule(PAUSE);
    document.body.dispatchEvent(new CustomEvent("portal:saved"));
    form.dispatchEvent(new CustomEvent("entry:answered"));
  }

  /** What is stored, in its box: whoever typed 1.0 sees what became of it. */
  function writeBack() {
    stored.forEach(([values, text], name) => {
      if (controls(name).includes(document.activeElement)) return;
      stored.delete(name);
      if (same(values, typed(name))) putText(name, text);
    });
  }
  form.addEventListener("focusout", () => setTimeout(writeBack));

  /* What colleagues wrote meanwhile goes into fields that nobody here is busy with. Elsewhere this person's own base
     stays, so that sending shows both values and overwrites neither. */
  function learn(state, was) {
    Object.entries(state.others).forEach(([name, text]) => {
      const busy = dirty.has(name) || held.has(name) || controls(name).includes(document.activeElement);
      if (busy) bases.set(name, bases.has(name) ? bases.get(name) : base);
      else if (!was.has(name)) {
        putText(name, text);
        bases.delete(name);
      }
    });
  }

  /* A table whose rows are others now comes whole; not while somebody is in it, or has words there that are not stored. */
  document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
    const table = event.target;
    if (!table.matches("[data-rows]")) return;
    const busy = [...dirty, ...held].some((name) => controls(name).some((control) => table.contains(control)));
    if (!busy && !table.contains(document.activeElement)) return;
    event.detail.shouldSwap = false;
    document.getElementById("rows-changed").hidden = false;
  });

  const mark = (control, what, yes) => (yes ? control.setAttribute(what, "true") : control.removeAttribute(what));

  function show(state) {
    const each = (map, selector, act) =>
      Object.entries(map).forEach(([name, value]) =>
        form.querySelectorAll(selector(CSS.escape(name))).forEach((element) => act(element, value)),
      );
    const shown = (element, yes) => (element.hidden = !yes);
    each(state.relevant, (name) => `[data-rel="${name}"]`, shown);
    each(state.parts, (id) => `[data-part="${id}"]`, shown);
    each(state.cards, (code) => `[data-card="${code}"]`, shown);
    each(state.doubt, (code) => `[data-doubt="${code}"]`, shown);
    each(state.statuses, (code) => `[data-card="${code}"]`, (card, status) => (card.className = `panel ind is-${status}`));
    Object.entries(state.invalid).forEach(([name, wrong]) =>
      controls(name).forEach((control) => {
        control.classList.toggle("is-invalid", wrong && control.type !== "hidden");
        mark(control, "aria-invalid", wrong && control.type !== "hidden");
      }),
    );
    Object.entries(state.locked).forEach(([name, yes]) =>
      controls(name).forEach((control) => {
        if (control.type === "text" || control.tagName === "TEXTAREA") control.readOnly = yes;
        else if (control.type !== "hidden") control.disabled = yes;
      }),
    );
    Object.entries(state.required).forEach(([name, yes]) =>
      controls(name).forEach((c) => mark(c, "aria-required", yes && c.hasAttribute("aria-describedby"))),
    );
    Object.entries(state.options).forEach(([name, options]) => choices.set(name, options));
    offerAll();
  }

  /** Selects whose choices depend on another answer; one that somebody is in waits until they leave it. */
  function offerAll() {
    choices.forEach((options, name) => {
      const select = controls(name).find((control) => control.tagName === "SELECT");
      if (select && select === document.activeElement) return;
      choices.delete(name);
      if (select) offer(select, options);
    });
  }
  form.addEventListener("focusout", () => setTimeout(offerAll));

  function offer(select, options) {
    const now = Array.from(select.options).slice(1);
    if (same(now.map((option) => option.value), options.map(([value]) => value))) return;
    const chosen = select.value;
    now.forEach((option) => option.remove());
    options.forEach(([value, label]) => select.add(new Option(label, value, false, value === chosen)));
  }

  function refusedAll() {
    stopped = true;
    offline("");
    tell(words.unsaved);
    keep();
    document.getElementById("not-saved").focus();
    form.dispatchEvent(new CustomEvent("entry:answered"));
  }

  /* ------------------------------------------------------------------- typing */
  form.addEventListener("input", (event) => {
    const { type, tagName } = event.target;
    changed(nameOf(event.target), /^(radio|checkbox)$/.test(type) || tagName === "SELECT" ? 0 : PAUSE);
  });
  form.addEventListener("change", (event) => {
    if (dirty.has(nameOf(event.target))) schedule(0); // left the field: no reason to wait
    else if (!event.isTrusted) changed(nameOf(event.target), 0); // the calendar writes without typing
    const na = event.target.closest("[data-na]");
    if (na) notApplicable(na);
  });
  form.addEventListener("click", (event) => settle(event.target.closest("[data-settle]")));
  function settle(choice) {
    const name = choice?.closest("[data-clash]").dataset.clash;
    if (!choice) return;
    const [which, version] = choice.dataset.settle.split("@");
    held.delete(name);
    bases.delete(name);
    if (which === "theirs") putText(name, choice.dataset.typed);
    else bases.set(name, Number(version));
    changed(name, 0);
    controls(name).find((control) => control.type !== "hidden").focus();
  }

  function notApplicable(box) {
    const field = document.getElementById(box.getAttribute("aria-controls"));
    field.classList.toggle("is-shown", box.checked);
    const area = field.querySelector("textarea");
    if (box.checked) area.focus();
    else if (area.value) {
      area.value = "";
      changed(nameOf(area), 0);
    }
  }

  /* ------------------------------------------------------------------ leaving */
  const unsent = () => dirty.size > 0 || held.size > 0;
  let leaving = false;
  window.addEventListener("beforeunload", (event) => {
    if (unsent() && !leaving) event.preventDefault();
  });

  function whenSent(then) {
    if (!dirty.size && !sent) return then();
    form.addEventListener("entry:answered", () => whenSent(then), { once: true });
    schedule(0);
  }

  /** Before signing out: sends what can be sent; what is still in the store afterwards could not be. */
  portal.sendUnsent = () =>
    new Promise((done) => {
      if (stopped || !navigator.onLine) return done();
      form.addEventListener("entry:failed", done, { once: true });
      whenSent(done);
    });

  /* Another person has this browser now: nothing is sent, and what is typed is kept for its own (js/session.js). */
  document.body.addEventListener("portal:other-person", () => {
    clearTimeout(timer);
    keep();
    stopped = leaving = true;
  });
  document.body.addEventListener("portal:back", () => {
    stopped = form.dataset.writable !== "1";
    leaving = false;
    schedule(0);
  });
  /* Signed out by hand, here or in another window, after sending or a confirmed drop. */
  document.body.addEventListener("portal:left", () => {
    clearTimeout(timer);
    [dirty, held, bases].forEach((names) => names.clear());
    keep();
    stopped = leaving = true;
  });

  /* Going on: first what is typed goes out. Words that were not taken keep the person here, at the first of them. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-go], button[data-go]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button || stopped || !unsent()) {
      if (link && link.tagName === "BUTTON" && !stopped && !unsent()) {
        event.preventDefault();
        location.assign(link.dataset.go);
      }
      return;
    }
    event.preventDefault();
    whenSent(() => {
      if (!held.size && !stopped) return location.assign(link.dataset.go || link.href);
      if (stopped) return;
      tell(words.held);
      const first = [...held].flatMap(controls).find((control) => control.type !== "hidden");
      if (first) first.focus();
    });
  });
  form.addEventListener("submit", (event) => {
    if (stopped) {
      event.preventDefault();
      return;
    }
    if (event.submitter?.name === "remove") return;
    if (event.submitter?.name === "row") return rowVerb(event);
    event.preventDefault(); // Enter in a field: no page is needed to save
    schedule(0);
  });

  /* A row comes, goes or moves: what is typed goes out first, then the page comes anew. */
  function rowVerb(event) {
    if ((leaving = !dirty.size && !sent)) return;
    event.preventDefault();
    whenSent(() => stopped || form.requestSubmit(event.submitter));
  }

  /* --------------------------------------- words that a page before left behind */
  const left = portal.store.read(KEY);
  if (left && left.values) {
    const back = Object.entries(left.values).filter(([name, values]) => controls(name).length && !same(values, typed(name)));
    if (back.length && stopped) carryOff(back);
    else if (back.length) {
      back.forEach(([name, values]) => {
        put(name, values);
        bases.set(name, left.bases && name in left.bases ? left.bases[name] : left.base);
        changed(name, 0);
      });
      document.getElementById("restored").hidden = false;
    } else portal.store.forget(KEY);
  }

  /* The call closed before they were sent: shown to be copied or carried off, and kept until then. */
  function carryOff(lines) {
    const box = document.getElementById("unsent");
    box.hidden = false;
    box.querySelector("textarea").value = lines
      .map(([name, values]) => `${labelOf(name)}: ${values.join(" ")}`)
      .join("\n");
  }

  function labelOf(name) {
    const field = form.querySelector(`[data-rel="${CSS.escape(name)}"]`);
    const label = field && (field.querySelector("[data-said]") || field.querySelector("label, legend"));
    return label ? label.textContent.trim() : name;
  }
})();

/* Menus that close, questions before what cannot be undone, and sheets that rise from the thumb on a phone. */
(function () {
  "use strict";
  const phone = matchMedia("(max-width: 61.99rem)");

  /* ------------------------------------------------ menus: <details data-menu> */
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details[data-menu][open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  /* --------------------------------------- questions: data-confirm on a button */
  const dialog = document.getElementById("confirm-dialog");

  function ask(source, agreed) {
    const { confirm, confirmTitle, confirmVerb, confirmTone } = source.dataset;
    const yes = dialog.querySelector("[data-yes]");
    dialog.querySelector("#confirm-title").textContent = confirmTitle || source.textContent.trim();
    dialog.querySelector("[data-text]").textContent = confirm;
    yes.textContent = confirmVerb || source.textContent.trim();
    yes.className = `btn btn-${confirmTone || "primary"}`;
    dialog.returnValue = "no";
    dialog.onclose = () => {
      if (dialog.returnValue === "yes") agreed();
      else source.focus();
    };
    dialog.showModal();
  }

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      const source = event.submitter && event.submitter.dataset.confirm ? event.submitter : form;
      if (!source.dataset.confirm || !dialog || form.dataset.agreed) {
        delete form.dataset.agreed;
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation(); // before htmx, which listens on the form's ancestors too
      ask(source, () => {
        form.dataset.agreed = "1";
        form.requestSubmit(event.submitter || undefined);
      });
    },
    true,
  );

  document.body.addEventListener("htmx:confirm", (event) => {
    const source = event.target;
    const submits = source.type === "submit" && !source.hasAttribute("hx-post");
    if (!source.dataset.confirm || source.tagName === "FORM" || submits) return;
    event.preventDefault();
    ask(source, () => event.detail.issueRequest(true));
  });

  /* ------------------------------------------- sheets: data-sheet="id" on a link */
  const sheet = document.getElementById("sheet");
  const room = sheet && sheet.querySelector("[data-sheet-body]");
  let lent = null; // what the sheet shows, and where it belongs

  function giveBack() {
    if (!lent) return;
    lent.place.replaceWith(lent.content);
    lent = null;
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-sheet]");
    if (opener && phone.matches && sheet) {
      const content = document.getElementById(opener.dataset.sheet);
      if (!content) return;
      event.preventDefault();
      const place = document.createComment("sheet");
      content.before(place);
      room.append(content);
      lent = { content, place };
      sheet.showModal();
      return;
    }
    const link = event.target.closest("#sheet a[href^='#']");
    if (link) sheet.close();
  });
  if (sheet) {
    sheet.addEventListener("close", giveBack);
    sheet.addEventListener("click", (event) => {
      if (event.target === sheet) sheet.close();
    });
    phone.addEventListener("change", () => sheet.open && sheet.close());
  }
})();

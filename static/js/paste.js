/* A column or a block from a spreadsheet, pasted into the entry page: first what lands where, then, at a word, into the fields.

   A line of the block is a line of the page: a row of a table, an indicator, or a question by itself; from the field on in which
   one pastes. Nothing is in any field before “Put them in” is pressed; saving is entry.js's, as if somebody had typed. */
(function () {
  "use strict";
  const form = document.getElementById("entry");
  const dialog = document.getElementById("paste-dialog");
  if (!form || !dialog) return;
  const words = dialog.dataset;
  const PREFIX = "q:";
  const OWN = /^q:(comment|na):/;
  let plan = [];

  /* -------------------------------------------------------------------------------------------- the block */
  /** Rows of cells, as spreadsheets copy them: tabs between cells, and a cell with line ends in quotation marks. */
  function cellsOf(text) {
    const rows = [[""]];
    let quoted = false;
    const put = (letter) => (rows[rows.length - 1][rows[rows.length - 1].length - 1] += letter);
    const begun = () => rows[rows.length - 1][rows[rows.length - 1].length - 1] !== "";
    const all = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    for (let at = 0; at < all.length; at += 1) {
      const letter = all[at];
      if (quoted && letter === '"' && all[at + 1] === '"') {
        put('"');
        at += 1;
      } else if (quoted && letter === '"') quoted = false;
      else if (quoted) put(letter);
      else if (letter === '"' && !begun()) quoted = true;
      else if (letter === "\t") rows[rows.length - 1].push("");
      else if (letter === "\n") rows.push([""]);
      else put(letter);
    }
    return rows.map((row) => row.map((cell) => cell.trim()));
  }

  /* ------------------------------------------------------------------------------------- where it may land */
  const controls = (name) => Array.from(form.querySelectorAll(`[name="${CSS.escape(name)}"]`)).filter((c) => c.type !== "hidden");
  const shown = (element) => element.getClientRects().length > 0;

  /** The page line by line: each a list of names, those of one row of a table or of one indicator together. */
  function linesAround(start) {
    const table = start.closest("[data-rows]");
    const lines = new Map();
    form.querySelectorAll(`[name^="${PREFIX}"]`).forEach((control) => {
      if (control.type === "hidden" || OWN.test(control.name) || !shown(control)) return;
      if (control.closest("[data-rows]") !== table) return;
      const line = control.closest(".row-card") || control.closest("[data-card]") || control.closest("[data-rel]") || control;
      const names = lines.get(line) || lines.set(line, []).get(line);
      if (!names.includes(control.name)) names.push(control.name);
    });
    return Array.from(lines.values());
  }

  const text = (element) => (element ? element.textContent.replace(/\s+/g, " ").trim() : "");

  function labelOf(name) {
    const control = controls(name)[0];
    const field = control.closest("[data-rel]");
    const label = field && (field.querySelector("[data-said]") || field.querySelector("label, legend, th"));
    const around = control.closest(".row-card") || control.closest("[data-card]");
    const head = text(around && around.querySelector("h2, h3, h5"));
    return [head, text(label)].filter((part, at, parts) => part && parts.indexOf(part) === at).join(" · ");
  }

  /* --------------------------------------------------------------------------------------- what it becomes */
  const plain = (said) =>
    said
      .replace(/[۰-۹]/g, (d) => String("۰۱۲۳۴۵۶۷۸۹".indexOf(d)))
      .replace(/[٠-٩]/g, (d) => String("٠١٢٣٤٥٦٧٨٩".indexOf(d)))
      .replace(/ي/g, "ی")
      .replace(/ك/g, "ک")
      .replace(/[\u200c\s]+/g, " ")
      .trim()
      .toLowerCase();

  const choiceText = (control) => text(control.labels && control.labels[0]) || headText(control);
  const headText = (control) => text(document.getElementById((control.getAttribute("aria-labelledby") || "").split(" ").pop()));

  /** How a value is put into the fields of that name; null where none of them takes it. */
  function wayIn(name, value) {
    const found = controls(name);
    const first = found[0];
    if (!first || first.disabled || first.readOnly) return null;
    const put = (control, change) => () => {
      change();
      control.dispatchEvent(new Event("input", { bubbles: true }));
      control.dispatchEvent(new Event("change", { bubbles: true }));
    };
    if (first.tagName === "SELECT") {
      if (found.length > 1) return null; // an order: several places
      const option = Array.from(first.options).find((o) => (value ? [o.value, o.text].map(plain).includes(plain(value)) : !o.value));
      return option ? put(first, () => (first.value = option.value)) : null;
    }
    if (first.type === "radio") {
      const radio = found.find((r) => (value ? plain(r.value) === plain(value) || plain(choiceText(r)) === plain(value) : !r.value));
      return radio ? put(radio, () => (radio.checked = true)) : null;
    }
    if (first.type === "checkbox") {
      const parts = value.split(/[؛;،,\n]+/).map(plain).filter(Boolean);
      const yes = ["بلی", "بله", "yes", "ok", "1", "true"];
      const chosen = found.filter((box) => parts.some((p) => p === plain(box.value) || p === plain(choiceText(box)) || (found.length === 1 && yes.includes(p))));
      if (chosen.length < parts.length) return null;
      return put(first, () => found.forEach((box) => (box.checked = chosen.includes(box))));
    }
    if (first.type === "file") return null;
    return put(first, () => (first.value = value));
  }

  function nowIn(name) {
    const found = controls(name);
    const first = found[0];
    if (first.tagName === "SELECT") return first.value ? text(first.selectedOptions[0]) : "";
    if (first.type === "radio" || first.type === "checkbox") {
      return found.filter((each) => each.checked && each.value).map(choiceText).join("؛ ");
    }
    return first.value;
  }

  /** [{value, name, label, now, put, why}]; `why` of what lands nowhere. */
  function planOf(rows, start) {
    const lines = linesAround(start);
    const from = lines.findIndex((names) => names.includes(start.name));
    const column = from < 0 ? 0 : lines[from].indexOf(start.name);
    const alone = rows.every((row) => row.length === 1);
    const single = alone && !start.closest(".row-card") ? lines.flat() : null; // a column goes field by field
    return rows.flatMap((row, down) =>
      row.map((value, across) => {
        const name = single ? single[single.indexOf(start.name) + down] : (lines[from + down] || [])[column + across];
        if (!name) return { value, label: "—", now: "", why: words.nowhere };
        const put = wayIn(name, value);
        return { value, name, label: labelOf(name), now: nowIn(name), put, why: put ? "" : words.refused };
      }),
    );
  }

  /* --------------------------------------------------------------------------------------------- the preview */
  function show() {
    const body = dialog.querySelector("tbody");
    body.replaceChildren(
      ...plan.map((line) => {
        const row = document.createElement("tr");
        [line.value || "—", line.label, line.now || "—", line.why].forEach((said, at) => {
          const cell = document.createElement("td");
          const inner = document.createElement("bdi");
          inner.textContent = said;
          cell.dataset.label = dialog.querySelectorAll("th")[at].textContent;
          cell.append(inner);
          row.append(cell);
        });
        return row;
      }),
    );
    const fit = plan.filter((line) => line.put).length;
    const digits = document.documentElement.lang === "fa" ? "fa-IR" : "en";
    dialog.querySelector("[data-count]").textContent = words.count
      .replace("{fit}", fit.toLocaleString(digits))
      .replace("{all}", plan.length.toLocaleString(digits));
    dialog.querySelector("[data-yes]").hidden = !fit;
    dialog.returnValue = "no";
    dialog.showModal();
  }

  form.addEventListener("paste", (event) => {
    const start = event.target.closest(`[name^="${PREFIX}"]`);
    if (!start || OWN.test(start.name) || start.readOnly || start.disabled || form.dataset.writable !== "1") return;
    const given = event.clipboardData.getData("text/plain");
    if (!/[\t\n]/.test(given.trim())) return;
    if (start.tagName === "TEXTAREA" && !given.includes("\t")) return; // words of several lines
    event.preventDefault();
    plan = planOf(cellsOf(given), start);
    show();
  });

  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "yes") plan.forEach((line) => line.put && line.put());
    plan = [];
  });
})();

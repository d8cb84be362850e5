/* A Jalali month as a grid of buttons, for a finger, a mouse and the keyboard alone (the date-picker dialog of the ARIA
   patterns). `portal.pickDay(input, button)` opens it on the day that is typed; what is chosen is written into the field,
   with the time that stood there; focus goes back to the field. The browser's own calendar counts the days. */
(function () {
  "use strict";
  const DAY = 86400000;
  const fa = document.documentElement.lang.startsWith("fa");
  const numbers = new Intl.DateTimeFormat("en-US-u-ca-persian-nu-latn", { timeZone: "UTC", year: "numeric", month: "numeric", day: "numeric" });
  const speaks = (options) =>
    new Intl.DateTimeFormat(fa ? "fa-IR-u-ca-persian" : "en-GB-u-ca-persian", { timeZone: "UTC", ...options });
  const said = speaks({ weekday: "long", year: "numeric", month: "long", day: "numeric" });
  const short = speaks({ weekday: fa ? "narrow" : "short" });
  const long = speaks({ weekday: "long" });
  const latin = (text) => text.replace(/[۰-۹]/g, (digit) => "۰۱۲۳۴۵۶۷۸۹".indexOf(digit));
  const TYPED = /^\s*(\d{4})\/(\d{1,2})\/(\d{1,2})(?:\s+(\d{1,2}:\d{2}))?\s*$/;

  const named = (format, at) => Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));

  /** [year, month, day] of a day, days since 1970. */
  function parts(day) {
    const { relatedYear, year, month, day: number } = named(numbers, day * DAY);
    return [Number(year ?? relatedYear), Number(month), Number(number)];
  }

  /** The day of a date; of a day that the month does not have, its last. */
  function dayOf(year, month, number) {
    const first = Math.round(Date.UTC(year + 621, 2, 21) / DAY) + (month < 7 ? (month - 1) * 31 : 186 + (month - 7) * 30);
    for (let day = first + number + 1; day > first - 3; day -= 1) {
      const [y, m, n] = parts(day);
      if (y === year && m === month && n <= number) return day;
    }
    return first + number - 1;
  }

  function fullName(day) {
    const { weekday, day: number, month, relatedYear, year } = named(said, day * DAY);
    return `${weekday} ${number} ${month} ${year ?? relatedYear}`;
  }

  const fromSaturday = (day) => (day + 5) % 7; // 1970-01-01 was a Thursday
  const todays = () => Math.floor((portal.now() + 12600000) / DAY); // Tehran, all year

  let dialog, title, body, input, chosen, current, time;

  function make() {
    dialog = document.getElementById("date-picker").content.firstElementChild.cloneNode(true);
    title = dialog.querySelector("[data-month]");
    body = dialog.querySelector("tbody");
    const heads = dialog.querySelector("thead tr");
    for (let day = 2; day < 9; day += 1) {
      const head = document.createElement("th");
      head.scope = "col";
      head.abbr = long.format(day * DAY);
      head.title = head.abbr;
      head.textContent = short.format(day * DAY);
      heads.append(head);
    }
    dialog.addEventListener("click", (event) => {
      const day = event.target.closest("[data-is]");
      const months = event.target.closest("[data-months]");
      if (day) choose(Number(day.dataset.is));
      else if (months) show(moved(Number(months.dataset.months)));
      else if (event.target.closest("[data-today]")) show(todays(), true);
      else if (event.target.closest("[data-close]") || event.target === dialog) dialog.close();
    });
    body.addEventListener("keydown", pressed);
    dialog.addEventListener("close", () => input.focus());
    document.body.append(dialog);
  }

  function moved(months) {
    const [year, month, number] = parts(current);
    const counted = year * 12 + month - 1 + months;
    return dayOf(Math.floor(counted / 12), (counted % 12) + 1, number);
  }

  function pressed(event) {
    const ahead = document.documentElement.dir === "rtl" ? -1 : 1;
    const week = fromSaturday(current);
    const way = {
      ArrowRight: () => current + ahead,
      ArrowLeft: () => current - ahead,
      ArrowDown: () => current + 7,
      ArrowUp: () => current - 7,
      Home: () => current - week,
      End: () => current + 6 - week,
      PageDown: () => moved(event.shiftKey ? 12 : 1),
      PageUp: () => moved(event.shiftKey ? -12 : -1),
    }[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    show(way(), true);
  }

  function show(day, focus = false) {
    current = day;
    const [, month, number] = parts(day);
    const first = day - number + 1;
    const { month: word, year: plain, relatedYear } = named(said, day * DAY);
    const heading = `${word} ${plain ?? relatedYear}`;
    if (title.textContent !== heading) title.textContent = heading;
    body.replaceChildren();
    let row;
    for (let each = first - fromSaturday(first); parts(each)[1] === month || each < first || row.children.length < 7; each += 1) {
      if (fromSaturday(each) === 0) row = body.appendChild(document.createElement("tr"));
      const cell = row.appendChild(document.createElement("td"));
      if (parts(each)[1] !== month) continue;
      const button = cell.appendChild(document.createElement("button"));
      button.type = "button";
      button.dataset.is = each;
      button.tabIndex = each === current ? 0 : -1;
      button.textContent = portal.digits(String(parts(each)[2]));
      button.setAttribute("aria-label", fullName(each));
      if (each === todays()) button.setAttribute("aria-current", "date");
      cell.setAttribute("aria-selected", String(each === chosen));
      if (each === chosen) button.classList.add("is-chosen");
    }
    if (focus) body.querySelector("[tabindex='0']").focus();
  }

  function choose(day) {
    const [year, month, number] = parts(day);
    const date = [year, String(month).padStart(2, "0"), String(number).padStart(2, "0")].join("/");
    input.value = portal.digits(time ? `${date} ${time}` : date);
    for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
    dialog.close();
  }

  portal.pickDay = (field) => {
    if (!dialog) make();
    input = field;
    const typed = TYPED.exec(latin(field.value));
    time = typed?.[4] ?? latin(field.value).match(/\s(\d{1,2}:\d{2})\s*$/)?.[1] ?? "";
    const exists = typed && typed[2] >= 1 && typed[2] <= 12 && typed[3] >= 1 && typed[3] <= 31;
    chosen = exists ? dayOf(...typed.slice(1, 4).map(Number)) : null;
    title.textContent = "";
    dialog.showModal();
    show(chosen ?? todays(), true);
  };
})();

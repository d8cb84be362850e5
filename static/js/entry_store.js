/* Where unsent words wait: localStorage under person, report and section; each person is shown their own alone. A browser that keeps nothing (a private
   window, a full disk) makes it a plain object for the length of the page. */
(function () {
  "use strict";
  const portal = window.portal;
  const memory = new Map();
  const PREFIX = "portal-entry:";

  portal.store = {
    /** {at, place, label, base, values: {name: [typed…]}, bases: {name: version}} or null. */
    read(key) {
      try {
        return JSON.parse(localStorage.getItem(PREFIX + key)) || memory.get(key) || null;
      } catch (error) {
        return memory.get(key) || null;
      }
    },
    write(key, words) {
      memory.set(key, words);
      try {
        localStorage.setItem(PREFIX + key, JSON.stringify(words));
      } catch (error) {
        /* kept in memory above; leaving the page is warned of anyway */
      }
    },
    forget(key) {
      memory.delete(key);
      try {
        localStorage.removeItem(PREFIX + key);
      } catch (error) {
        /* as above */
      }
    },
    /** What waits of one person: [{key, place, label, names: how many}]. */
    of(person) {
      return keysOf(person)
        .map((key) => ({ key, words: portal.store.read(key) }))
        .filter(({ words }) => words && words.values)
        .map(({ key, words }) => ({ key, place: words.place, label: words.label, names: Object.keys(words.values).length }));
    },
    forgetAll(person) {
      keysOf(person).forEach((key) => portal.store.forget(key));
    },
  };

  function keysOf(person) {
    const found = new Set(memory.keys());
    try {
      Object.keys(localStorage).forEach((key) => key.startsWith(PREFIX) && found.add(key.slice(PREFIX.length)));
    } catch (error) {
      /* nothing is kept but in memory */
    }
    return [...found].filter((key) => key.startsWith(`${person}:`));
  }

  /* Words that could not be sent: copied, or carried off as a file. */
  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const area = document.getElementById(copy.dataset.copy);
      area.select();
      try {
        await navigator.clipboard.writeText(area.value);
      } catch (error) {
        document.execCommand("copy"); // http without a secure context
      }
      return;
    }
    const download = event.target.closest("[data-download]");
    if (!download) return;
    const words = new Blob(["\ufeff" + document.getElementById(download.dataset.download).value], {
      type: "text/plain;charset=utf-8",
    });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(words);
    link.download = download.dataset.name || "unsaved.txt";
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
})();

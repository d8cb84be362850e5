/* Where unsent words wait: localStorage under person, report and section. A browser that keeps nothing (a private
   window, a full disk) makes it a plain object for the length of the page. */
(function () {
  "use strict";
  const portal = window.portal;
  const memory = new Map();
  const PREFIX = "portal-entry:";

  portal.store = {
    /** {at, base, values: {name: [typed…]}, bases: {name: version}} or null. */
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
  };

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

/* Evidence: a file that is too large is told of before it is sent; a server that cut it off is told of too. */
(function () {
  "use strict";
  const words = document.getElementById("entry-words");
  const form = document.getElementById("entry");
  if (!words || !form) return;
  const most = Number(words.dataset.maxBytes);

  function place(input) {
    const box = input.closest(".evidence");
    return box && box.querySelector("[data-upload-error]");
  }

  function say(input, text) {
    const spot = place(input);
    if (!spot) return;
    const line = document.createElement("p");
    line.className = "invalid-feedback mb-0";
    line.textContent = text;
    spot.replaceChildren(...(text ? [line] : []));
  }

  /* Before htmx, which listens on the input itself. */
  document.addEventListener(
    "change",
    (event) => {
      const input = event.target.closest && event.target.closest("input[data-upload]");
      if (!input || !input.files.length) return;
      const file = input.files[0];
      say(input, "");
      if (file.size <= most) return;
      event.stopImmediatePropagation();
      input.value = "";
      const chosen = input.closest("[data-drop]").querySelector("[data-chosen]");
      if (chosen) chosen.textContent = "";
      say(input, words.dataset.tooLarge.replace("{name}", file.name));
    },
    true,
  );

  form.addEventListener("htmx:xhr:progress", (event) => {
    const input = event.target.closest("input[data-upload]");
    if (!input || !event.detail.lengthComputable) return;
    const chosen = input.closest("[data-drop]").querySelector("[data-chosen]");
    const percent = Math.round((event.detail.loaded / event.detail.total) * 100);
    const sign = document.documentElement.lang.startsWith("fa") ? "٪" : "%";
    if (chosen)
      chosen.textContent = words.dataset.uploading.replace("{percent}", window.portal.digits(percent) + sign);
  });

  form.addEventListener("htmx:afterRequest", (event) => {
    const input = event.target.closest && event.target.closest("input[data-upload]");
    if (!input || event.detail.successful) return;
    const status = event.detail.xhr.status;
    if (status === 422 || status === 409 || status === 401) return; // swapped in, or asked for the password
    input.value = "";
    say(input, status === 413 ? words.dataset.tooLargeServer : words.dataset.uploadFailed);
  });
})();

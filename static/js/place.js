/* Where the device is, put into the box of a place when somebody asks for it. Without it, or refused, the place is typed. */
(() => {
  const EXACT = 7; // digits after the point: a centimetre

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-here]");
    if (!button) return;
    const box = document.getElementById(button.dataset.here);
    const told = document.querySelector(`[data-here-told="${CSS.escape(button.dataset.here)}"]`);
    const failed = () => {
      button.disabled = false;
      told.textContent = button.dataset.hereFailed;
    };
    if (!navigator.geolocation) return failed();
    button.disabled = true;
    told.textContent = "";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.disabled = false;
        const here = `${Number(coords.latitude.toFixed(EXACT))}, ${Number(coords.longitude.toFixed(EXACT))}`;
        box.value = box.tagName === "TEXTAREA" && box.value.trim() ? `${box.value.trimEnd()}\n${here}` : here;
        box.dispatchEvent(new Event("input", { bubbles: true }));
        box.focus();
      },
      failed,
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 },
    );
  });
})();

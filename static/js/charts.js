/* Draws what reports/charts.py describes, with Chart.js: in the page's direction and digits, in the colours of the sheet.
   Series differ by dash, point and hatch as well, so that nobody needs to tell colours apart. */
(function () {
  "use strict";
  const canvases = [...document.querySelectorAll("canvas[data-chart]")];
  if (!canvases.length || !window.Chart) return;
  const rtl = document.documentElement.dir === "rtl";
  const points = ["circle", "rectRot", "triangle", "rect", "star", "crossRot"];
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  /** A number in the page's digits, zero included: Chart.js alone would leave that one Latin. */
  const write = (value, places) => {
    const text = new Intl.NumberFormat(rtl ? "fa-IR" : "en-US", {
      maximumFractionDigits: places,
    }).format(value);
    return text.replace(/\u200e/g, "");
  };

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const paints = {
    brand: () => colour("--brand"),
    warn: () => colour("--warn-line"),
    blue: () => colour("--blue-line"),
    plum: () => colour("--plum-line"),
    ink: () => colour("--ink-2"),
    mute: () => colour("--mute-line"),
  };

  /** Bars of every second series are hatched with the ground. */
  const hatched = (paint) => {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.fillStyle = paint;
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = colour("--surface");
    pen.lineWidth = 1.6;
    for (const shift of [-8, 0, 8]) {
      pen.beginPath();
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
      pen.stroke();
    }
    return pen.createPattern(tile, "repeat");
  };

  const dataset = (spec, series, place) => {
    const paint = (paints[series.paint] || paints.brand)();
    if (spec.kind === "line") {
      return {
        label: series.label,
        data: series.values,
        borderColor: paint,
        backgroundColor: colour("--surface"),
        borderWidth: series.dash ? 1.8 : 2.4,
        borderDash: series.dash ? [4, 4] : [],
        pointStyle: points[place % points.length],
        pointRadius: 4,
        pointBorderWidth: 2,
        spanGaps: false,
        tension: 0,
      };
    }
    const fill = place % 2 ? hatched(paint) : paint;
    const own = colour("--warn-line");
    return {
      label: series.label,
      data: series.values,
      backgroundColor: series.values.map((_value, i) => (i === spec.marked ? own : fill)),
      borderColor: paint,
      borderWidth: place % 2 ? 1 : 0,
      borderRadius: 3,
      maxBarThickness: 26,
      categoryPercentage: spec.series.length === 1 && spec.kind === "bar" ? 0.96 : 0.8,
    };
  };

  /** A long name on two lines, broken at the space nearest to its middle. */
  const lines = (label, lying) => {
    if (label.length <= (lying ? 18 : 9) || !label.includes(" ")) return label;
    const spaces = [...label.matchAll(/ /g)].map((found) => found.index);
    const middle = label.length / 2;
    const at = spaces.reduce((best, place) => (Math.abs(place - middle) < Math.abs(best - middle) ? place : best));
    return [label.slice(0, at), label.slice(at + 1)];
  };

  const config = (spec) => {
    const lying = spec.kind === "across";
    const words = { color: colour("--ink-2"), font: { family: "Vazirmatn", size: 12 } };
    const counts = {
      min: spec.low === null ? undefined : spec.low,
      max: spec.high === null ? undefined : spec.high,
      grid: { color: colour("--line") },
      border: { display: false },
      ticks: { ...words, callback: (value) => write(value, spec.places), maxTicksLimit: 6 },
    };
    const names = {
      grid: { display: false },
      offset: true,
      border: { color: colour("--line-2") },
      ticks: { ...words, autoSkip: !lying, maxRotation: lying || spec.kind === "line" ? 0 : 40 },
    };
    const across = { ...(lying ? counts : names), reverse: rtl };
    const upward = { ...(lying ? names : counts), position: rtl ? "right" : "left" };
    return {
      type: spec.kind === "line" ? "line" : "bar",
      data: { labels: spec.labels.map((label) => lines(label, lying)), datasets: spec.series.map((series, i) => dataset(spec, series, i)) },
      options: {
        indexAxis: lying ? "y" : "x",
        responsive: true,
        maintainAspectRatio: false,
        animation: still ? false : { duration: 250 },
        locale: rtl ? "fa-IR" : "en-US",
        interaction: { mode: "index", intersect: false, axis: lying ? "y" : "x" },
        scales: { x: across, y: upward },
        plugins: {
          legend: {
            display: spec.series.length > 1,
            position: "bottom",
            rtl,
            textDirection: rtl ? "rtl" : "ltr",
            labels: { ...words, usePointStyle: spec.kind === "line", boxWidth: 14, boxHeight: 10 },
          },
          tooltip: {
            rtl,
            textDirection: rtl ? "rtl" : "ltr",
            titleFont: { family: "Vazirmatn" },
            bodyFont: { family: "Vazirmatn" },
            callbacks: {
              label: (item) => {
                const value = lying ? item.parsed.x : item.parsed.y;
                return `${item.dataset.label}: ${write(value, spec.places)}${spec.unit ? ` ${spec.unit}` : ""}`;
              },
            },
          },
        },
      },
    };
  };

  const drawn = new Map();
  const draw = (canvas) => {
    const data = document.getElementById(canvas.dataset.chart);
    if (!data) return;
    if (drawn.has(canvas)) drawn.get(canvas).destroy();
    drawn.set(canvas, new window.Chart(canvas, config(JSON.parse(data.textContent))));
  };
  const drawAll = () => canvases.forEach(draw);

  /* Letters are measured once: with the page's font, or the ticks would stand beside their places. */
  document.fonts.ready.then(drawAll);
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });

  /* On paper in the ink of the day: what is drawn for the night is light letters. */
  const root = document.documentElement;
  let theme = "";
  window.addEventListener("beforeprint", () => {
    theme = root.dataset.bsTheme;
    root.dataset.bsTheme = "light";
    drawAll();
  });
  window.addEventListener("afterprint", () => {
    root.dataset.bsTheme = theme;
  });
})();

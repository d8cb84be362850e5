"""Geometry of the portal's small drawings. Lengths are SVG attributes and paint is in the sheet (`c-*`), because the
content security policy allows no style attribute.

Drawings run left to right and carry the class `mirror`, which turns them round in a right-to-left page; a drawing
that holds words (`curve`, `strip`) computes its own x instead, since mirrored letters cannot be read.
Every function returns safe markup; labels and words are escaped here.
"""

import math
from collections.abc import Callable, Iterable, Sequence

import segno
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe

from .numbers import format_number

Point = tuple[float, float]
# A share of a stacked bar is at least this wide, so that one report of a thousand is still seen.
LEAST_SHARE = 0.9


def _svg(classes: str, label: str, body: str, extra: str = "") -> SafeString:
    named = f'role="img" aria-label="{conditional_escape(label)}"' if label else 'aria-hidden="true"'
    # Every word inside `body` went through escape() where it was put in; the rest is numbers.
    return mark_safe(f'<svg class="{escape(classes)}" {extra}{named}>{body}</svg>')  # noqa: S308


def star_points(cx: float, cy: float, radius: float, turn: float = 0.0) -> str:
    """The sixteen corners of the eight-pointed khatam star: two squares, one turned by 45 degrees."""
    points = []
    for corner in range(16):
        reach = radius if corner % 2 == 0 else radius * 0.7654  # √(2 − √2): where the two squares cross
        angle = math.radians(turn + corner * 22.5)
        points.append(f"{cx + reach * math.cos(angle):.2f},{cy + reach * math.sin(angle):.2f}")
    return " ".join(points)


def weave() -> SafeString:
    """The ground of public pages: a lattice of stars, nearly the colour of what it lies on. Once a page."""
    star = '<polygon points="{}" fill="none" stroke="currentColor" stroke-width="{}"/>'
    return _svg(
        "weave",
        "",
        '<defs><pattern id="weave" width="72" height="72" patternUnits="userSpaceOnUse">'
        + star.format(star_points(36, 36, 36), 1.6)
        + star.format(star_points(36, 36, 21, 22.5), 1)
        + '</pattern></defs><rect width="100%" height="100%" fill="url(#weave)"/>',
    )


def pie(percent: float) -> SafeString:
    """How much of a section is done, as a ring of 16 pixels (0 to 100; the full one is drawn by the caller's check)."""
    percent = max(0, min(100, percent))
    ring = '<circle cx="8" cy="8" r="6.4" fill="none" stroke="currentColor" stroke-width="2.4" '
    arc = (
        f'{ring}pathLength="100" stroke-dasharray="{percent:.0f} 100" transform="rotate(-90 8 8)"/>' if percent else ""
    )
    return _svg("pie mirror", "", f'{ring}class="pie-track" opacity=".28"/>{arc}', 'viewBox="0 0 16 16" ')


def bar(
    value: float,
    limit: float = 100,
    label: str = "",
    *,
    paint: str = "c-fill",
    mark: float | None = None,
    diamond: float | None = None,
    old: float | None = None,
    size: str = "",
) -> SafeString:
    """One bar from 0 to `limit`; `mark` is a target line, `diamond` the peers' median, `old` the last period."""

    def at(number: float) -> str:
        return f"{max(0.0, min(100.0, number / limit * 100 if limit else 0.0)):.2f}%"

    body = '<rect class="c-track" width="100%" height="100%" rx="4"/>'
    body += f'<rect class="{escape(paint)}" width="{at(value)}" height="100%" rx="4"/>'
    if old is not None:
        body += f'<line class="c-mark c-old" x1="{at(old)}" x2="{at(old)}" y1="0%" y2="100%"/>'
    if mark is not None:
        body += f'<line class="c-mark" x1="{at(mark)}" x2="{at(mark)}" y1="-25%" y2="125%"/>'
    if diamond is not None:
        body += (
            f'<svg x="{at(diamond)}" y="50%" overflow="visible"><path class="c-diamond" d="M0 -6 6 0 0 6 -6 0z"/></svg>'
        )
    return _svg(f"bar {size} mirror".replace("  ", " "), label, body)


def segs(parts: Iterable[tuple[float, float]], label: str, size: str = "bar-lg") -> SafeString:
    """Sections side by side, each as wide as its total and filled as far as it is done: (done, total) pairs."""
    parts = [(float(done), float(total)) for done, total in parts if total]
    whole, gap, x, body = sum(total for _done, total in parts) or 1, 0.45, 0.0, ""
    for done, total in parts:
        width = total / whole * 100
        room = max(0.1, width - gap)
        body += f'<rect class="c-track" x="{x:.2f}%" width="{room:.2f}%" height="100%" rx="4"/>'
        if done:
            paint = "c-good" if done >= total else "c-fill"
            body += (
                f'<rect class="{paint}" x="{x:.2f}%" width="{room * min(1, done / total):.2f}%" height="100%" rx="4"/>'
            )
        x += width
    return _svg(f"bar {size} mirror", label, body)


def stackbar(parts: Iterable[tuple[float, str, bool]], label: str, size: str = "bar-lg") -> SafeString:
    """Shares of a whole: (count, paint, hatched). The hatch tells the second state of a tone from the first."""
    parts = [(float(count), paint, hatched) for count, paint, hatched in parts if count]
    whole = sum(count for count, _paint, _hatched in parts) or 1
    widths = [max(LEAST_SHARE, count / whole * 100) for count, _paint, _hatched in parts]
    scale, x, body = 100 / (sum(widths) or 1), 0.0, ""
    for width, (_count, paint, hatched) in zip(widths, parts, strict=True):
        place = f'x="{x:.2f}%" width="{width * scale - 0.35:.2f}%" height="100%" rx="3"'
        body += f'<rect class="{escape(paint)}" {place}/>'
        if hatched:
            body += f'<rect fill="url(#hatch)" {place}/>'
        x += width * scale
    return _svg(f"bar {size} mirror", label, body)


def swatch(paint: str, hatched: bool = False) -> SafeString:
    """The square of a legend, painted as its share of the bar is."""
    body = f'<rect class="{escape(paint)}" width="12" height="12" rx="3"/>'
    if hatched:
        body += '<rect fill="url(#hatch)" width="12" height="12" rx="3"/>'
    return _svg("swatch", "", body, 'viewBox="0 0 12 12" ')


def spark(values: Sequence[float | None], label: str, reference: float | None = None) -> SafeString:
    """Earlier periods as dots on a line, the last one large; a period without a value is a gap in the dots."""
    known = [float(value) for value in values if value is not None]
    if not known:
        return SafeString("")
    span = [*known, float(reference)] if reference is not None else known
    low, high = min(span), max(span)
    rise = (high - low) or 1

    def y(value: float) -> float:
        return 30 - (value - low) / rise * 24

    step = 108 / max(1, len(values) - 1)
    dots = [(6 + i * step, y(float(value))) for i, value in enumerate(values) if value is not None]
    body = ""
    if reference is not None:
        body += (
            f'<line class="c-line-2" x1="2" x2="118" y1="{y(float(reference)):.1f}" y2="{y(float(reference)):.1f}"/>'
        )
    if len(dots) > 1:
        body += f'<polyline class="c-line" points="{" ".join(f"{px:.1f},{py:.1f}" for px, py in dots)}"/>'
    body += "".join(f'<circle class="c-dot-old" cx="{px:.1f}" cy="{py:.1f}" r="2.6"/>' for px, py in dots[:-1])
    body += f'<circle class="c-dot" cx="{dots[-1][0]:.1f}" cy="{dots[-1][1]:.1f}" r="4.6"/>'
    return _svg("spark mirror", label, body, 'viewBox="0 0 120 36" ')


def _steps(total: float) -> list[float]:
    """Two to four round heights under `total` for the lines of a grid."""
    if total <= 0:
        return []
    size = 10 ** math.floor(math.log10(total))
    step = next(step for step in (size / 5, size / 2, size, 2 * size, 5 * size) if total / step <= 4)
    return [step * k for k in range(1, 5) if step * k < total * 0.92 and float(step * k).is_integer()]


def _across(language: str) -> Callable[[float], float]:
    """x in percent of a share of the way: time and quantity run with the page."""
    return (lambda share: 100 - share * 100) if language == "fa" else (lambda share: share * 100)


def curve(
    now: Sequence[Point],
    last: Sequence[Point],
    days: float,
    total: float,
    today: float,
    labels: Sequence[tuple[float, str]],
    *,
    label: str,
    here: str,
    unit: str,
    language: str = "fa",
) -> SafeString:
    """Counts that pile up over the days of a call, against the last one. Points are (day, count), `labels` (day, words).

    The paths lie in an inner svg that stretches; the words stand outside it at their own size.
    """
    across = _across(language)
    top, tall = 14, 190

    def x(day: float) -> float:
        return across(day / days if days else 0)

    def y(count: float) -> float:
        return 100 - (count / total * 100 if total else 0)

    def line(points: Sequence[Point]) -> str:
        return " ".join(f"{x(day):.2f},{y(count):.2f}" for day, count in points)

    grid = [*_steps(total), total]
    body = f'<svg x="0" y="{top}" width="100%" height="{tall}" viewBox="0 0 100 100" preserveAspectRatio="none" overflow="visible">'
    body += "".join(
        f'<line class="c-grid" x1="0" x2="100" y1="{y(count):.2f}" y2="{y(count):.2f}"/>' for count in [0, *grid]
    )
    if now:
        body += f'<polygon class="c-area" points="{line(now)} {x(now[-1][0]):.2f},100 {x(now[0][0]):.2f},100"/>'
    if last:
        body += f'<polyline class="c-line-2" points="{line(last)}"/>'
    if now:
        body += f'<polyline class="c-line" points="{line(now)}"/>'
    body += f'<line class="c-now" x1="{x(today):.2f}" x2="{x(today):.2f}" y1="0" y2="100"/></svg>'
    if now:
        day, count = now[-1]
        side = 10 if language == "fa" else -10
        body += (
            f'<svg x="{x(day):.2f}%" y="{top + tall * y(count) / 100:.1f}" overflow="visible"><circle class="c-dot" r="6"/>'
            f'<text class="c-text c-text-strong" x="{side}" y="-13" text-anchor="end">'
            f"{escape(here)} {format_number(count, language=language)}</text></svg>"
        )
    for count in grid:
        words = format_number(count, language=language) + (f" {escape(unit)}" if count == total else "")
        edge = "100%" if language == "fa" else "0"
        body += f'<text class="c-text" x="{edge}" y="{top + tall * y(count) / 100 - 5:.1f}" text-anchor="start">{words}</text>'
    for day, words in labels:
        anchor = "start" if day <= 0 else "end" if day >= days else "middle"
        body += f'<text class="c-text" x="{x(day):.2f}%" y="228" text-anchor="{anchor}">{escape(words)}</text>'
    return _svg("chart", label, body, 'height="232" ')


def columns(bars: Sequence[tuple[str, float, float]], *, label: str, language: str = "fa") -> SafeString:
    """A column a month, what was good at its foot and what was not on top: (words, good, bad), the oldest first."""
    across, top, tall = _across(language), 20, 130
    most = max((good + bad for _words, good, bad in bars), default=0) or 1
    room = 100 / max(1, len(bars))
    wide = min(9.0, room * 0.56)
    body = "".join(
        f'<line class="c-grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>' for y in (top, top + tall / 2, top + tall)
    )
    for place, (words, good, bad) in enumerate(bars):
        x = across((place + 0.5) / len(bars))
        at, foot = f'x="{x - wide / 2:.2f}%" width="{wide:.2f}%"', float(top + tall)
        for count, paint in ((good, "c-good"), (bad, "c-warn")):
            height = count / most * tall
            foot -= height
            if count:
                body += f'<rect class="{paint}" {at} y="{foot:.1f}" height="{height:.1f}"/>'
                body += (
                    f'<rect fill="url(#hatch)" {at} y="{foot:.1f}" height="{height:.1f}"/>' if paint == "c-warn" else ""
                )
        total = format_number(good + bad, language=language)
        body += (
            f'<text class="c-text c-text-strong" x="{x:.2f}%" y="{foot - 6:.1f}" text-anchor="middle">{total}</text>'
        )
        body += f'<text class="c-text" x="{x:.2f}%" y="{top + tall + 20}" text-anchor="middle">{escape(words)}</text>'
    return _svg("chart", label, body, f'height="{top + tall + 28}" ')


def strip(
    values: Sequence[float],
    own: float | None,
    middle: float,
    low: float,
    high: float,
    *,
    label: str,
    own_words: str,
    middle_words: str,
    language: str = "fa",
) -> SafeString:
    """Where one stands among its peers: a thin line for each, a thick one for the own value, a dark one for the median."""
    across = _across(language)
    room = (high - low) or 1

    def x(value: float) -> float:
        return across(max(0.0, min(1.0, (value - low) / room)))

    # Of ten thousand peers most lie on one another; a line is drawn once, and no finer than can be seen.
    places = sorted({round(x(float(v)), 1) for v in values})
    body = "".join(f'<rect class="c-mute c-peer" x="{at:.1f}%" y="26" width="1.6" height="24"/>' for at in places)
    body += f'<rect class="c-ink" x="{x(middle):.2f}%" y="20" width="2" height="36"/>'
    if own is not None:
        body += f'<rect class="c-fill-strong" x="{x(own):.2f}%" y="14" width="5" height="48" rx="2.5"/>'
        body += _words(x(own), 10, own_words, "c-text c-text-strong", language)
    body += _words(x(middle), 74, middle_words, "c-text", language)
    return _svg("chart", label, body, 'height="86" ')


def _words(x: float, y: float, words: str, classes: str, language: str) -> str:
    """Words under or over a point, kept inside the drawing near its edges (`start` is the right one in Persian)."""
    left, right = ("end", "start") if language == "fa" else ("start", "end")
    anchor = left if x <= 18 else right if x >= 82 else "middle"
    return f'<text class="{classes}" x="{x:.2f}%" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def qr(text: str, label: str) -> SafeString:
    """The text as a QR code that prints well (error level M), its dark runs as one path."""
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    size, path = len(rows), ""
    for y, row in enumerate(rows):
        x = 0
        while x < size:
            run = x
            while run < size and row[run]:
                run += 1
            if run > x:
                path += f"M{x} {y}h{run - x}v1H{x}z"
            x = run + 1
    ground = format_html('<rect x="-2" y="-2" width="{0}" height="{0}" fill="#fff"/>', size + 4)
    box = f'viewBox="-2 -2 {size + 4} {size + 4}" shape-rendering="crispEdges" '
    return _svg("qr", label, f'{ground}<path fill="#16242a" d="{path}"/>', box)

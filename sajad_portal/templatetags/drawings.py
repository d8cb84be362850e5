"""Bars, charts and codes; part of the builtin library `portal`. Geometry is in lib/svg.py, paint in the sheet."""

from collections.abc import Iterable, Mapping

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sajad_portal.lib import states, svg
from sajad_portal.lib.jalali import month_name, to_jalali
from sajad_portal.lib.language import current_language

from .figures import plainnum

register = template.Library()
PAINTS = {"fill", "strong", "mute", "blue", "warn", "good", "bad", "plum"}


def _number(value) -> float | None:
    return None if value is None or value == "" else float(value)


@register.simple_tag
def bar(value, max=100, label="", paint="fill", mark=None, diamond=None, old=None, size="") -> SafeString:
    """`{{ bar(score, max=weight, label=…, paint="warn", mark=target, diamond=median, old=last, size="lg") }}`"""
    if paint not in PAINTS:
        raise template.TemplateSyntaxError(f"No paint “{paint}”.")
    return svg.bar(
        _number(value) or 0.0,
        _number(max) or 0.0,
        conditional_escape(label),
        paint="c-fill" if paint == "fill" else "c-fill-strong" if paint == "strong" else f"c-{paint}",
        mark=_number(mark),
        diamond=_number(diamond),
        old=_number(old),
        size=f"bar-{size}" if size else "",
    )


@register.simple_tag
def segs(parts: Iterable[tuple[int, int]], label="") -> SafeString:
    """`{{ segs(sections, label) }}`: (done, total) of each section, side by side."""
    return svg.segs(parts, conditional_escape(label))


@register.simple_tag
def stackbar(counts: Mapping[str, int] | Iterable[tuple[str, int]]) -> SafeString:
    """`{{ stackbar(counts) }}`: how many reports are in each state; names itself. Put `{{ statelegend(counts) }}` under it."""
    rows = _counts(counts)
    label = "، ".join(f"{states.REPORT[s].word} {plainnum(n)}" for s, n in rows)
    if current_language() == "en":
        label = label.replace("،", ",")
    return svg.stackbar([(n, states.REPORT[s].fill, states.REPORT[s].hatched) for s, n in rows], label)


def statelegend(counts: Mapping[str, int] | Iterable[tuple[str, int]], url: str = "") -> dict:
    """`{{ statelegend(counts, "?status=") }}`: swatch, glyph, word, count; each a link where `url` is given."""
    rows = []
    for status, count in _counts(counts):
        look = states.REPORT[status]
        narrow = states.IN_BAR.get(status, states.InBar(look.word, status))
        rows.append(
            {
                "swatch": svg.swatch(look.fill, look.hatched),
                "glyph": look.glyph,
                "word": narrow.word,
                "count": count,
                "url": f"{url}{narrow.key}" if url else "",
            }
        )
    return {"rows": rows}


@register.simple_tag
def swatch(paint: str, hatched: bool = False) -> SafeString:
    """`{{ swatch("c-warn", true) }}`: the square of a legend that is written out."""
    return svg.swatch(paint, hatched)


def _counts(counts) -> list[tuple[str, int]]:
    rows = counts.items() if isinstance(counts, Mapping) else counts
    return [(str(status), count) for status, count in rows if count]


@register.simple_tag
def spark(values, label="", reference=None) -> SafeString:
    """`{{ spark(values, label, standard) }}`: earlier periods, oldest first, the present one last; None is a gap."""
    return svg.spark([_number(value) for value in values], conditional_escape(label), _number(reference))


@register.simple_tag
def curve(now, last, days, total, today, labels, label, unit="") -> SafeString:
    """`{{ curve(now, last, days, total, today, labels, label, unit) }}`: counts that pile up over the days of a call."""
    return svg.curve(
        now,
        last or [],
        days,
        total,
        today,
        labels,
        label=conditional_escape(label),
        here=_("now"),
        unit=str(unit),
        language=current_language(),
    )


@register.simple_tag
def columns(months, label="") -> SafeString:
    """`{{ columns(months, label) }}`: (day of the month, in target, not in target) as a column each, the oldest first."""
    short = 3 if len(months) > 4 else None
    bars = [(month_name(to_jalali(day)[1], current_language())[:short], good, bad) for day, good, bad in months]
    return svg.columns(bars, label=conditional_escape(label), language=current_language())


@register.simple_tag
def strip(values, own, middle, low=0, high=100, label="") -> SafeString:
    """`{{ strip(scores, own, median, low, high, label) }}`: one among its peers."""
    own_words = _("you %(score)s") % {"score": plainnum(own, 2)}
    middle_words = _("median %(score)s") % {"score": plainnum(middle, 2)}
    return svg.strip(
        [float(value) for value in values],
        _number(own),
        float(middle),
        float(low),
        float(high),
        label=conditional_escape(label),
        own_words=own_words,
        middle_words=middle_words,
        language=current_language(),
    )


@register.simple_tag
def weave() -> SafeString:
    """`{{ weave() }}`: the lattice of stars under public pages; once a page."""
    return svg.weave()


@register.simple_tag
def qr(text: str, label: str = "") -> SafeString:
    """`{{ qr(address, label) }}`: a QR code."""
    return svg.qr(text, conditional_escape(label))

"""Tags and filters of every page; a builtin, so no template loads it. docs/guide/components.md shows each in use.

Numbers, dates and directions follow the active language. A filter that makes markup says so; inside an attribute
(aria-label, value, title) use `plainnum`, `digits`, `jdate` or `jdatetime`, which make text.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sajad_portal.lib import durations, icons, jalali, numbers, states, svg
from sajad_portal.lib.months import DayMark, months
from sajad_portal.lib.stacking import stacked

register = template.Library()
NOTHING = "—"
TONES = {"", "mute", "teal", "blue", "warn", "plum", "good", "bad"}
PAINTS = {"fill", "strong", "mute", "blue", "warn", "good", "bad", "plum"}


def language() -> str:
    """`fa` or `en`: what numbers and dates are written in."""
    return "fa" if (get_language() or "fa").startswith("fa") else "en"


def _now(context, now: datetime | None) -> datetime:
    return now or context["shell"].now


# ------------------------------------------------------------------- numbers
def _bidi(text: str) -> SafeString:
    return format_html('<bdi dir="ltr">{}</bdi>', text)


@register.filter
def num(value, places: int | None = None) -> SafeString:
    """Markup: the number, grouped, isolated from the text around it. `{{ score|num:2 }}`"""
    return _bidi(numbers.format_number(value, places, language=language()))


@register.filter
def signed(value, places: int | None = None) -> SafeString:
    """Markup: as num, a rise with its plus. `{{ change|signed:1 }}`"""
    return _bidi(numbers.format_number(value, places, sign=True, language=language()))


@register.filter
def plainnum(value, places: int | None = None) -> str:
    """Text, for attributes: `aria-label="{{ done|plainnum }}"`"""
    return numbers.format_number(value, places, language=language())


@register.filter
def figure(value, places: int | None = None) -> SafeString:
    """Markup: a number at display size, its decimal mark set apart (Vazirmatn's is nearly a slash when large)."""
    text = numbers.format_number(value, places, language=language())
    whole, mark, rest = text.partition("٫")
    if not mark:
        return _bidi(text)
    return format_html('<bdi dir="ltr">{}<span class="point">{}</span>{}</bdi>', whole, mark, rest)


@register.filter
def pct(value, places: int = 1) -> SafeString:
    """Markup: percents (86.4, not 0.864) with the sign where the language puts it."""
    if value is None or value == "":
        return SafeString(NOTHING)
    text = numbers.format_number(value, places, language=language())
    sign = "٪" if language() == "fa" else "%"
    return format_html('<span class="pct"><bdi dir="ltr">{}</bdi>{}</span>', text, sign)


@register.filter
def plainpct(value, places: int = 1) -> str:
    """Text, for attributes."""
    if value is None or value == "":
        return NOTHING
    return numbers.format_number(value, places, language=language()) + ("٪" if language() == "fa" else "%")


@register.filter
def rials(value) -> SafeString:
    """Markup: an amount with its unit; none or zero is free of charge."""
    if not value:
        return format_html('<span class="t-good">{}</span>', _("Free"))
    amount = numbers.format_number(value, language=language())
    return format_html('<span class="nowrap"><bdi dir="ltr">{}</bdi> {}</span>', amount, _("rials"))


@register.filter
def code(value) -> SafeString:
    """Markup: a tracking code, an indicator's code, an address: Latin, left to right, in the text of either language."""
    return format_html('<bdi class="code" dir="ltr">{}</bdi>', value) if value else SafeString(NOTHING)


@register.filter
def digits(value) -> str:
    """Text with its digits in those of the language; nothing else changes."""
    text = conditional_escape(value)
    return SafeString(numbers.persian_digits(text)) if language() == "fa" else text


@register.filter
def listed(parts) -> str:
    """Text: `{{ names|listed }}`, with the comma of the language."""
    return numbers.listed(parts)


@register.filter
def filesize(size) -> str:
    """Text: bytes as a person reads them."""
    number, unit = Decimal(size or 0), _("bytes")
    for name in (_("kilobytes"), _("megabytes"), _("gigabytes")):
        if number < 1024:
            break
        number, unit = number / 1024, name
    places = 1 if number < 10 and unit != _("bytes") else 0
    return f"{numbers.format_number(number, places, language=language())} {unit}"


# --------------------------------------------------------------------- dates
@register.filter
def jdate(value: date | datetime | None, style: str = "long") -> str:
    """Text: `numeric` ۱۴۰۵/۰۹/۰۴ · `short` ۴ آذر · `long` ۴ آذر ۱۴۰۵ · `full` چهارشنبه ۴ آذر ۱۴۰۵."""
    return jalali.format_date(value, style, language()) if value else NOTHING


@register.filter
def jdatetime(value: datetime | None, style: str = "long") -> str:
    """Text: as jdate, with the time in Tehran."""
    return jalali.format_datetime(value, style, language()) if value else NOTHING


@register.filter
def jtime(value: datetime | None) -> str:
    """Text: the time in Tehran."""
    return jalali.format_time(value, language()) if value else NOTHING


@register.filter
def lastday(value: datetime | None, style: str = "long") -> str:
    """Text: the last day that an exclusive end instant still covers (00:00 of the 5th ends the 4th)."""
    return jalali.format_date(value - timedelta(microseconds=1), style, language()) if value else NOTHING


@register.simple_tag(takes_context=True)
def when(context, at: datetime | None, now: datetime | None = None) -> SafeString:
    """`{% when event.at %}`: today and yesterday by name; the full instant in the title."""
    if at is None:
        return SafeString(NOTHING)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        jalali.format_datetime(at, "full", language()),
        durations.moment_words(at, _now(context, now), language()),
    )


@register.filter
def span(value: timedelta | None) -> str:
    """Text: a length of time in its two largest units."""
    return NOTHING if value is None else durations.span_words(value, language())


@register.inclusion_tag("components/due.html", takes_context=True)
def due(context, at: datetime, now: datetime | None = None, paused: bool = False) -> dict:
    """`{% due at %}`: how long is left, with the date. Under three days and under one day it changes word, icon and colour."""
    now = _now(context, now)
    near = "" if paused else durations.nearness(at, now)
    passed = near == "passed"
    return {
        "at": at,
        "near": near,
        "paused": paused,
        "left": durations.span_words(now - at if passed else at - now, language()),
        "until": (durations.end_words if passed else durations.until_words)(at, language()),
    }


@register.inclusion_tag("components/countdown.html", takes_context=True)
def countdown(context, until: datetime, now: datetime | None = None, size: str = "") -> dict:
    """`{% countdown closes_at %}`: days, hours and minutes that the script keeps ticking by the portal's clock. `size="sm"`."""
    now = _now(context, now)
    left = durations.parts(until - now)
    return {
        "until": until,
        "now": now,
        "size": size,
        "parts": left,
        "passed": until <= now,
        "words": durations.full_words(until - now, language()),
    }


@register.inclusion_tag("components/calendar.html")
def calendar(first: date, last: date, marks: Mapping[date, DayMark]) -> dict:
    """`{% calendar filed_on last_day marks %}`: the Jalali months between two dates, days marked with DayMark."""
    return {"months": months(first, last, marks, language())}


# ------------------------------------------------------------ icons, states
@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """`{% icon "clock" %}`; with `label` it is an image with a name, without one it is decoration."""
    if name not in icons.NAMES:
        if not settings.PRODUCTION:
            raise template.TemplateSyntaxError(f"No icon “{name}”: add it to static/icons/names.txt.")
        return SafeString("")
    classes = " ".join(filter(None, ["i", "i-flip" if name in icons.DIRECTIONAL else "", css]))
    named = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="{}" {}><use href="{}#i-{}"/></svg>', classes, named, static("vendor/icons.svg"), name
    )


@register.simple_tag
def iconfile() -> str:
    """The address of the sprite, for a drawing that is not an icon in a line of text."""
    return static("vendor/icons.svg")


@register.simple_tag
def state(status: str, word: str = "", size: str = "") -> SafeString:
    """`{% state report.status %}`: word, glyph, tone. `word` replaces the word; `size="lg"` at the head of a page."""
    look = states.REPORT[str(status)]
    return format_html(
        '<span class="state state-{}{}">{}{}</span>',
        look.glyph.removeprefix("s-"),
        " state-lg" if size == "lg" else "",
        icon(look.glyph),
        word or look.word,
    )


@register.simple_tag
def glyph(status: str, css: str = "") -> SafeString:
    """`{% glyph "submitted" %}`: the shape of a report's state without its word, for timelines and legends."""
    return icon(states.REPORT[str(status)].glyph, "", css)


@register.simple_tag
def tag(word, tone: str = "", name: str = "") -> SafeString:
    """`{% tag "Open" "good" "door-open" %}`: a small label: word, tone (mute teal blue warn plum good bad), icon."""
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"No tone “{tone}”.")
    classes = f"tag tag-{tone}" if tone else "tag"
    return format_html('<span class="{}">{}{}</span>', classes, icon(name) if name else "", word)


@register.simple_tag
def phase(value: str) -> SafeString:
    """`{% phase call.phase %}`: what a call is doing now, as a tag."""
    return tag(*states.CALL[str(value)])


@register.simple_tag
def avatar(person, tone: str = "") -> SafeString:
    """`{% avatar person %}`: initials. Decoration: the name stands beside it."""
    tone = tone or ("", "plum", "blue")[(person.pk or 0) % 3]
    return format_html(
        '<span class="avatar{}" aria-hidden="true">{}</span>', f" avatar-{tone}" if tone else "", person.initials
    )


# ------------------------------------------------------------------ drawings
def _number(value) -> float | None:
    return None if value is None or value == "" else float(value)


@register.simple_tag
def bar(value, max=100, label="", paint="fill", mark=None, diamond=None, old=None, size="") -> SafeString:
    """`{% bar score max=weight label=… paint="warn" mark=target diamond=median old=last size="lg" %}`"""
    if paint not in PAINTS:
        raise template.TemplateSyntaxError(f"No paint “{paint}”.")
    return svg.bar(
        _number(value) or 0.0,
        _number(max) or 0.0,
        str(label),
        paint="c-fill" if paint == "fill" else "c-fill-strong" if paint == "strong" else f"c-{paint}",
        mark=_number(mark),
        diamond=_number(diamond),
        old=_number(old),
        size=f"bar-{size}" if size else "",
    )


@register.simple_tag
def segs(parts: Iterable[tuple[int, int]], label="") -> SafeString:
    """`{% segs sections label %}`: (done, total) of each section, side by side."""
    return svg.segs(parts, str(label))


@register.simple_tag
def stackbar(counts: Mapping[str, int] | Iterable[tuple[str, int]]) -> SafeString:
    """`{% stackbar counts %}`: how many reports are in each state; names itself. Put `{% statelegend counts %}` under it."""
    rows = _counts(counts)
    label = "، ".join(f"{states.REPORT[s].word} {plainnum(n)}" for s, n in rows)
    if language() == "en":
        label = label.replace("،", ",")
    return svg.stackbar([(n, states.REPORT[s].fill, states.REPORT[s].hatched) for s, n in rows], label)


@register.inclusion_tag("components/state_legend.html")
def statelegend(counts: Mapping[str, int] | Iterable[tuple[str, int]], url: str = "") -> dict:
    """`{% statelegend counts "?status=" %}`: swatch, glyph, word, count; each a link where `url` is given."""
    rows = []
    for status, count in _counts(counts):
        look = states.REPORT[status]
        rows.append(
            {
                "swatch": svg.swatch(look.fill, look.hatched),
                "glyph": look.glyph,
                "word": look.word,
                "count": count,
                "url": f"{url}{status}" if url else "",
            }
        )
    return {"rows": rows}


def _counts(counts) -> list[tuple[str, int]]:
    rows = counts.items() if isinstance(counts, Mapping) else counts
    return [(str(status), count) for status, count in rows if count]


@register.simple_tag
def spark(values, label="", reference=None) -> SafeString:
    """`{% spark values label standard %}`: earlier periods, oldest first, the present one last; None is a gap."""
    return svg.spark([_number(value) for value in values], str(label), _number(reference))


@register.simple_tag
def curve(now, last, days, total, today, labels, label, unit="") -> SafeString:
    """`{% curve now last days total today labels label unit %}`: counts that pile up over the days of a call."""
    return svg.curve(
        now,
        last or [],
        days,
        total,
        today,
        labels,
        label=str(label),
        here=_("now"),
        unit=str(unit),
        language=language(),
    )


@register.simple_tag
def strip(values, own, middle, low=0, high=100, label="") -> SafeString:
    """`{% strip scores own median low high label %}`: one among its peers."""
    own_words = _("you %(score)s") % {"score": plainnum(own, 1)}
    middle_words = _("median %(score)s") % {"score": plainnum(middle, 1)}
    return svg.strip(
        [float(value) for value in values],
        _number(own),
        float(middle),
        float(low),
        float(high),
        label=str(label),
        own_words=own_words,
        middle_words=middle_words,
        language=language(),
    )


@register.simple_tag
def pie(percent) -> SafeString:
    """`{% pie 62 %}`: a ring; a check where it is full."""
    percent = _number(percent) or 0.0
    return icon("check-circle-fill", "", "t-good") if percent >= 100 else svg.pie(percent)


@register.simple_tag
def weave() -> SafeString:
    """`{% weave %}`: the lattice of stars under public pages; once a page."""
    return svg.weave()


@register.simple_tag
def qr(text: str, label: str = "") -> SafeString:
    """`{% qr address label %}`: a QR code."""
    return svg.qr(text, str(label))


# -------------------------------------------------------------- forms, tables
@register.simple_tag
def control(field, css: str = "") -> SafeString:
    """The input of a bound field in the portal's dress; Django adds aria-invalid and aria-describedby itself."""
    widget = field.field.widget
    kind = getattr(widget, "input_type", "")
    base = (
        "form-check-input" if kind in ("checkbox", "radio") else "form-select" if kind == "select" else "form-control"
    )
    own = widget.attrs.get("class", "")
    classes = " ".join(filter(None, [base, own, css, "is-invalid" if field.errors else ""]))
    return field.as_widget(attrs={"class": classes})


@register.inclusion_tag("components/field.html")
def field(bound, label: str = "", hint: str = "", affix: str = "", css: str = "") -> dict:
    """`{% field form.closes_at affix=_("people") %}`: label, input, hint and error as one piece."""
    return {"field": bound, "label": label, "hint": hint, "affix": affix, "css": css}


@register.simple_tag
def choice(option, invalid=False) -> SafeString:
    """The radio button or check box of one option of a bound field."""
    classes = f"form-check-input {option.data['attrs'].get('class', '')}{' is-invalid' if invalid else ''}"
    option.data["attrs"]["class"] = " ".join(classes.split())
    return option.tag()


@register.simple_block_tag
def stacktable(content, css: str = "", label: str = "") -> SafeString:
    """`{% stacktable "table-hover" %}<thead>…</thead><tbody>…</tbody>{% endstacktable %}`: cards on a phone."""
    classes = f"table tbl-stack {css}".strip()
    named = format_html(' aria-label="{}"', label) if label else ""
    return format_html('<table class="{}" role="table"{}>{}</table>', classes, named, mark_safe(stacked(content)))  # noqa: S308


@register.simple_block_tag
def panel(content, title: str, key: str, note: str = "", flush: bool = False, css: str = "") -> SafeString:
    """`{% panel _("Waiting for you") "todo" note=… %}…{% endpanel %}`: `key` names it; `flush` for a table or rows."""
    head = format_html('<h2 id="{}-title">{}</h2>', key, title)
    if note:
        head += format_html('<span class="small dim">{}</span>', note)
    body = content if flush else format_html('<div class="panel-body">{}</div>', content)
    return format_html(
        '<section class="panel{}" id="{}" aria-labelledby="{}-title"><div class="panel-head">{}</div>{}</section>',
        f" {css}" if css else "",
        key,
        key,
        head,
        body,
    )


@register.simple_tag
def attributes(**pairs) -> SafeString:
    """`{% attributes data_key="j" hx_get=url %}`: attributes whose value is not empty, underscores as hyphens."""
    return format_html_join("", ' {}="{}"', ((k.replace("_", "-"), v) for k, v in pairs.items() if v not in ("", None)))


@register.simple_tag(takes_context=True)
def query(context, **changes) -> str:
    """`<a href="{% query status="draft" page=None %}">`: this page's query string with some keys changed."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            params.pop(key, None)
        else:
            params[key] = value
    return f"?{params.urlencode()}"

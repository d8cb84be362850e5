"""Tags and filters of every page; a builtin, so no template loads it. docs/guide/components.md shows each in use.

Numbers, dates and directions follow the active language. A filter that makes markup says so; inside an attribute
(aria-label, value, title) use `plainnum`, `digits`, `jdate` or `jdatetime`, which make text.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache

from django import template
from django.conf import settings
from django.template import engines
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from sajad_portal.lib import agents, bundles, durations, icons, jalali, states, svg
from sajad_portal.lib.language import current_language
from sajad_portal.lib.months import DayMark, months
from sajad_portal.lib.stacked_tables import stacked
from units.queries import organisation as organisations

from . import drawings, figures
from .figures import NOTHING, plainnum

__all__ = ["plainnum", "register"]

register = template.Library()
register.filter("device", agents.device_words)  # {{ session.agent|device }}: "Firefox on Windows"
register.filter("handheld", agents.is_handheld)
for part in (figures, drawings):
    register.filters.update(part.register.filters)
    register.tags.update(part.register.tags)
TONES = {"", "mute", "teal", "blue", "warn", "plum", "good", "bad"}


def _now(context, now: datetime | None) -> datetime:
    return now or context["shell"].now


# -------------------------------------------------------------- whose portal it is
@register.simple_tag
def organisation():
    """`{% set org = organisation() %}`: whose portal this is (units.models.Organisation); without names where nobody said so."""
    return organisations.organisation()


@register.simple_tag
def portalname(kept: bool = False) -> str:
    """`{{ portalname() }}`: what the portal is called in one word; `kept=True` asks no database (error pages)."""
    return organisations.portal_name(kept=kept)


@register.simple_tag
def papermark() -> str:
    """`{{ papermark() }}`: the address of the picture at the head of a paper: the logo, or the portal's own mark."""
    return organisations.logo_data() or "icons/mark.svg"


# ---------------------------------------------------------------------- time
@register.simple_tag(takes_context=True)
def when(context, at: datetime | None, now: datetime | None = None) -> SafeString:
    """`{{ when(event.at) }}`: today and yesterday by name; the full instant in the title."""
    if at is None:
        return SafeString(NOTHING)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        jalali.format_datetime(at, "full", current_language()),
        durations.moment_words(at, _now(context, now), current_language()),
    )


def due(context, at: datetime, now: datetime | None = None, paused: bool = False) -> dict:
    """`{{ due(at) }}`: how long is left, with the date. Under three days and under one day it changes word, icon and colour."""
    now = _now(context, now)
    near = "" if paused else durations.nearness(at, now)
    passed = near == "passed"
    return {
        "at": at,
        "near": near,
        "paused": paused,
        "left": durations.span_words(now - at if passed else at - now, current_language()),
        "until": (durations.end_words if passed else durations.until_words)(at, current_language()),
    }


def countdown(context, until: datetime, now: datetime | None = None, size: str = "") -> dict:
    """`{{ countdown(closes_at) }}`: days, hours and minutes that the script keeps ticking by the portal's clock. `size="sm"`."""
    now = _now(context, now)
    left = durations.parts(until - now)
    return {
        "until": until,
        "now": now,
        "size": size,
        "parts": left,
        "passed": until <= now,
        "words": durations.full_words(until - now, current_language()),
    }


def calendar(first: date, last: date, marks: Mapping[date, DayMark]) -> dict:
    """`{{ calendar(filed_on, last_day, marks) }}`: the Jalali months between two dates, days marked with DayMark."""
    return {"months": months(first, last, marks, current_language())}


# ------------------------------------------------------------ icons, states
@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """`{{ icon("clock") }}`; with `label` it is an image with a name, without one it is decoration."""
    return _icon(str(name), conditional_escape(label), css, _sprite())


def _sprite() -> str:
    return _sprite_of_process() if settings.PRODUCTION else bundles.bundle_address("icons.svg")


@lru_cache(maxsize=1)
def _sprite_of_process() -> str:
    """Production reads its manifest of static files once, when it starts: the address is the same as long as it runs."""
    return bundles.bundle_address("icons.svg")


@lru_cache(maxsize=2000)
def _icon(name: str, label: str, css: str, sprite: str) -> SafeString:
    """Markup of its arguments alone: a page draws a hundred of a few dozen."""
    if name not in icons.NAMES:
        if not settings.PRODUCTION:
            raise template.TemplateSyntaxError(f"No icon “{name}”: add it to static/icons/names.txt.")
        return SafeString("")
    classes = " ".join(filter(None, ["i", "i-flip" if name in icons.DIRECTIONAL else "", css]))
    named = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html('<svg class="{}" {}><use href="{}#i-{}"/></svg>', classes, named, sprite, name)


@register.simple_tag
def bundle(name: str) -> str:
    """`{% bundle "portal.js" %}`: the address of a sheet or script that set-up made (tools/bundles.mjs)."""
    return bundles.bundle_address(name)


@register.simple_tag
def iconfile() -> str:
    """The address of the sprite, for a drawing that is not an icon in a line of text."""
    return _sprite()


@register.simple_tag
def state(status: str, word: str = "", size: str = "") -> SafeString:
    """`{{ state(report.status) }}`: word, glyph, tone. `word` replaces the word; `size="lg"` at the head of a page."""
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
    """`{{ glyph("submitted") }}`: the shape of a report's state without its word, for timelines and legends."""
    return icon(states.REPORT[str(status)].glyph, "", css)


@register.simple_tag
def tag(word, tone: str = "", name: str = "") -> SafeString:
    """`{{ tag("Open", "good", "door-open") }}`: a small label: word, tone (mute teal blue warn plum good bad), icon."""
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"No tone “{tone}”.")
    classes = f"tag tag-{tone}" if tone else "tag"
    return format_html('<span class="{}">{}{}</span>', classes, icon(name) if name else "", word)


@register.simple_tag
def pie(percent) -> SafeString:
    """`{{ pie(62) }}`: a ring; a check where it is full."""
    percent = float(percent or 0)
    return icon("check-circle-fill", "", "t-good") if percent >= 100 else svg.pie(percent)


@register.simple_tag
def phase(value: str) -> SafeString:
    """`{{ phase(call.phase) }}`: what a call is doing now, as a tag."""
    return tag(*states.CALL[str(value)])


@register.simple_tag
def avatar(person, tone: str = "") -> SafeString:
    """`{{ avatar(person) }}`: initials. Decoration: the name stands beside it."""
    tone = tone or ("", "plum", "blue")[(person.pk or 0) % 3]
    return format_html(
        '<span class="avatar{}" aria-hidden="true">{}</span>', f" avatar-{tone}" if tone else "", person.initials
    )


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


def field(bound, label: str = "", hint: str = "", affix: str = "", css: str = "") -> dict:
    """`{{ field(form.closes_at, affix=_("people")) }}`: label, input, hint and error as one piece."""
    return {"field": bound, "label": label, "hint": hint, "affix": affix, "css": css}


@register.simple_tag(name="field")
def field_of_crispy(bound) -> str:
    """crispy's door to the one look of a field."""
    return engines["jinja"].env.globals["field"](bound)  # type: ignore[attr-defined]


@register.simple_tag(name="form_errors")
def form_errors_of_crispy(form) -> str:
    """crispy's door to the one look of what is wrong with a form."""
    return engines["jinja"].env.get_template("components/form_errors.html").module.components_form_errors(form)  # type: ignore[attr-defined]


@register.simple_tag
def choice(option, invalid=False) -> SafeString:
    """The radio button or check box of one option of a bound field."""
    classes = f"form-check-input {option.data['attrs'].get('class', '')}{' is-invalid' if invalid else ''}"
    option.data["attrs"]["class"] = " ".join(classes.split())
    return option.tag()


@register.simple_block_tag
def stacktable(content, css: str = "", label: str = "") -> SafeString:
    """`{% call stacktable("table-hover") %}<thead>…</thead><tbody>…</tbody>{% endcall %}`: cards on a phone."""
    classes = f"table tbl-stack {css}".strip()
    named = format_html(' aria-label="{}"', label) if label else ""
    return format_html('<table class="{}" role="table"{}>{}</table>', classes, named, mark_safe(stacked(content)))  # noqa: S308


@register.simple_block_tag
def panel(content, title: str, key: str, note: str = "", flush: bool = False, css: str = "") -> SafeString:
    """`{% call panel(_("Waiting for you"), "todo", note=…) %}…{% endcall %}`: `key` names it; `flush` for a table or rows."""
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
    """`{{ attributes(data_key="j", hx_get=url) }}`: attributes whose value is not empty, underscores as hyphens."""
    return format_html_join("", ' {}="{}"', ((k.replace("_", "-"), v) for k, v in pairs.items() if v not in ("", None)))


@register.simple_tag(takes_context=True)
def query(context, **changes) -> str:
    """`<a href="{{ query(request, status="draft", page=none) }}">`: this page's query string with some keys changed."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            params.pop(key, None)
        else:
            params[key] = value
    return f"?{params.urlencode()}"

"""The template engine of the portal's own pages: Jinja2, with the tags and filters of `templatetags/portal.py` as functions.

Pages lie in `templates/`; mails and what others bring (crispy, allauth, the admin) stay on Django's engine, in
`sajad_portal/templates/`. What nobody gave a template is an error in tests and under DEBUG, printed or in a condition; where people
work it is left out and logged as an error. A tag that is also the name of a variable is called `tags.state(…)`.
docs/guide/components.md says how a page is written.
"""

import logging
from collections.abc import Callable, Iterator
from functools import cache, wraps
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.template import defaultfilters
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language_bidi, gettext, ngettext, npgettext, pgettext
from django_htmx.jinja import htmx_script
from jinja2 import ChainableUndefined, Environment, StrictUndefined, pass_context
from jinja2.runtime import Context
from jinja2.utils import missing
from markupsafe import Markup, escape

from sajad_portal.lib import bundles
from sajad_portal.lib.clock import database_now, last_reading
from sajad_portal.lib.language import current_language
from sajad_portal.lib.stacked_tables import stacked
from sajad_portal.lib.unindented import Unindented

from .templatetags import drawings, figures, portal

logger = logging.getLogger(__name__)
# Django's, where Jinja2 has none of the name.
BORROWED = (
    "add", "first", "json_script", "last", "linebreaks", "linebreaksbr", "truncatechars", "truncatewords", "yesno",
)  # fmt: skip
# Tags that draw without a template of their own and ask nothing of the page around them.
DRAWN = (
    "organisation", "portalname", "papermark", "icon", "iconfile", "state", "glyph", "tag", "pie", "phase", "avatar", "control",
    "choice", "attributes",
)  # fmt: skip
FIGURES = ("amount",)
DRAWINGS = ("bar", "segs", "stackbar", "swatch", "spark", "curve", "columns", "strip", "weave", "qr")


class Missing(StrictUndefined):
    """A name that nobody gave: an error wherever it is asked for. What a thing has none of is nothing in a condition."""

    def __new__(cls, *args: Any, **kwargs: Any) -> "Missing":
        return super().__new__(cls if kwargs.get("obj", missing) is missing else Lacking)


class Lacking(Missing):
    """`message.author.role` of a message without an author, `card.code` of what has no code: false in a condition, an error where
    it is printed."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override]
        return False

    def __eq__(self, other: object) -> bool:  # type: ignore[override]
        return other is None or isinstance(other, Lacking)

    def __ne__(self, other: object) -> bool:  # type: ignore[override]
        return not self == other

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        return iter(())

    __hash__ = StrictUndefined.__hash__  # type: ignore[assignment]


class LeftOut(ChainableUndefined):
    """The same where people work: a page that lacks a word is of more use in the last hour than none."""

    def __str__(self) -> str:
        logger.error("Left out of a page: %s", self._undefined_message)
        return ""

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, LeftOut)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = ChainableUndefined.__hash__


def environment(**options: Any) -> Environment:
    """What `settings.TEMPLATES` names. Templates are kept for the life of a process."""
    ours = {
        "extensions": ["jinja2.ext.i18n", Unindented],
        "undefined": Missing if settings.TESTING or settings.DEBUG else LeftOut,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "cache_size": -1,
        "optimized": False,
    }
    env = Environment(**{**options, **ours})  # noqa: S701 Django's backend turns autoescape on
    env.filters.update({name: _asked_anew(function) for name, function in portal.register.filters.items()})
    env.filters.update({name: getattr(defaultfilters, name) for name in BORROWED})
    env.tests["none"] = lambda value: value is None or isinstance(value, Lacking | LeftOut)
    tags = {
        **{name: getattr(portal, name) for name in DRAWN},
        **{name: getattr(figures, name) for name in FIGURES},
        **{name: getattr(drawings, name) for name in DRAWINGS},
        "when": when,
        "query": query,
        "panel": panel,
        "stacktable": stacktable,
        "url": url,
        "static": static,
        "bundle": bundles.bundle_address,
        "htmx_script": htmx_script,
        "current_language": current_language,
        "is_bidi": get_language_bidi,
        "due": _drawn_by(env, "components/due.html", "components_due", lambda at, now=None, paused=False: portal.due({}, at, _at(now), paused)),
        "countdown": _drawn_by(env, "components/countdown.html", "components_countdown", lambda until, now=None, size="": portal.countdown({}, until, _at(now), size)),
        "calendar": _drawn_by(env, "components/calendar.html", "components_calendar", portal.calendar),
        "field": _drawn_by(env, "components/field.html", "components_field", portal.field),
        "statelegend": _drawn_by(env, "components/state_legend.html", "components_state_legend", drawings.statelegend),
    }  # fmt: skip
    env.globals.update(tags)
    env.globals["tags"] = SimpleNamespace(**tags)
    # What `{% trans %}` and `_()` call. A message is ours and stays as it is; what is put into it is escaped.
    env.newstyle_gettext = True  # type: ignore[attr-defined]
    env.globals.update({"gettext": _gettext, "ngettext": _ngettext, "pgettext": _pgettext, "npgettext": _npgettext})
    env.globals["_"] = _gettext
    return env


# ---------------------------------------------------------------------------------------------------------- words
def _filled(text: str, names: dict[str, Any]) -> Markup:
    return Markup(text % {name: escape(value) for name, value in names.items()})  # noqa: S704 ours, and escaped


def _gettext(message: str, /, **names: Any) -> Markup:
    return _filled(gettext(message), names) if names else _said(current_language(), message)


@cache
def _said(language: str, message: str) -> Markup:
    """A message without names, once a process and language: there are as many as the templates have."""
    return _filled(gettext(message), {})


def _ngettext(singular: str, plural: str, num: int, /, **names: Any) -> Markup:
    return _filled(ngettext(singular, plural, num), {"num": num, **names})


def _pgettext(context: str, message: str, /, **names: Any) -> Markup:
    return _filled(pgettext(context, message), names)


def _npgettext(context: str, singular: str, plural: str, num: int, /, **names: Any) -> Markup:
    return _filled(npgettext(context, singular, plural, num), {"num": num, **names})


# ----------------------------------------------------------------------------------------------------------- tags
def _at(now):
    """The instant of the page, as `shell.now` has it."""
    return now or last_reading() or database_now()


def when(at, now=None) -> str:
    return portal.when({}, at, now or (at and _at(None)))


def query(request, **changes: Any) -> str:
    return portal.query({"request": request}, **changes)


def url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs) if args or kwargs else _address(settings.ROOT_URLCONF, name)


@cache
def _address(urlconf: str, name: str) -> str:
    """An address without arguments, once a process."""
    return reverse(name)


def panel(title, key: str, note: str = "", flush: bool = False, css: str = "", *, caller: Callable[[], str]) -> Markup:
    return _panel(caller(), title, key, note, flush, css)


def stacktable(css: str = "", label: str = "", *, caller: Callable[[], str]) -> Markup:
    named = Markup(' aria-label="{}"').format(label) if label else ""
    return Markup('<table class="{}" role="table"{}>{}</table>').format(
        f"table tbl-stack {css}".strip(),
        named,
        Markup(stacked(caller())),  # noqa: S704 the author's own, escaped inside
    )


def _panel(content, title, key, note, flush, css):
    head = Markup('<h2 id="{}-title">{}</h2>').format(key, title)
    if note:
        head += Markup('<span class="small dim">{}</span>').format(note)
    body = content if flush else Markup('<div class="panel-body">{}</div>').format(content)
    return Markup(
        '<section class="panel{}" id="{}" aria-labelledby="{}-title"><div class="panel-head">{}</div>{}</section>'
    ).format(f" {css}" if css else "", key, key, head, body)


def _asked_anew(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter of ours speaks the language of the page: of a literal Jinja2 would ask it once, when the template is compiled."""

    @pass_context
    @wraps(function)
    def asked(_context: Context, *args: Any) -> Any:
        return function(*args)

    return asked


def _drawn_by(env: Environment, template: str, macro: str, asked: Callable[..., dict]) -> Callable[..., Markup]:
    """A tag whose markup is a macro: `asked` works out what the macro gets."""

    def draw(*args: Any, **kwargs: Any) -> Markup:
        drawn = getattr(env.get_template(template).module, macro)
        given = asked(*args, **kwargs)
        return drawn(**{name: given[name] for name in drawn.arguments if name in given})

    return draw

"""The languages of a form's words, where it speaks more of them than the portal does."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.http import HttpRequest

from ...xlsform import FormDefinition

CHOSEN = "words"  # in addresses, and in the session


@dataclass(frozen=True)
class Language:
    code: str
    name: str
    current: bool


def languages_of(definition: FormDefinition, now: str) -> list[Language]:
    """To choose from, each named in itself; none where the portal's own languages are all that the form has."""
    codes = [code for code in definition.languages if code != "default"]
    if len(codes) < 2 or not set(codes) - {code for code, _name in settings.LANGUAGES}:
        return []
    return languages_named(codes, now)


def languages_named(codes: Iterable[str], now: str) -> list[Language]:
    return [Language(code, str(LANG_INFO.get(code, {}).get("name_local", code)), code == now) for code in codes]


def chosen_words(request: HttpRequest, definition: FormDefinition) -> str:
    """The language that its reader chose, on this page or an earlier one; "" where it is the portal's."""
    asked = request.GET.get(CHOSEN, "")
    if asked in definition.languages:
        if request.session.get(CHOSEN) != asked:
            request.session[CHOSEN] = asked
        return asked
    kept = request.session.get(CHOSEN, "")
    return kept if kept in definition.languages else ""

"""Answers on their way in (as typed → canonical) and out (canonical → for a reader), each by the kind of its question."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import local_digits
from sajad_portal.lib.text import normalise

from .definition import FormDefinition, Question
from .labels import REFERENCE, Choice
from .markup import words_as_html


def clean_answer(question: Question, raw: str | Iterable[str] | None) -> str:
    """The canonical answer; "" for none. `raw` is text as typed, or the chosen names of a select_multiple.

    Dates are typed Jalali; Gregorian ISO is read too (years from 1900 to 2150), which is how the API gives them.
    Raises Refused with the sentence for the field. Does not check the form's constraints: the engine does.
    """
    if raw is None:
        return ""
    if not isinstance(raw, str):
        raw = " ".join(str(part) for part in raw)
    return question.kind.clean(question, raw) if normalise(raw) else ""


REASON_LENGTH = 2000


def clean_reason(raw: str) -> str:
    """A comment, or why an indicator does not apply, as stored. Raises Refused where it is too long."""
    text = normalise(raw)
    if len(text) > REASON_LENGTH:
        raise Refused(
            _("This is longer than %(n)s letters. Shorten it.") % {"n": local_digits(REASON_LENGTH)}, code="too-long"
        )
    return text


def display_answer(question: Question, value: str | None, language: str = "fa", offered: Sequence[Choice] = ()) -> str:
    """The answer for a reader: Persian digits, Jalali dates, the labels of choices. An em dash for none.

    `offered`: what an evaluation says is offered; it tells apart choices that an author gave the same name.
    """
    if offered and question.repeats_names:
        question = replace(question, choices=tuple(offered) + question.choices)
    return question.kind.show(question, value, language) if value else "—"


def as_typed(question: Question, value: str, language: str) -> str:
    """A stored answer as a person would type it; `clean_answer` reads it back to the same."""
    return question.kind.typed(question, value, language) if value else ""


def with_answers(
    text: str, definition: FormDefinition, values: Mapping[str, str], language: str = "fa",
    offered: Mapping[str, Sequence[Choice]] | None = None,
) -> str:  # fmt: skip
    """A label or message whose `${name}` give way to the answers, for a reader; unknown names stay as they are. `offered`: as an
    evaluation says it, for choices of one name."""

    def answer(found: re.Match) -> str:
        question = definition.question(found[1])
        if question is None:
            return found[0]
        return display_answer(question, values.get(question.name, ""), language, (offered or {}).get(question.name, ()))

    return REFERENCE.sub(answer, text) if "${" in text else text


def words_with_answers(
    text: str, definition: FormDefinition, values: Mapping[str, str], language: str = "fa",
    offered: Mapping[str, Sequence[Choice]] | None = None,
) -> SafeString:  # fmt: skip
    """As `with_answers`, with the author's markup, cleaned. Answers are words and no markup, whatever is in them."""

    def answer(found: re.Match) -> str:
        question = definition.question(found[1])
        if question is None:
            return found[0]
        shown = display_answer(
            question, values.get(question.name, ""), language, (offered or {}).get(question.name, ())
        )
        return str(escape(shown))

    html = words_as_html(text)
    return mark_safe(REFERENCE.sub(answer, html) if "${" in html else html)  # noqa: S308 - cleaned above

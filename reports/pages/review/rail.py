"""The rail of the review page: the sections, the present one with its indicators and its pages of questions."""

from django.utils.translation import gettext as _

from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import local_digits

from ...queries.findings import Stand, item_of
from ...xlsform import Indicator
from .cards import RailEntry, RailSection
from .sheet import ReviewSheet

# Of a page of questions the rail says what is heaviest on it.
_HEAVY = ("done", "none", "jump", "changed", "disputed")


def rail_of(sheet: ReviewSheet) -> list[RailSection]:
    found = []
    for section in sheet.definition.sections:
        steps = [step for step in sheet.steps if step[0].section == section.name]
        if not steps:
            continue
        current = sheet.current is not None and sheet.current.section == section.name
        inside = [each for step in steps for each in step]
        done = sum(sheet.needs_nothing(each) for each in inside)
        label = sheet.said(section.label_in(current_language())) if section.name else _("Questions outside any section")
        entries = [_entry(sheet, step) for step in steps] if current else []
        found.append(RailSection(label, steps[0][0].code, done, len(inside), current, entries))
    return found


def _entry(sheet: ReviewSheet, step: list[Indicator]) -> RailEntry:
    states = [_state(sheet, each) for each in step]
    state, word = max(states, key=lambda each: _HEAVY.index(each[0]))
    label = sheet.said(step[0].label_in(current_language()))
    if step[0].is_alone and not step[0].is_rows:
        n = len(step)
        label = _("Questions of no indicator (%(n)s)") if sheet.by_indicators else _("Questions (%(n)s)")
        label %= {"n": local_digits(n)}
        wanting = sum(each[0] not in ("done",) for each in states)
        word = _("%(n)s left") % {"n": local_digits(wanting)} if wanting else ""
    return RailEntry(step[0].code, label, state, word, sheet.current in step)


def _state(sheet: ReviewSheet, indicator: Indicator) -> tuple[str, str]:
    review = sheet.review_of(indicator)
    stand = sheet.stands[indicator.code].stand
    if stand == Stand.DISPUTED and (review is None or review.lead):
        return "disputed", _("differ")
    if sheet.needs_nothing(indicator):
        return "done", ""
    if review and item_of(review, indicator.code):
        return "changed", _("changed")
    return ("jump", _("in question")) if sheet.doubts_of(indicator) else ("none", "")

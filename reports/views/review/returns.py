"""Returning a report for correction: choosing the indicators, saying what is to be corrected, seeing what follows."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import local_digits
from sla.queries import days_deadline
from units.enums import Role
from units.pages.frame import SignedInRequest

from ...actions.returns import return_for_correction, withdraw_return
from ...models import Report, Review, Revision
from ...pages.review.tables import MOST_ROWS
from ...queries import asked_of, report_for
from ...queries.drafts import field_id
from ...queries.findings import covers, in_hand, item_of, reviewed_indicators, reviews_of
from ...queries.judged_rows import judged_rows, judged_table, label_of
from ...rules.review import can_return, can_withdraw_return, returning_membership, rounds_left
from ...xlsform import FormDefinition, Indicator, with_answers
from ...xlsform.indicator import JudgedRows
from ...xlsform.tables import row_name, rows_written
from .page import address, reviewable

FIELD = "remark-"


@dataclass(frozen=True)
class Remark:
    """A line of the page: what is reviewed and what is written to it. `hint` is the reason of the person's own finding."""

    indicator: Indicator
    label: str
    text: str
    hint: str
    open: bool

    @property
    def field(self) -> str:
        """What its input is called: without the colon that a question's code has."""
        return field_id(self.indicator.code) if self.indicator.is_rows else self.indicator.code.replace(":", "-")


@access("can_return")
def report_return(request: SignedInRequest, code: str) -> HttpResponse:
    report, at = reviewable(request, code)
    reviews = reviews_of(report)
    if not can_return(request.user, report, reviews, at):
        raise _why_not(request, report, reviews, at)
    trouble, status = "", 200
    if request.method == "POST":
        written = {key.removeprefix(FIELD): request.POST.get(key, "") for key in request.POST if key.startswith(FIELD)}
        remarks = {code: text for code, text in written.items() if text.strip()}
        try:
            round_ = return_for_correction(
                report=report, remarks=remarks, by=request.user, note=request.POST.get("note", "")
            )
        except Forbidden:
            raise
        except Refused as refusal:
            trouble, status = str(refusal), 422
        else:
            messages.success(
                request,
                _("Returned to “%(unit)s”. The clock is paused until they answer.") % {"unit": report.unit_name},
            )
            return redirect(address(round_.report))
    context = {
        "report": report,
        "call": report.call,
        "sections": _sections(request, report, reviews, at),
        "due_at": days_deadline(at, report.call.correction_days),
        "round": report.correction_round + 1,
        "left": rounds_left(report) - 1,
        "note": request.POST.get("note", ""),
        "trouble": trouble,
        "back": address(report, request.GET.get("i", "")),
    }
    return render(request, "reports/review/return.html", context, status=status)


@access("can_withdraw_return")
def return_withdraw(request: SignedInRequest, code: str) -> HttpResponse:
    """Take a return back that nobody has answered, with a reason."""
    at = database_now()
    report = report_for(request.user, code, at)
    if not can_withdraw_return(request.user, report, reviews_of(report), at):
        raise Forbidden(_("Only a reviewer of this report or a coordinator of the provider takes its return back."))
    trouble, reason = "", request.POST.get("reason", "")
    if request.method == "POST":
        try:
            withdraw_return(report=report, by=request.user, reason=reason)
        except Refused as refusal:
            if refusal.code != "no-reason":
                raise
            trouble = str(refusal)
        else:
            messages.success(request, _("The return is taken back and the unit is told. The review goes on."))
            return redirect("reports:report", code)
    context = {"report": report, "call": report.call, "reason": reason, "trouble": trouble}
    return render(request, "reports/review/return_withdraw.html", context, status=422 if trouble else 200)


def _why_not(request: SignedInRequest, report: Report, reviews, at) -> Refused:
    if returning_membership(request.user, report, reviews, at) is None:
        return Forbidden(_("Only a reviewer of this report or a coordinator of the provider returns it."))
    if not rounds_left(report):
        return Refused(
            _("The call allows %(n)s returns and they are used up. Decide on what was submitted.")
            % {"n": local_digits(report.call.correction_rounds)},
            code="no-round-left",
        )
    return Refused(_("This report cannot be returned now: it is not in reviewing."), code="wrong-state")


def _sections(request: SignedInRequest, report: Report, reviews, at) -> list[tuple[str, list[Remark], bool]]:
    """The person's indicators by section; one they came from, or wrote a remark to, is open."""
    person, definition = request.user, asked_of(report)
    language, last = current_language(), report.revisions.order_by("number").last()
    mine = in_hand(person, reviews, at)
    membership = returning_membership(person, report, reviews, at)
    everything = not mine or (membership and membership.role == Role.COORDINATOR)
    found: list[tuple[str, list[Remark], bool]] = []
    for section in definition.sections:
        rows = []
        for indicator in _lines_of(definition, section.name, mine, last, set(request.POST)):
            own = [r for r in mine if covers(r.section, indicator)]
            if everything or own:
                label = label_of(definition, indicator, last, language)
                rows.append(
                    _remark(request, indicator, own, label if indicator.is_rows else _said(label, report, last))
                )
        if rows:
            found.append(
                (
                    section.label_in(language) if section.name else _("Questions outside any section"),
                    rows,
                    any(row.open for row in rows),
                )
            )
    return found


def _lines_of(
    definition: FormDefinition, section: str, mine: list[Review], last: Revision | None, posted: Collection[str]
) -> Iterator[Indicator]:
    """What of a section can be remarked on. After a table its rows: all where they are few, else those on which something is said:
    the page of the table takes a remark on any."""
    named = {item.indicator for review in mine for item in review.items.all()}
    named |= {key.removeprefix(FIELD) for key in posted}
    for indicator in reviewed_indicators(definition, section):
        if indicator.section != section:
            continue
        yield indicator
        if isinstance(indicator, JudgedRows) and last is not None:
            added = [row_name(indicator.table, row) for row in rows_written(last.answers).get(indicator.table, ())]
            codes = named.union(added if len(added) <= MOST_ROWS else ())
            own = [
                row
                for row in judged_rows(definition, codes, [last])
                if judged_table(definition, row).code == indicator.code
            ]
            yield from sorted(own, key=lambda row: added.index(row.code) if row.code in added else len(added))


def _said(label: str, report: Report, last: Revision | None) -> str:
    values = {**last.answers, **last.values} if last else {}
    return with_answers(label, asked_of(report), values, current_language())


def _remark(request: SignedInRequest, indicator: Indicator, own: list[Review], label: str) -> Remark:
    text = request.POST.get(FIELD + indicator.code, "")
    item = next((item for r in own if (item := item_of(r, indicator.code))), None)
    came_from = request.GET.get("i") == indicator.code and not indicator.is_alone
    remarked = item is not None and indicator.is_alone and not item.verified
    if item and (came_from or remarked) and not request.POST:
        text = item.reason
    return Remark(indicator, label, text, item.reason if item else "", bool(text) or came_from)

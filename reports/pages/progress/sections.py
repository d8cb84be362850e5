"""Units × sections: how far each section of each report is, read off rows that are stored anyway; no form is evaluated."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Q
from django.utils.translation import pgettext_lazy

from ...enums import NOT_ASKED, UNSUBMITTED, WITH_RESULT, ReportStatus, ReviewState, Timeliness
from ...models import Call, DraftSection, Report, ReturnRound, Review
from ...queries import asked_of, form_of
from ...queries.calls import reports_of
from ...xlsform import FormDefinition

S = ReportStatus


class SectionLook(NamedTuple):
    word: object
    icon: str
    tone: str


# What a cell says; in the order of the legend. Word and shape differ for each, the tone only helps.
STATES = {
    "untouched": SectionLook(pgettext_lazy("section", "Untouched"), "s-none", "mute"),
    "begun": SectionLook(pgettext_lazy("section", "Begun"), "s-draft", "mute"),
    "signing": SectionLook(pgettext_lazy("section", "Complete, awaiting signature"), "s-signoff", "warn"),
    "submitted": SectionLook(pgettext_lazy("section", "Submitted"), "s-submitted", "blue"),
    "returned": SectionLook(pgettext_lazy("section", "Returned with remarks"), "s-returned", "warn"),
    "in_review": SectionLook(pgettext_lazy("section", "In review"), "s-review", "blue"),
    "reviewed": SectionLook(pgettext_lazy("section", "Reviewed"), "check2-circle", "teal"),
    "announced": SectionLook(pgettext_lazy("section", "Result announced"), "s-announced", "teal"),
    "missed": SectionLook(pgettext_lazy("section", "Missed"), "s-missed", "bad"),
    "not_asked": SectionLook(pgettext_lazy("section", "Not asked"), "s-excused", "mute"),
    "left_out": SectionLook(pgettext_lazy("section", "Not for this unit"), "slash-circle", "mute"),
}


@dataclass(frozen=True)
class SectionCell:
    state: str

    @property
    def look(self) -> SectionLook:
        return STATES[self.state]


@dataclass(frozen=True)
class SectionsRow:
    report: Report
    cells: list[SectionCell]


def sections_of(call: Call, language: str) -> list[tuple[str, str]]:
    """[(name, label)] in the order of the form."""
    return [(s.name, s.label_in(language)) for s in form_of(call.form_version).sections]


def reports_under(call: Call, person, at: datetime, under: str = ""):
    """The call's reports with status and timeliness, all or those of the subtree of unit `under`."""
    found = reports_of(call, person, at)
    if under.isdecimal():
        found = found.filter(Q(unit_path__startswith=f"{under}.") | Q(unit_path__contains=f".{under}."))
    return found


def section_rows(call: Call, reports: Iterable[Report]) -> list[SectionsRow]:
    """A row for each of the reports (annotated as `reports_of`), in their order. Three queries, the form's own aside."""
    reports = list(reports)
    keys = [report.pk for report in reports]
    definition = form_of(call.form_version)
    begun = set(DraftSection.objects.filter(report__in=keys, version__gt=0).values_list("report_id", "section"))
    returned = _remarked(definition, keys)
    reviewing = _reviewing(keys)
    rows = []
    for report in reports:
        cells = []
        report.call = call
        own = {section.name for section in asked_of(report).sections}
        for section in definition.sections:
            if section.name not in own:
                cells.append(SectionCell("left_out"))
                continue
            looked_at = reviewing.get((report.pk, section.name), (0, 0, 0)), reviewing.get((report.pk, ""), (0, 0, 0))
            total, seen, done = (sum(parts) for parts in zip(*looked_at, strict=True))
            key = (report.pk, section.name)
            cells.append(SectionCell(section_state(report, key in begun, key in returned, total, seen, done)))
        rows.append(SectionsRow(report, cells))
    return rows


def section_state(report: Report, begun: bool, remarked: bool, reviewers: int, seen: int, handed_in: int) -> str:
    """A key of STATES. `seen`: of the reviewers of this section, how many have begun or handed in."""
    status = report.status
    if status in NOT_ASKED:
        return "not_asked"
    if status in WITH_RESULT:
        return "missed" if report.timeliness == Timeliness.MISSED else "announced"
    if status == S.MISSED:
        return "missed"
    if status == S.AWAITING_SIGN_OFF:
        return "signing"
    if status in UNSUBMITTED:
        return "begun" if begun else "untouched"
    if status == S.RETURNED and remarked:
        return "returned"
    if reviewers and handed_in == reviewers:
        return "reviewed"
    return "in_review" if seen else "submitted"


def _remarked(definition: FormDefinition, reports: list[int]) -> set[tuple[int, str]]:
    """(report, section) of the indicators that an open return remarks on."""
    rounds = ReturnRound.objects.filter(ReturnRound.OPEN, report__in=reports).values_list("report_id", "remarks")
    return {
        (report, judged.section)
        for report, remarks in rounds for code in remarks
        if (judged := definition.judged_as(code)) is not None
    }  # fmt: skip


def _reviewing(reports: list[int]) -> dict[tuple[int, str], tuple[int, int, int]]:
    """{(report, section or "" for all): (reviewers, begun or handed in, handed in)}; a lead is no reviewer of a section."""
    done = Q(state=ReviewState.HANDED_IN)
    rows = (
        Review.objects.filter(report__in=reports, lead=False)
        .exclude(state=ReviewState.RELEASED)
        .order_by()
        .values_list("report_id", "section")
        .annotate(
            total=Count("pk"),
            seen=Count("pk", filter=done | Q(started_at__isnull=False)),
            done=Count("pk", filter=done),
        )
    )
    return {(report, section): (total, seen, done) for report, section, total, seen, done in rows}

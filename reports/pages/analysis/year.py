"""A year of results put together for its page and for its file: one set of lines serves both."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from sajad_portal.lib import periods
from sajad_portal.lib.clock import tehran_date
from sajad_portal.lib.periods import Period
from sajad_portal.lib.sheets import Sheet
from sla.models import Service

from ...analysis.moves import Move
from ...enums import Timeliness
from ...models import Call, ResultFact
from ...queries import form_of
from ...queries.analysis import visible_results
from ...queries.extremes import Extremes, extremes
from ...queries.parts import SeenPart, seen_parts
from ...queries.years import (
    CallLine,
    UnitTiming,
    YearFigures,
    YearRow,
    calls_of,
    results_of_year,
    score_moves,
    unannounced,
    unit_timings,
    units_behind,
    year_figures,
    year_rows,
    years_with_results,
)
from .services import are_of_several

# Of units, on the page; the file has them all.
MOST = 8


@dataclass(frozen=True)
class MoveLine:
    """A unit's first and last result of the year on one form."""

    move: Move
    first: ResultFact
    last: ResultFact


@dataclass(frozen=True)
class YearIndicator:
    """An indicator as the newest form of the year calls it, and its ends."""

    code: str
    label: str
    unit: str
    percent: bool
    found: Extremes


Sections = list[tuple[str, list[YearIndicator]]]


@dataclass(frozen=True)
class YearPage:
    """`lines`: call by call; `whole`: all periods together; `units`: those that were late or missed."""

    calls: list[Call]
    lines: list[CallLine]
    whole: CallLine
    units: list[UnitTiming]
    sections: Sections
    moved: bool

    @property
    def names_service(self) -> bool:
        return are_of_several(self.calls)


def _of_person(
    person, calls: Sequence[Call], year: Period, at: datetime, language: str
) -> tuple[list[SeenPart], YearFigures, YearPage]:
    """Of the calls that the person sees."""
    of = calls_of(calls, year)
    parts = seen_parts(person, of)
    found = year_figures(parts, at, MOST)
    sections = _sections(of, extremes(parts), language)
    page = YearPage(of, found.lines_of(of), found.whole, unit_timings(found.behind), sections, found.moved)
    return parts, found, page


def _sections(calls: list[Call], found: list[Extremes], language: str) -> Sections:
    """In the order of the forms; what the newest version of a form no longer has comes at the end, by its code."""
    newest = {call.form_version.form_id: call.form_version for call in calls}
    left = {(one.form, one.code): one for one in found}
    sections = []
    for form, version in newest.items():
        definition = form_of(version)
        for section in definition.sections:
            lines = [
                YearIndicator(i.code, i.label_in(language), i.unit_in(language), i.unit == "٪", one)
                for i in definition.indicators_of(section.name)
                if (one := left.pop((form, i.code), None))
            ]
            if lines:
                sections.append((section.label_in(language), lines))
    if left:
        gone = [YearIndicator(code, code, "", False, one) for (_form, code), one in left.items()]
        sections.append((_("No longer in the form"), gone))
    return sections


def move_lines(person, calls: Sequence[Call], found: Sequence[Move]) -> list[MoveLine]:
    """With the results themselves, in one query."""
    ids = {pk for move in found for pk in (move.first.report, move.last.report)}
    named = ("unit__code", "unit__name", "report__tracking_code", "report__unit_name")
    facts = visible_results(person).only("call", "total", "period_code", *named).in_bulk(ids)
    of = {call.pk: call for call in calls}
    for fact in facts.values():
        fact.call = of[fact.call_id]
    return [MoveLine(move, facts[move.first.report], facts[move.last.report]) for move in found]


def year_context(person, calls: Sequence[Call], year: Period, at: datetime, language: str) -> dict:
    """What templates/reports/analysis/year.html reads."""
    _parts, found, page = _of_person(person, calls, year, at, language)
    shown = move_lines(person, page.calls, [*found.risen, *found.fallen])
    return {
        "year": year,
        "title": year.label(),
        "running": tehran_date(at) in year,
        "unannounced": unannounced(person, year),
        "years": result_years(calls, year),
        "figures": page,
        "units": page.units[:MOST],
        "units_left": len(page.units) - len(page.units[:MOST]),
        "risen": shown[: len(found.risen)],
        "fallen": shown[len(found.risen) :],
        "behind": reverse("reports:analysis_year_results", args=[year.code]),
    }


def result_years(calls: Sequence[Call], year: Period | None = None) -> list[dict]:
    """For components/filters.html: the years that have results, and the one that is shown."""
    found = years_with_results(calls)
    if year and year.code not in {each.code for each in found}:
        found.append(year)
    return [
        {
            "url": reverse("reports:analysis_year", args=[each.code]),
            "label": each.label(),
            "count": None,
            "current": year is not None and each.code == year.code,
        }
        for each in found
    ]


def period_label(call: Call) -> str:
    return periods.label(call.period_kind, call.period_starts, call.period_ends)


def period_beside(call: Call, several: bool) -> str:
    """The period, with its service where calls of others stand beside it."""
    return f"{period_label(call)}، {call.service.title_here}" if several else period_label(call)


# ------------------------------------------------------------------------------------------------------ as a file
def timing_word(timeliness: str) -> str:
    return str(Timeliness(timeliness).label)


def year_sheets(person, calls: Sequence[Call], year: Period, at: datetime, language: str) -> list[Sheet]:
    """Everything of the year that the person may see, a sheet a table; the last one has every result."""
    parts, _found, page = _of_person(person, calls, year, at, language)
    results = results_of_year(person, page.calls, at)
    rows = year_rows(parts, at) if parts else []
    return [
        _periods_sheet(page),
        _deadlines_sheet(page.calls, rows),
        _moves_sheet(move_lines(person, page.calls, score_moves(page.calls, rows))),
        _indicators_sheet(page),
        results_sheet(results.order_by("period_starts", "report__unit_sort_key", "pk"), page.calls),
    ]  # fmt: skip


def _periods_sheet(found: YearPage) -> Sheet:
    header = [
        _("Call"), _("Service"), _("Period"), _("Results"), _("On time"), _("Within the extension"), _("In the grace period"), _("Missed"),
        _("Middle of the totals"), _("Answered"), _("Target met"), _("Target missed"), _("Target"), _("Mean"), _("Median"), _("90th percentile"),
    ]  # fmt: skip
    rows = [
        [
            line.call.title if line.call else _("the whole year"), line.call.service.title_here if line.call else "",
            period_label(line.call) if line.call else "", line.results,
            line.timings[Timeliness.ON_TIME], line.timings[Timeliness.EXTENDED], line.late, line.missed, _rounded(line.middle),
            line.times.count, line.within, line.beyond, line.times.target, _rounded(line.times.mean), _rounded(line.times.median),
            _rounded(line.times.p90),
        ]
        for line in (*found.lines, found.whole)
    ]  # fmt: skip
    return Sheet("periods", _("Period by period"), header, rows)


def _deadlines_sheet(calls: list[Call], rows: list[YearRow]) -> Sheet:
    """A line a unit and service, where the page has one for all."""
    service_of = {call.pk: call.service for call in calls}
    of_service: dict[Service, list[YearRow]] = defaultdict(list)
    for row in rows:
        of_service[service_of[row.call]].append(row)
    header = [_("Unit code"), _("Unit"), _("Service"), _("Results"), _("In the grace period"), _("Missed")]
    lines = [
        [unit.code, unit.name, service.title_here, unit.results, unit.late, unit.missed]
        for service, theirs in of_service.items()
        for unit in unit_timings(units_behind(theirs))
    ]
    return Sheet("deadlines", _("Late or missed"), header, lines)


def _moves_sheet(lines: list[MoveLine]) -> Sheet:
    header = [
        _("Unit code"), _("Unit"), _("Service"), _("First period"), _("First total"), _("Last period"), _("Last total"), _("Change"),
        _("Results"),
    ]  # fmt: skip
    rows = [
        [
            line.last.unit.code, line.last.unit.name, line.last.call.service.title_here, period_label(line.first.call), line.first.total,
            period_label(line.last.call), line.last.total, line.move.change, line.move.results,
        ]
        for line in lines
    ]  # fmt: skip
    return Sheet("scores", _("Rise and fall"), header, rows)


def _indicators_sheet(found: YearPage) -> Sheet:
    header = [
        _("Area"), _("Code"), _("Indicator"), _("Unit of measure"), _("Values"), _("Best value"), _("Whose"), _("Service"),
        _("Period code"), _("How many have it"), _("Worst value"), _("Whose"), _("Service"), _("Period code"), _("How many have it"),
    ]  # fmt: skip
    rows = [
        [
            area, line.code, line.label, line.unit, line.found.count,
            *(
                cell
                for end in (line.found.best, line.found.worst)
                for cell in (end.value, end.fact.report.unit_name, end.fact.call.service.title_here, end.fact.period_code, end.ties)
            ),
        ]
        for area, lines in found.sections
        for line in lines
    ]  # fmt: skip
    return Sheet("indicators", _("Best and worst of each indicator"), header, rows)


def results_sheet(results: QuerySet[ResultFact], calls: Iterable[Call]) -> Sheet:
    """Of results with `timeliness` in these calls. Rows, not models: a year has thousands."""
    header = [
        _("Unit code"),
        _("Unit"),
        _("Call"),
        _("Service"),
        _("Period code"),
        _("Against the deadline"),
        _("Total"),
        _("Tracking code"),
    ]
    of = {call.pk: (call.title, call.service.title_here) for call in calls}
    names = (
        "unit__code", "report__unit_name", "call_id", "period_code", "timeliness", "total", "missed", "report__tracking_code",
    )  # fmt: skip
    rows = (
        [code, unit, *of[call], period, timing_word(timeliness), None if missed else total, tracking_code]
        for code, unit, call, period, timeliness, total, missed, tracking_code in results.values_list(*names)
    )
    return Sheet("results", _("Results of the year"), header, rows)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)

"""The report of a period as a workbook: the same figures as numbers, a sheet a table."""

from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from sajad_portal.lib.language import current_language
from sajad_portal.lib.sheets import Sheet, xlsx_bytes
from units.models import Person

from ...models import IndicatorFact
from ...queries import form_of
from .content import BATCH, Content, content_of, period_rows


def make_workbook(person: Person, parameters: dict, path: Path, progress) -> None:
    content = content_of(person, parameters["call"], current_language())
    total = len(content.results) + 1
    progress(0, total)
    path.write_bytes(xlsx_bytes(_sheets(content, lambda done: progress(min(done, total), total))))


def _sheets(content: Content, told) -> Iterator[Sheet]:
    yield Sheet("method", _("Method"), [_("About this workbook"), ""], _method(content))
    yield Sheet("league", _("League table"), _league_head(), _league(content))
    yield Sheet("indicators", _("Indicators"), _indicator_head(), _indicators(content))
    codes = [line.indicator.code for chapter in content.chapters for line in chapter.lines]
    yield Sheet("values", _("Verified values"), [_("Code"), _("Unit"), *codes], _cells(content, codes, "value", told))
    yield Sheet(
        "claims", _("Claimed values"), [_("Code"), _("Unit"), *codes], _cells(content, codes, "claimed_value", told)
    )
    yield Sheet("points", _("Points"), [_("Code"), _("Unit"), *codes], _cells(content, codes, "points", told))
    yield Sheet("codes", _("Codes of the indicators"), _code_head(), _codes(content))


def _method(content: Content) -> list[list]:
    field = content.standings
    return [
        [_("Call"), content.call.title],
        *([[_("Service"), content.service]] if content.service else []),
        [_("Period"), content.period],
        [_("Units ranked"), len(field.places)],
        [_("Missed, without a place"), field.missed],
        [_("Places"), _("Equal totals share a place. Missed reports have no place and count in no median.")],
        [_("Together"), _("Ratios from summed numerators and denominators; counts added; means weighted by the question that the form names, else not rolled up.")],
        [_("Firm between"), _("Where the place lies in nine of ten of a thousand weightings, each weight varied by up to 25 percent. OECD/JRC, Handbook on Constructing Composite Indicators (2008).")],
    ]  # fmt: skip


def _league_head() -> list[str]:
    return [
        _("Place"), _("Code"), _("Unit"), _("Kind"), _("Total"), _("Change"), _("Place among peers"), _("Peers"),
        _("Ahead of, percent"), _("Firm from"), _("Firm to"), _("Missed"),
    ]  # fmt: skip


def _league(content: Content) -> list[list]:
    return [
        [
            row.place.rank if row.place else None, row.fact.unit.code, row.fact.report.unit_name, row.group,
            None if row.fact.missed else row.fact.total, row.change, row.among_peers.rank if row.among_peers else None,
            row.among_peers.of if row.among_peers else None, row.place.ahead_of if row.place else None, row.best, row.worst,
            int(row.fact.missed),
        ]
        for row in period_rows(content.facts, content.results, content.names)
    ]  # fmt: skip


def _indicator_head() -> list[str]:
    return [
        _("Area"), _("Code"), _("Indicator"), _("Unit of measure"), _("Weight"), _("Standard"), _("Together"), _("Units with a value"),
        _("Lower quartile"), _("Median"), _("Upper quartile"), _("Missing"), _("Not applicable"),
    ]  # fmt: skip


def _indicators(content: Content) -> list[list]:
    rows = []
    for chapter in content.chapters:
        for line in chapter.lines:
            spread = line.line.spread
            rows.append(
                [
                    chapter.label, line.indicator.code, line.label, line.unit, float(line.indicator.weight or 0),
                    float(line.indicator.standard) if line.indicator.standard else None, line.rolled.value,
                    line.rolled.sums.counted, spread.q1 if spread else None, spread.median if spread else None,
                    spread.q3 if spread else None, line.line.missing, line.line.not_applicable,
                ]
            )  # fmt: skip
    return rows


def _cells(content: Content, codes: list[str], name: str, told) -> Iterator[list]:
    """A row a unit, a column an indicator; empty where there is no value."""
    for start in range(0, len(content.results), BATCH):
        some = content.results[start : start + BATCH]
        found: dict[int, dict] = {fact.pk: {} for fact in some}
        rows = IndicatorFact.objects.filter(result__in=list(found)).values_list("result_id", "indicator", name)
        for report, code, value in rows.iterator(chunk_size=5000):
            found[report][code] = value
        for fact in some:
            yield [fact.unit.code, fact.report.unit_name, *(found[fact.pk].get(code) for code in codes)]
        told(start + len(some))


def _code_head() -> list[str]:
    return [_("Code"), _("Indicator"), _("Unit of measure"), _("Rolled up as"), _("Direction")]


def _codes(content: Content) -> list[list]:
    definition = form_of(content.call.form_version)
    return [
        [i.code, i.label_in(current_language()), i.unit_in(current_language()), i.aggregate, i.direction]
        for i in definition.indicators
    ]

"""What about a figure is not wrong and still wants a sentence of the unit: it is asked, answered by a comment, and kept beside
the revision, where the reviewer reads it.

A doubt is stored as facts and told in the reader's language. Its kinds:

departure  the value departs from the unit's own history (`scoring.departures`)
check      a rule of the form (`bind::sajad:check`) does not hold
twice      the same figure is given otherwise in this form
elsewhere  the same figure is given otherwise in another call of the same period
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import format_number

from ..models import Report, Revision
from ..scoring.departures import Departure, as_number
from ..xlsform import Evaluation, FormDefinition, Question, display_answer, with_answers
from ..xlsform.labels import text_in
from . import form_by_hash

DEPARTURE, CHECK, TWICE, ELSEWHERE = "departure", "check", "twice", "elsewhere"


@dataclass(frozen=True)
class Doubt:
    """`question`: the row it is about. `about`: by kind, the numbers of the departure, or what the figure is elsewhere."""

    kind: str
    indicator: str
    question: str = ""
    about: dict = field(default_factory=dict)

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> "Doubt":
        return cls(**data)


@dataclass(frozen=True)
class OtherFigure:
    """What a figure is in another call of the same period."""

    call: str
    value: str


# ------------------------------------------------------------------------------------------------------ finding them
def figures_elsewhere(report: Report) -> dict[str, OtherFigure]:
    """{what a figure is called: the unit's own word on it in another call of the same period}, as last submitted. One query."""
    return figures_elsewhere_of_each([report])[report.pk]


def figures_elsewhere_of_each(reports: Collection[Report]) -> dict[int, dict[str, OtherFigure]]:
    """The same of several reports, by their keys. One query."""
    periods = Q(pk__in=[])
    for report in reports:
        periods |= Q(
            report__unit_id=report.unit_id, report__call__period_starts=report.call.period_starts,
            report__call__period_ends=report.call.period_ends,
        ) & ~Q(report=report.pk)  # fmt: skip
    rows = (
        Revision.objects.filter(periods, report__submitted_at__isnull=False)
        .exclude(report__call__cancelled_at__isnull=False)
        .order_by("report__call__published_at", "report_id", "number")
        .values_list(
            "report_id", "report__unit_id", "report__call__period_starts", "report__call__period_ends", "answers",
            "report__call__title", "report__call__form_version", "report__call__form_version__definition_sha256",
        )
    )  # fmt: skip
    last = {report_id: row for report_id, *row in rows} if reports else {}
    found: dict[int, dict[str, OtherFigure]] = {}
    for report in reports:
        of = (report.unit_id, report.call.period_starts, report.call.period_ends)
        own = found[report.pk] = {}
        for pk, (*period, answers, title, form, sha256) in last.items():
            if tuple(period) != of or pk == report.pk:
                continue
            for question in form_by_hash(sha256, form).questions:
                value = answers.get(question.name, "")
                if question.said_as and value and not answers.get(f"na:{question.indicator}"):
                    own[question.said_as] = OtherFigure(title, value)
    return found


def doubts_of(
    definition: FormDefinition, evaluation: Evaluation, departures: Mapping[str, Departure], elsewhere: Mapping[str, OtherFigure],
    not_applicable: Iterable[str],
) -> dict[str, list[Doubt]]:  # fmt: skip
    """{indicator: its doubts, those of the form's rows in their order}; none of an indicator that does not apply."""
    found: dict[str, list[Doubt]] = {}
    left_out = set(not_applicable)

    def add(doubt: Doubt) -> None:
        if doubt.indicator and doubt.indicator not in left_out:
            found.setdefault(doubt.indicator, []).append(doubt)

    for code, gone in departures.items():
        add(departure_doubt(code, gone))
    for name in evaluation.broken_checks:
        add(Doubt(CHECK, definition.own_question(name).indicator, name))
    first: dict[str, Question] = {}
    for question in definition.outside_repeats:
        value = evaluation.values.get(question.name, "")
        if not question.said_as or not value or question.indicator in left_out or question.name in evaluation.errors:
            continue
        before = first.setdefault(question.said_as, question)
        if differs(value, evaluation.values[before.name]):
            add(Doubt(TWICE, question.indicator, question.name, {"other": before.name}))
        other = elsewhere.get(question.said_as)
        if other and before is question and differs(value, other.value):
            add(Doubt(ELSEWHERE, question.indicator, question.name, {"call": other.call, "value": other.value}))
    return found


def doubts_kept(revision: Revision) -> dict[str, list[Doubt]] | None:
    """{indicator: what was asked about it when the revision was submitted}; None where that was not kept yet."""
    if revision.doubts is None:
        return None
    found: dict[str, list[Doubt]] = {}
    for data in revision.doubts:
        doubt = Doubt.from_json(data)
        found.setdefault(doubt.indicator, []).append(doubt)
    return found


def with_what_came_since(
    kept: Mapping[str, list[Doubt]], definition: FormDefinition, revision: Revision, elsewhere: Mapping[str, OtherFigure]
) -> dict[str, list[Doubt]]:  # fmt: skip
    """What was asked when the revision was submitted, and where the unit has said the same figure otherwise in another call
    since: nobody could ask about that, and who reads the report wants to know. `elsewhere`: `figures_elsewhere` of today."""
    found = {code: list(doubts) for code, doubts in kept.items()}
    said, told = {**revision.answers, **revision.values}, set()
    for question in definition.outside_repeats:
        other, value = elsewhere.get(question.said_as) if question.said_as else None, str(said.get(question.name) or "")
        if other is None or not value or not question.indicator or revision.answers.get(f"na:{question.indicator}"):
            continue
        first = question.said_as not in told
        told.add(question.said_as)
        if not first or not differs(value, other.value):
            continue
        new = Doubt(ELSEWHERE, question.indicator, question.name, {"call": other.call, "value": other.value})
        own = found.setdefault(question.indicator, [])
        # Of the same call, today's figure takes the place of the one that it was then.
        own[:] = [d for d in own if (d.kind, d.question, d.about.get("call")) != (ELSEWHERE, new.question, other.call)]
        own.append(new)
    return found


def differs(one: str, other: str) -> bool:
    """As numbers where both are numbers: 5 and 5.0 are the same figure."""
    numbers = as_number(one), as_number(other)
    return one != other if None in numbers else numbers[0] != numbers[1]


def departure_doubt(code: str, found: Departure) -> Doubt:
    return Doubt(DEPARTURE, code, about=_numbers_of(found))


def _numbers_of(found: Departure) -> dict:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(found).items()}


def _departure_of(about: Mapping) -> Departure:
    numbers = {name: as_number(about[name]) for name in ("middle", "share", "low", "high")}
    return Departure(**{**about, **numbers})


# ------------------------------------------------------------------------------------------------------ telling them
def doubt_found(doubt: Doubt, definition: FormDefinition, values: Mapping[str, str]) -> str:
    """The doubt as a sentence, in the reader's language. `values`: the answers and what was calculated from them."""
    language = current_language()
    if doubt.kind == DEPARTURE:
        return departure_found(_departure_of(doubt.about))
    question = definition.own_question(doubt.question)
    own = display_answer(question, values.get(question.name, ""), language)
    if doubt.kind == CHECK:
        return with_answers(text_in(question.check_message, language), definition, values, language)
    if doubt.kind == TWICE:
        before = definition.own_question(doubt.about["other"])
        words = {
            "own": own,
            "other": display_answer(before, values.get(before.name, ""), language),
            "where": f"{definition.own_indicator(before.indicator).label_in(language)}: {before.label_in(language)}",
        }
        return _("The same figure is %(own)s here and %(other)s under “%(where)s”.") % words
    words = {"own": own, "other": display_answer(question, doubt.about["value"], language), "call": doubt.about["call"]}
    return _("The same figure is %(own)s here and %(other)s in the call “%(call)s” of the same period.") % words


def departure_found(found: Departure) -> str:
    """«این مقدار بالاتر از بازهٔ معمول شش دورهٔ پیش (۱۲ تا ۲۰) است»: the finding as a sentence."""
    language = current_language()
    if found.low is not None and found.high is not None:
        return _usual_range(found, found.low, found.high, language)
    if found.share is None:
        return _("In earlier periods this was zero.")
    percent = (found.share * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    words = {"share": format_number(percent, language=language), "n": format_number(found.count, language=language)}
    if found.higher:
        sentence = ngettext(
            "This value is %(share)s%% above the mean of the last %(n)s period.",
            "This value is %(share)s%% above the mean of the last %(n)s periods.",
            found.count,
        )
    else:
        sentence = ngettext(
            "This value is %(share)s%% below the mean of the last %(n)s period.",
            "This value is %(share)s%% below the mean of the last %(n)s periods.",
            found.count,
        )
    return sentence % words


def _usual_range(found: Departure, low: Decimal, high: Decimal, language: str) -> str:
    """From four earlier values on: what they usually were."""
    if low == high:
        sentence = _("In the last %(n)s periods this was always %(low)s.")
    elif found.higher:
        sentence = _("This value is above the usual range of the last %(n)s periods, %(low)s to %(high)s.")
    else:
        sentence = _("This value is below the usual range of the last %(n)s periods, %(low)s to %(high)s.")
    return sentence % {
        "n": format_number(found.count, language=language),
        "low": format_number(low.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP), language=language),
        "high": format_number(high.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP), language=language),
    }

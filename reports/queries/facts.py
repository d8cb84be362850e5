"""A result version cut into facts: the rows of `models/facts.py` out of what the letter says. Pure, over loaded rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..enums import FactState
from ..models import Report, ResultFact, ResultVersion
from ..scoring import NOT_APPLICABLE, SCORED
from ..scoring.functions import decimal_text, exact
from ..xlsform.definition import FormDefinition, Indicator
from .peers import peer_group
from .values import performance_of

# What scoring calls the state of an indicator; everything else earned nothing because nothing was there to score.
STATES = {SCORED: FactState.SCORED.value, NOT_APPLICABLE: FactState.NOT_APPLICABLE.value}
MISSING = FactState.MISSING.value


def result_fact(report: Report, version: ResultVersion) -> ResultFact:
    call = report.call
    no_total = ResultFact.NO_REPORT if version.missed else ResultFact.NO_SCORE
    return ResultFact(
        report_id=report.pk, version_id=version.pk, call_id=call.pk, unit_id=report.unit_id, unit_path=report.unit_path,
        kind=report.unit_kind, peers=peer_group(report), period_code=call.period_code, period_starts=call.period_starts, total=version.total,
        sort_total=no_total if version.missed or version.total is None else version.total, missed=version.missed,
    )  # fmt: skip


def answers_of(version: ResultVersion) -> dict[str, str]:
    """Question → text of the revision that the version scores; {} for a missed report."""
    revision = version.revision
    return {} if revision is None else {**revision.answers, **revision.values}


@dataclass(frozen=True)
class Plan:
    """What is the same of an indicator in every report on a form. `weighed`: (indicator, role) whose verified figure weighs
    the mean, or ("", question) for an answer."""

    indicator: Indicator
    code: str
    aggregate: str
    scale: str | None
    weighed: tuple[str, str] | None


# The columns of a row, in the order in which `indicator_rows` gives them.
COLUMNS = (
    "result_id", "call_id", "indicator", "section", "state", "claimed_numerator", "claimed_denominator", "claimed_value",
    "numerator", "denominator", "value", "points", "weight", "standard", "direction", "aggregate", "scale", "weightby",
)  # fmt: skip


def plans_of(definition: FormDefinition) -> dict[str, Plan]:
    return {i.code: _plan(definition, i) for i in definition.indicators}


def _plan(definition: FormDefinition, indicator: Indicator) -> Plan:
    weighed = None
    if indicator.weightby:
        question = definition.question(indicator.weightby)
        if question and question.indicator and question.role:
            weighed = (question.indicator, question.role)
        else:
            weighed = ("", indicator.weightby)
    return Plan(indicator, indicator.code, indicator.aggregate, decimal_text(exact(indicator.scale)), weighed)


def indicator_rows(
    plans: Mapping[str, Plan], report: Report, version: ResultVersion, answers: Mapping[str, str]
) -> Iterator[tuple]:
    """A row for each indicator that the version scores, as COLUMNS. `answers`: question → text of the revision that counts.

    Four hundred thousand of them go into one announcement: text stays text, and nothing is divided twice.
    """
    findings = version.score.get("findings", {})
    for data in version.score["indicators"]:
        plan = plans.get(data["code"])
        if plan is None:
            continue
        finding = findings.get(plan.code) or {}
        claimed, verified = finding.get("claimed", {}), finding.get("verified", {})
        value = data["value"]
        if claimed != verified or value is None:
            value = decimal_text(performance_of(plan.indicator, claimed))
        yield (
            report.pk, report.call_id, plan.code, data["section"], STATES.get(data["state"], MISSING),
            number_text(claimed.get("numerator")), number_text(claimed.get("denominator")), value if claimed else None,
            data["numerator"], data["denominator"], data["value"], data["points"], data["effective_weight"],
            data["standard"], data["direction"], plan.aggregate, plan.scale,
            _weight_of_mean(plan, findings, answers) if plan.weighed else None,
        )  # fmt: skip


def number_text(text: str | None) -> str | None:
    """The text of a number as it is stored; None for what is none."""
    if not text:
        return None
    return text if text.isascii() and text.isdigit() else decimal_text(exact(text))


def _weight_of_mean(plan: Plan, findings: Mapping, answers: Mapping[str, str]) -> str | None:
    """The answer that weighs a mean: as verified where it is itself an indicator's input, else as submitted."""
    code, name = plan.weighed
    if code:
        return number_text(findings.get(code, {}).get("verified", {}).get(name))
    return number_text(answers.get(name))

"""Plausible answers for any form of indicators: near the standard, better or worse by unit, the same for the same key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from random import Random

from sajad_portal.lib.numbers import plain

from ..models import FormVersion
from ..queries import form_of
from ..queries.result_findings import StoredFinding, score_findings
from ..xlsform import FormDefinition, Indicator, Question, engine_for
from ..xlsform.answer_kinds import DATE, MANY, MOMENT, NUMBER, ONE, RANGE, TEXT, TICK, TIME, WHOLE, limits
from ..xlsform.answer_kinds_places import LINE, PLACE, RANK
from ..xlsform.values import iso

REASONS = (
    "با مستند پیوست نمی‌خواند؛ رقم مستند ملاک است.",
    "بخشی از ارقام به دورهٔ قبل مربوط است و کنار گذاشته شد.",
    "مواردی که تأیید نهایی ندارند شمرده نشد.",
)


@dataclass(frozen=True)
class Filled:
    """One plausible report: what was answered, what the engine calculated, what a reviewer found."""

    answers: dict[str, str]
    values: dict[str, str]
    findings: dict[str, StoredFinding]


@lru_cache(maxsize=4000)
def filled(version: FormVersion, key: str, level: float, at: datetime, reviewer: str) -> Filled:
    """The report that belongs to `key`; `level` around 1 meets the standards, below it falls short."""
    definition = form_of(version)
    rng = Random(key)  # noqa: S311 a demo's figures, not a secret
    form = engine_for(definition, key=version.pk)
    answers: dict[str, str] = {}
    said: dict[str, float] = {}  # what is asked in more than one place is told alike
    small: set[str] = set()
    for again in (False, True, True):  # figures that a constraint refuses, such as a part of 100, are tried smaller
        for indicator in definition.indicators:
            if not indicator.source and (not again or indicator.code in small):
                answers |= _inputs(definition, indicator, level, rng, indicator.code in small, said)
        for question in definition.questions:
            if question.is_written and question.name not in answers:
                answers[question.name] = _other(question, rng, at)
        evaluation = form.evaluate(answers, at=at)
        small = {definition.own_question(name).indicator for name in evaluation.errors}
        if not small:
            break
    if evaluation.errors or evaluation.missing:
        raise ValueError(f"the demo's figures do not fit the form: {evaluation.errors} {evaluation.missing}")
    findings = {
        indicator.code: _finding(definition, indicator, answers, rng, reviewer)
        for indicator in definition.indicators
        if not indicator.source
    }
    return Filled(answers, evaluation.calculated, findings)


@lru_cache(maxsize=8000)
def scored(version: FormVersion, key: str, level: float, at: datetime, reviewer: str, standing: str | None):
    """(score as a result version stores it, ReportScore) of the same report."""
    report = filled(version, key, level, at, reviewer)
    score = score_findings(form_of(version), report.findings, standing)
    return {**score.to_json(), "findings": {code: f.to_json() for code, f in report.findings.items()}}, score


def _inputs(
    definition: FormDefinition, indicator: Indicator, level: float, rng: Random, small: bool, said: dict[str, float]
) -> dict[str, str]:
    factor = min(max(rng.gauss(level, 0.13), 0.35), 1.35)
    standard = float(indicator.standard)
    target = standard * factor if indicator.direction == "up" else standard / factor
    if value := indicator.inputs.get("value"):
        return {value: _number(definition.own_question(value), min(target, _most(indicator)))}
    scale = float(indicator.scale or 1)
    base = rng.randint(60, 95) if small else rng.randint(180, 900) if target / scale < 20 else rng.randint(6, 40)
    share = min(target / scale, 0.995) if scale == 100 else target / scale
    numerator, denominator = (definition.own_question(indicator.inputs[role]) for role in ("numerator", "denominator"))
    if numerator.figure in said:
        base = max(1, round(said[numerator.figure] / share))
    under = said.setdefault(denominator.figure, base) if denominator.figure else base
    over = said.setdefault(numerator.figure, round(under * share)) if numerator.figure else under * share
    return {numerator.name: _number(numerator, over), denominator.name: _number(denominator, under)}


def _most(indicator: Indicator) -> float:
    """A survey's mean ends at 5; nothing else of the sample form is bounded."""
    return 4.9 if "۱ تا ۵" in indicator.unit else 1e12


def _number(question: Question, value: float) -> str:
    return plain(Decimal(round(value))) if question.kind is WHOLE else plain(Decimal(str(round(value, 1))))


# An answer by the kind of the question; what is not here is left empty.
_SAMPLES: dict[str, Callable[[Question, Random, datetime], str]] = {
    WHOLE.name: lambda question, rng, at: str(rng.randint(60, 400)),
    NUMBER.name: lambda question, rng, at: plain(Decimal(str(round(rng.uniform(10, 90), 1)))),
    RANGE.name: lambda question, rng, at: plain(limits(question)[0]),
    ONE.name: lambda question, rng, at: question.choices[0].name,
    MANY.name: lambda question, rng, at: question.choices[0].name,
    DATE.name: lambda question, rng, at: at.date().isoformat(),
    MOMENT.name: lambda question, rng, at: iso(at),
    TIME.name: lambda question, rng, at: "09:30:00",
    TICK.name: lambda question, rng, at: "OK",
    RANK.name: lambda question, rng, at: " ".join(choice.name for choice in question.choices),
    PLACE.name: lambda question, rng, at: "35.7 51.4 0 0",
    LINE.name: lambda question, rng, at: "35.7 51.4 0 0; 35.8 51.4 0 0; 35.8 51.5 0 0; 35.7 51.4 0 0",
    TEXT.name: lambda question, rng, at: "در این دوره تغییر مهمی در ساختار واحد رخ نداده است.",
}


def _other(question: Question, rng: Random, at: datetime) -> str:
    sample = _SAMPLES.get(question.kind.name)
    return sample(question, rng, at) if sample else ""


def _finding(definition, indicator: Indicator, answers: dict, rng: Random, reviewer: str) -> StoredFinding:
    claimed = {role: answers[name] for role, name in indicator.inputs.items()}
    verified, reason = dict(claimed), ""
    if rng.random() < 0.08:
        role = "numerator" if "numerator" in claimed else "value"
        less = float(claimed[role]) * (
            rng.uniform(0.88, 0.97) if indicator.direction == "up" else rng.uniform(1.03, 1.1)
        )
        verified[role] = _number(definition.own_question(indicator.inputs[role]), less)
        if verified != claimed:
            reason = rng.choice(REASONS)
    return StoredFinding(claimed=claimed, verified=verified, reason=reason, by=(reviewer,))


def stable_number(text: str) -> int:
    """A number that belongs to the text in every process."""
    return int.from_bytes(text.encode()[-6:], "big")

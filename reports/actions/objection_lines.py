"""The lines of an objection: one contested indicator each, as the unit files it and as the provider answers it.

Lines argue; they decide nothing. One dispute has one outcome, and that is an offer accepted or the view that stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.language import current_language
from sajad_portal.lib.text import normalise
from sla.actions.disputes import acting_side, lock_dispute, next_status
from sla.enums import Side
from sla.files.attachments import inspect_all
from sla.models import Dispute, DisputeFile
from units.actions.events import record, tell
from units.models import Person

from ..enums import LineAnswer, ReportVerb
from ..models import Objection, ObjectionLine, Report, ResultVersion, Revision
from ..notices.objections import lines_answered
from ..queries import asked_of, reports_at
from ..queries.findings import claim_of, irrelevant_indicators
from ..queries.judged_rows import judged_rows
from ..queries.objection_lines import left_out_of, standing_finding
from ..queries.result_findings import StoredFinding, findings_of_version
from ..xlsform import Indicator
from ..xlsform.tables import ROW
from .locking import lock_report
from .review import ItemRefused, TypedFinding, check


@dataclass(frozen=True)
class TypedLine:
    """A ticked indicator as typed. `figures` {role: text}; `not_applicable` True: the unit holds that it does not apply."""

    figures: Mapping[str, str] = field(default_factory=dict)
    points: str = ""
    not_applicable: bool | None = None
    reason: str = ""
    file: File | None = None


@dataclass(frozen=True)
class TypedAnswer:
    """The provider's answer as typed; `figures` and `points` with a partly accepted line."""

    answer: str
    figures: Mapping[str, str] = field(default_factory=dict)
    points: str = ""
    reason: str = ""


class LinesRefused(Refused):
    """Lines that cannot be stored. `errors`: {indicator: {field: message}}; fields: the roles, points, not_applicable, reason,
    file, answer, tick (the line as a whole)."""

    def __init__(self, errors: dict[str, dict[str, str]]):
        super().__init__(
            _("Some lines cannot be taken as they are. Correct them; nothing was stored yet."), code="lines-refused"
        )
        self.errors = errors


# ------------------------------------------------------------------------------------------------------------- filing
def clean_lines(
    report: Report, version: ResultVersion, typed: Mapping[str, TypedLine], at: datetime
) -> tuple[list[ObjectionLine], list[tuple]]:
    """Unsaved lines in the order of the form, and the inspected files of those that have one, in the same order.

    LinesRefused with every error at once. Refused for an indicator that the form does not have, and over a report that never
    came: there is no figure to stand by.
    """
    if not typed:
        return [], []
    if version.missed or version.revision is None:
        raise Refused(
            _("No report was submitted, so there is no figure to stand by. Write what you contest, in words."),
            code="no-figures",
        )
    definition, errors = asked_of(report), dict[str, dict[str, str]]()
    for code in typed:
        if definition.judged_as(code) is None:
            raise Refused(_("The form has no indicator %(code)s.") % {"code": code}, code="no-such-indicator")
    lines: list[ObjectionLine] = []
    files: list[tuple] = []
    irrelevant, left_out = irrelevant_indicators(report, version.revision), left_out_of(version)
    alone = (each for each in definition.judged if each.is_alone)
    rows = [
        row for row in judged_rows(definition, typed, [version.revision]) if row.code in findings_of_version(version)
    ]
    if unknown := {code for code in typed if code.startswith(ROW)} - {row.code for row in rows}:
        raise Refused(_("The form has no indicator %(code)s.") % {"code": min(unknown)}, code="no-such-indicator")
    for indicator in (i for i in (*definition.indicators, *alone, *rows) if i.code in typed):
        given, wrong = typed[indicator.code], dict[str, str]()
        if indicator.code in left_out:
            wrong["tick"] = _(
                "This indicator was left out of the score and its weight is shared among the others; there is nothing at "
                "stake on it."
            )
            errors[indicator.code] = wrong
            continue
        finding = standing_finding(version, indicator.code)
        line = _line(report, version.revision, indicator, finding, given, irrelevant, at, wrong)
        inspected = _inspected(given.file, wrong)
        if line is None or wrong:
            errors[indicator.code] = wrong
        else:
            lines.append(line)
            files += inspected
    if errors:
        raise LinesRefused(errors)
    return lines, files


def _line(
    report: Report, revision: Revision, indicator: Indicator, finding: StoredFinding, given: TypedLine, irrelevant, at: datetime,
    wrong: dict[str, str],
) -> ObjectionLine | None:  # fmt: skip
    reason = normalise(given.reason)
    if len(reason) < 3:
        wrong["reason"] = _("Write why you stand by this figure; the provider answers exactly this line.")
    typed = TypedFinding(given.figures, given.not_applicable, given.points, reason or "—")
    clean = clean_figures(report, revision, indicator, typed, at, wrong, irrelevant=irrelevant)
    if "not_applicable" in wrong:
        wrong["not_applicable"] = _("Say whether you stand by “not applicable” or by a figure.")
    if clean is None or wrong:
        return None
    figures, points, not_applicable = clean
    stands = (finding.verified, finding.points or "", bool(finding.not_applicable))
    if ({} if not_applicable else figures, points, not_applicable) == (
        {} if stands[2] else stands[0], _plain_points(stands[1]), stands[2],
    ):  # fmt: skip
        wrong["tick"] = _("This is what stands already. Write the figure that you stand by, or take the tick away.")
        return None
    return ObjectionLine(
        indicator=indicator.code, figures=figures, points=points, not_applicable=not_applicable, reason=reason[:4000]
    )


def clean_figures(
    report: Report, revision: Revision, indicator: Indicator, typed: TypedFinding, at: datetime, wrong: dict[str, str], *, irrelevant=(),
) -> tuple[dict[str, str], str, bool] | None:  # fmt: skip
    """(figures, points, not applicable) checked as a reviewer's findings are; None with the errors in `wrong`."""
    if indicator.source:
        return {"value": "1" if typed.verified.get("value") == "1" else "0"}, "", False
    claim = claim_of(revision, indicator, irrelevant)
    if indicator.is_alone:  # the unit stands by what it answered
        return claim.inputs, "", False
    try:
        clean = check(report, indicator, claim, typed, answers=revision.answers, at=at)
    except ItemRefused as refusal:
        wrong.update({name: text for name, text in refusal.errors.items() if name not in wrong})
        return None
    points = "" if clean["points"] is None else _plain_points(str(clean["points"]))
    return clean["verified"], points, bool(clean["not_applicable"])


def _plain_points(text: str) -> str:
    """12.50 and 12.5 are one amount."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _inspected(file: File | None, wrong: dict[str, str]) -> list[tuple]:
    if file is None:
        return []
    try:
        return inspect_all([file])
    except Refused as refusal:
        wrong["file"] = str(refusal)
        return []


def words_of_lines(report: Report, lines: Sequence[ObjectionLine]) -> str:
    """What opens the thread where nothing else was written: each indicator with its reason."""
    definition, language = asked_of(report), current_language()
    found = []
    for line in lines:
        indicator = definition.judged_as(line.indicator)
        found.append(f"{indicator.label_in(language) if indicator else line.indicator}: {line.reason}")
    return "\n".join(found)


def keep_lines(
    objection: Objection, lines: Sequence[ObjectionLine], typed: Mapping[str, TypedLine], general: int
) -> None:
    """Part of filing: the lines under their objection, each with its file. The first message of the thread holds `general`
    files and then, in the order of the lines, theirs."""
    if not lines:
        return
    first = objection.dispute.messages.order_by("pk").first()
    stored = iter(DisputeFile.objects.filter(message=first).order_by("pk")[general:])
    for line in lines:
        line.objection = objection
        if typed[line.indicator].file is not None:
            line.file = next(stored)
    ObjectionLine.objects.bulk_create(lines)


def are_the_same(dispute: Dispute, lines: Sequence[ObjectionLine]) -> bool:
    """Whether the objection was filed with exactly these lines."""
    stored = ObjectionLine.objects.filter(objection__dispute=dispute).order_by("pk")
    return [_said(line) for line in stored] == [_said(line) for line in lines]


def _said(line: ObjectionLine) -> tuple:
    return line.indicator, line.figures, line.points, line.not_applicable, line.reason


# ---------------------------------------------------------------------------------------------------------- answering
def answer_objection(*, dispute: Dispute, answers: Mapping[str, TypedAnswer], by: Person) -> list[ObjectionLine]:
    """The provider says to each line whether it would verify it so, in part, or not, and why. An answer is given once; the same
    click twice gives it once. Nothing is announced by it: an offer is.

    LinesRefused (nothing stored) with every error at once. Refused: dispute-ended, not-over-result, answered-already, no-line.
    """
    objection = Objection.objects.select_related("report").filter(dispute=dispute).first()
    if objection is None:
        raise Refused(_("This dispute is not over a result."), code="not-over-result")
    with transaction.atomic():
        lock_report(objection.report)
        dispute, at = lock_dispute(dispute)
        side, membership = acting_side(by, dispute, at)
        if side != Side.PROVIDER:
            raise Forbidden(_("The contested indicators are answered by a coordinator of the provider."))
        lines = {line.indicator: line for line in objection.lines.select_for_update().order_by("pk")}
        report = reports_at(at).get(pk=objection.report_id)
        answered = _answered(report, objection, lines, answers, at)
        fresh = [line for line in answered if line.answered_at is None]
        if not fresh:
            return list(lines.values())
        next_status(dispute, "write")
        for line in fresh:
            line.answered_at, line.answered_by = at, by
            line.save()
        event = record(
            ReportVerb.ANSWER_OBJECTION, noun="report", key=report.tracking_code, at=at, by=by, membership=membership,
            path=report.unit_path, unit_id=report.unit_id, call_id=report.call_id,
            data={"dispute": dispute.pk, "lines": {line.indicator: str(line.answer) for line in fresh}},
        )  # fmt: skip
        tell(event, lines_answered(dispute, report, fresh, at))
        return list(lines.values())


def _answered(
    report: Report, objection: Objection, lines: Mapping[str, ObjectionLine], answers: Mapping[str, TypedAnswer], at: datetime
) -> list[ObjectionLine]:  # fmt: skip
    """The lines with what was answered on them; one that bears the same answer already comes as it is."""
    if not answers:
        raise Refused(_("Answer one line at least."), code="no-line")
    found, errors = [], {}
    revision = objection.result.revision
    assert revision is not None  # lines are filed over figures
    for code, given in answers.items():
        line = lines.get(code)
        if line is None:
            raise Refused(_("This indicator is not contested here. Reload the page."), code="no-line")
        wrong: dict[str, str] = {}
        values = _answer_values(report, revision, line, given, at, wrong)
        if wrong:
            errors[code] = wrong
        elif line.answered_at is None:
            line.answer, line.answered_figures, line.answered_points, line.answer_reason = values
            found.append(line)
        elif values != (line.answer, line.answered_figures, line.answered_points, line.answer_reason):
            raise Refused(
                _("%(code)s is answered already, and the unit has been told. Write in the thread, or make an offer.")
                % {"code": code},
                code="answered-already",
            )
        else:
            found.append(line)
    if errors:
        raise LinesRefused(errors)
    return found


def _answer_values(
    report: Report, revision: Revision, line: ObjectionLine, given: TypedAnswer, at: datetime, wrong: dict[str, str]
) -> tuple[str, dict[str, str], str, str]:
    reason, points = normalise(given.reason)[:4000], ""
    figures: dict[str, str] = {}
    if given.answer not in LineAnswer.values:
        wrong["answer"] = _("Say whether you accept this line, in part, or not.")
    elif given.answer != LineAnswer.ACCEPTED and len(reason) < 3:
        wrong["reason"] = _("Write why; the unit reads it beside its own reason.")
    indicator = asked_of(report).judged_as(line.indicator)
    if given.answer == LineAnswer.PARTLY and indicator is not None and indicator.is_alone:
        wrong["answer"] = _("An answer is accepted or not: there is no figure that could be taken in part.")
    elif given.answer == LineAnswer.PARTLY and indicator is not None:
        typed = TypedFinding(given.figures, False, given.points, reason or "—")
        clean = clean_figures(report, revision, indicator, typed, at, wrong)
        if clean is not None:
            figures, points, _left_out = clean
    return given.answer, figures, points, reason

"""Saving what a unit types, field by field.

A conflict exists only for a field whose stored value changed since the version the poster saw, and differs from what they
wrote. It overwrites nothing; every other field of the same post is stored. Choosing one is a post of that field with the
version of the value it replaces (`bases`), so a third change in between is a conflict again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import TwoReadings
from units.actions.events import record
from units.models import Membership, Person

from ..enums import CallState, ReportStatus, ReportVerb
from ..models import DraftSection, Report
from ..queries import asked_of, engine_of
from ..queries.drafts import COMMENT, NOT_APPLICABLE, editable_names, flatten, is_returned
from ..queries.table_rows import table_of_name, without_lost_rows
from ..rules import is_writable, unit_membership
from ..rules.deadlines import is_open
from ..xlsform import FormDefinition, clean_answer
from ..xlsform.answers import clean_reason
from ..xlsform.tables import ROW, row_name, row_of, rows_around
from .locking import lock_report, next_report_state, require


@dataclass(frozen=True)
class Conflict:
    """Two people wrote the same field. `version` is that of the stored value: the base with which “mine” replaces it."""

    name: str
    yours: str
    theirs: str
    by: int | None
    at: str
    version: int


@dataclass(frozen=True)
class SaveOutcome:
    """`version` of the section afterwards; `saved` {name: what is stored}; `errors` {name: why it could not be read},
    `readings` {name: [(as typed, as shown)]} of those that are two numbers.

    `answers` are the section's stored cells, so that a page can show what colleagues changed meanwhile; `report` is the
    report as it stands after the save, `definition` its form, `sections` its stored sections, `now` the instant at which
    the verb ran.
    """

    report: Report
    definition: FormDefinition
    now: datetime
    version: int
    sections: list[DraftSection]
    saved: dict[str, str] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    readings: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    answers: dict[str, dict] = field(default_factory=dict)
    at: datetime | None = None


def require_draft(report: Report, by: Person, at: datetime) -> Membership:
    """The membership with which `by` changes the draft at `at`; Forbidden or Refused says why not."""
    membership = require(unit_membership(by, report, at), _("Only the unit’s own experts and head change its report."))
    if refusal := refusal_of(report, at):
        raise refusal
    return membership


def refusal_of(report: Report, at: datetime) -> Refused | None:
    """Why the draft takes no changes at `at`, whoever asks: what happened and what to do next. None where it does."""
    if is_writable(report, at):
        waiting = is_returned(report) and report.sign_offs.filter(decided_at__isnull=True).exists()
        return Refused(_waits(), code="awaiting-sign-off") if waiting else None
    if report.call.state == CallState.CANCELLED or report.status == ReportStatus.CANCELLED:
        return Refused(_("The call was cancelled; its reports can only be read."), code="cancelled")
    if report.status == ReportStatus.EXCUSED:
        return Refused(_("The unit was excused from this call; nothing is to be filled in."), code="excused")
    if report.status == ReportStatus.AWAITING_SIGN_OFF:
        return Refused(_waits(), code="awaiting-sign-off")
    if is_returned(report):
        return Refused(
            _("The time for correcting has passed; the last revision stands and its review goes on."), code="closed"
        )
    if report.call.opens_at > at:
        return Refused(_("The call has not opened yet. Filling in begins when it opens."), code="not-open")
    if report.status in (ReportStatus.NOT_STARTED, ReportStatus.DRAFT, ReportStatus.MISSED):
        return Refused(
            _("The call has closed and nothing more is stored. The head of your unit can ask for an extension."),
            code="closed",
        )
    if report.status == ReportStatus.SUBMITTED and is_open(report, at):
        return Refused(
            _("The report is submitted. To change it, the head recalls it first, as long as nobody reviews it."),
            code="submitted",
        )
    return Refused(_("The report is submitted and can no longer be changed here."), code="submitted")


def _waits() -> str:
    return _("The report waits for the head’s signature. To change it, take the request back first.")


@transaction.atomic
def save_section(
    *,
    report: Report,
    section: str,
    base_version: int,
    changes: Mapping[str, str],
    by: Person,
    bases: Mapping[str, int] | None = None,
) -> SaveOutcome:
    """Store what changed in one section; {name: as typed}. `bases` overrides `base_version` for single fields.

    Names that the section does not have are ignored: what a form does not ask is not stored. A value that cannot be
    read is refused with its sentence, the others are stored. Refused when the report takes no changes, Forbidden for
    anybody outside the unit.
    """
    report, at = lock_report(report)
    membership = require_draft(report, by, at)
    state = next_report_state(report, "draft")
    definition = asked_of(report)
    sections = begun_sections(report, definition, at=at, by=by)
    row = next((row for row in sections if row.section == section), None)
    if row is None:
        row = DraftSection(report=report, section=section, version=0, answers={}, saved_at=at, saved_by=by)
        sections.append(row)
    allowed = editable_names(report, definition)
    outcome = SaveOutcome(report, definition, at, row.version, sections, answers=row.answers, at=row.saved_at)
    wanted = cells_to_store(outcome, section, changes, allowed, base_version, bases or {})
    if not wanted:
        return outcome
    wanted |= lost_rows(definition, row.answers, wanted)
    return _store(row, report, state, wanted, outcome, at=at, by=by, membership=membership)


def cells_to_store(
    outcome: SaveOutcome, section: str, changes: Mapping[str, str], allowed: frozenset[str] | None, base_version: int,
    bases: Mapping[str, int],
) -> dict[str, str]:  # fmt: skip
    """Part of a verb: what of these changes is to be stored in the section. What cannot be goes into the outcome’s errors and
    conflicts."""
    cleaned = _clean(outcome, section, changes, allowed)
    _keep_locked(outcome, cleaned, outcome.now)
    wanted = {}
    for name, value in cleaned.items():
        cell = outcome.answers.get(name) or {"v": "", "n": 0, "by": None, "at": ""}
        if cell["v"] == value:
            continue
        if cell["n"] > bases.get(name, base_version):
            outcome.conflicts.append(Conflict(name, value, cell["v"], cell["by"], cell["at"], cell["n"]))
        else:
            wanted[name] = value
    return wanted


def lost_rows(definition: FormDefinition, answers: Mapping[str, dict], wanted: Iterable[str]) -> dict[str, str]:
    """Rows that a colleague took out and that somebody, who saw them, wrote into: they are there again, where they stood, with all
    that was in them. Nothing that was typed is lost by what another one takes out."""
    found = {}
    for name in wanted:
        table = table_of_name(definition, name)
        for row in rows_around(row_of(name)) if table else ():
            cell = answers.get(row_name(table.key, row)) if table and table.is_open else None
            if table and cell and not cell["v"]:
                found[row_name(table.key, row)] = cell.get("was") or "0"
            table = definition.table(table.outer) if table and table.outer else None
    return found


def _store(row, report, state, wanted, outcome, *, at, by, membership) -> SaveOutcome:
    store_cells(
        row, report, state, wanted, definition=outcome.definition, sections=outcome.sections, at=at, by=by, membership=membership
    )  # fmt: skip
    return replace(outcome, version=row.version, saved=wanted, answers=row.answers, at=at)


def store_cells(
    row: DraftSection, report: Report, state: str, wanted: Mapping[str, str], *, definition: FormDefinition,
    sections: list[DraftSection], at: datetime, by: Person, membership: Membership,
) -> None:  # fmt: skip
    """Part of a verb: write cells into a section, with what the form keeps beside them, and record it."""
    write_cells(row, report, wanted, definition=definition, sections=sections, at=at, by=by)
    touch(report, state, at)
    record(
        ReportVerb.DRAFT, noun="report", key=report.tracking_code, at=at, by=by, membership=membership,
        path=report.unit_path, unit_id=report.unit_id, call_id=report.call_id,
        data={"section": row.section, "version": row.version, "fields": sorted(wanted)},
    )  # fmt: skip


def write_cells(
    row: DraftSection, report: Report, wanted: Mapping[str, str], *, definition: FormDefinition,
    sections: list[DraftSection], at: datetime, by: Person,
) -> None:  # fmt: skip
    """Part of a verb: the cells of a section as their next version. A row that is taken out keeps where it stood (`was`)."""
    row.version += 1
    stamp = {"n": row.version, "by": by.pk, "at": at.isoformat()}
    cells = {name: {"v": value, **stamp} for name, value in wanted.items()}
    for name, cell in cells.items():
        if name.startswith(ROW) and not cell["v"]:
            cell["was"] = row.answers.get(name, {}).get("v", "")
    row.answers = {**row.answers, **cells}
    row.saved_at, row.saved_by = at, by
    row.save()
    _settle(report, definition, sections, wanted, at=at, by=by)


def _settle(
    report: Report,
    definition: FormDefinition,
    sections: list[DraftSection],
    wanted: Mapping[str, str],
    *,
    at,
    by: Person,
) -> None:
    """What the form keeps of its own beside answers: first values of `once()`, and what a trigger calculates. Nobody's word."""
    engine = engine_of(report)
    settled = engine.settled(without_lost_rows(definition, flatten(sections)), wanted, at=at)
    for name, value in settled.items():
        section = engine.definition.own_question(name).section
        row = next((row for row in sections if row.section == section), None)
        if row is None:
            row = DraftSection(report=report, section=section, version=0, answers={}, saved_at=at, saved_by=by)
            sections.append(row)
        row.answers = {**row.answers, name: {"v": value, "n": row.version, "by": None, "at": at.isoformat()}}
        row.save()


def begun_sections(report: Report, definition: FormDefinition, *, at: datetime, by: Person) -> list[DraftSection]:
    """Part of a verb: the stored sections. A draft that begins takes the form's defaults with it."""
    if report.started_at is None:
        _begin(report, definition, at=at, by=by)
    return list(report.draft_sections.all())


def section_row(report: Report, definition: FormDefinition, section: str, *, at: datetime, by: Person) -> DraftSection:
    """Part of a verb: the stored row of a section, or a new one."""
    row = next((row for row in begun_sections(report, definition, at=at, by=by) if row.section == section), None)
    return row or DraftSection(report=report, section=section, version=0, answers={}, saved_at=at, saved_by=by)


def _begin(report: Report, definition: FormDefinition, *, at: datetime, by: Person) -> None:
    """Version 0: a default is nobody's word, so changing it is no conflict."""
    by_section: dict[str, dict] = {}
    for name, value in engine_of(report).defaults(at=at).items():
        question = definition.question(name)
        if question:
            by_section.setdefault(question.section, {})[name] = {"v": value, "n": 0, "by": None, "at": at.isoformat()}
    rows = [
        DraftSection(report=report, section=section, version=0, answers=cells, saved_at=at, saved_by=by)
        for section, cells in by_section.items()
    ]
    DraftSection.objects.bulk_create(rows, ignore_conflicts=True)  # a first save that stored nothing left them behind


def touch(report: Report, state: str, at: datetime) -> None:
    """Part of a verb: the report is being filled in."""
    report.state, report.last_saved_at = state, at
    report.status = state  # the annotation, which the save has moved on
    report.started_at = report.started_at or at
    report.save(update_fields=["state", "last_saved_at", "started_at"])


def _clean(
    outcome: SaveOutcome, section: str, changes: Mapping[str, str], allowed: frozenset[str] | None
) -> dict[str, str]:
    """What the section asks for, as stored; what could not be read goes into the outcome's errors."""
    definition, errors = outcome.definition, outcome.errors
    cleaned: dict[str, str] = {}
    for name, raw in changes.items():
        if not _belongs(definition, section, name) or not _was_there(outcome, name):
            continue
        if allowed is not None and name not in allowed:
            errors[name] = _("Only what the remarks name can be corrected now; this stays as it was submitted.")
            continue
        question = definition.question(name)
        try:
            cleaned[name] = clean_answer(question, raw) if question else clean_reason(raw)
        except Refused as refusal:
            errors[name] = str(refusal)
            if isinstance(refusal, TwoReadings):
                outcome.readings[name] = refusal.offered
    return cleaned


def _keep_locked(outcome: SaveOutcome, cleaned: dict[str, str], at: datetime) -> None:
    """Takes out what the form itself locks (`read_only`), as it stands after this very save, and says so."""
    definition = outcome.definition
    questions = [question for name in cleaned if (question := definition.question(name))]
    asked = {question.name for question in questions if question.read_only}
    if not asked:
        return
    stored = flatten(outcome.sections)
    engine = engine_of(outcome.report)
    after = {**stored, **{name: value for name, value in cleaned.items() if definition.question(name)}}
    locked = engine.evaluate(after, at=at).read_only
    for name in sorted(asked):
        if locked.get(name) and cleaned[name] != stored.get(name, ""):
            del cleaned[name]
            outcome.errors[name] = _("The form does not let this be changed now; what was stored stays.")


def _was_there(outcome: SaveOutcome, name: str) -> bool:
    """Of a row that people add, whether it was ever added; all else is there."""
    table = table_of_name(outcome.definition, name)
    for row in rows_around(row_of(name)) if table else ():
        if table and table.is_open and row_name(table.key, row) not in outcome.answers:
            return False
        table = outcome.definition.table(table.outer) if table and table.outer else None
    return True


def _belongs(definition: FormDefinition, section: str, name: str) -> bool:
    for prefix in (COMMENT, NOT_APPLICABLE):
        if name.startswith(prefix):
            indicator = definition.indicator(name.removeprefix(prefix))
            return bool(indicator and indicator.section == section and not indicator.source)
    question = definition.question(name)
    if question is None or bool(question.table) != bool(row_of(name)):
        return False
    return question.section == section and question.is_written

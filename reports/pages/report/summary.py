"""A whole report to read: every section with what was written, and what changed since an earlier reading. Reads only."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from sajad_portal.lib.language import current_language

from ...enums import ReportStatus
from ...models import Evidence, Report, Revision
from ...queries.doubts import doubts_kept, figures_elsewhere, with_what_came_since
from ...queries.drafts import COMMENT, NOT_APPLICABLE, Assessment, assess, from_flat
from ...queries.table_rows import table_of_name
from ...scoring.claims import ClaimedScore
from ...xlsform import NO_SECTION, FormDefinition, FormEngine, Indicator, Question, display_answer, with_answers
from ...xlsform.indicator import ALONE
from ...xlsform.tables import row_of
from ..entry.section import Card, Field
from ..entry.sheet import EntrySheet
from ..entry.shown import Stored
from .tables import ReadTable, RowChange, file_changes_in_rows, files_in, head_of, row_changes, tables_read


@dataclass(frozen=True)
class Part:
    """One section to read: its indicators, and the answers that belong to none."""

    section: str
    label: str
    cards: list[Card]
    answers: list["ReadAnswer"]
    tables: list[ReadTable]
    files: int
    lacking: int
    notes: int
    left_out: int

    @property
    def anchor(self) -> str:
        return f"part-{self.section or NO_SECTION}"


@dataclass(frozen=True)
class ReadAnswer:
    """A question that belongs to no indicator, to read. `said` is "" where `files` say it, or nothing does."""

    label: str
    said: str
    files: list[Stored]


@dataclass(frozen=True)
class AnswerChange:
    """One line of what changed. `old` and `new` are as a reader sees them; "" is nothing."""

    section: str
    label: str
    old: str
    new: str


def parts_of(
    assessment: Assessment,
    remarks: Mapping[str, str] | None = None,
    claimed: ClaimedScore | None = None,
    change: Callable[[Card], str] | None = None,
) -> list[Part]:
    """The report section by section; what does not apply is left out. `claimed`: what it would earn, where that is said;
    `change`: where its reader changes a line."""
    language = current_language()
    found = []
    for section in assessment.definition.sections:
        if not assessment.evaluation.relevant_sections.get(section.name, True):
            continue
        pages = [page for page in assessment.definition.pages if page.section == section.name]
        sheet = EntrySheet(assessment, pages, remarks=remarks or {}, writable=False, claimed=claimed)
        cards = [replace(card, change_url=change(card) if change else "") for card in sheet.cards if card.relevant]
        loose = [f for f in sheet.loose if f.relevant]
        tables = tables_read(assessment.definition, assessment.evaluation, section.name, assessment.draft.files_of)
        lacking = sum(1 for problem in assessment.problems if problem.section == section.name)
        found.append(
            Part(
                section=section.name,
                label=section.label_in(language),
                cards=cards,
                answers=[ReadAnswer(f.label, _said(assessment, f), f.files) for f in loose if f.control != "note"],
                tables=tables,
                files=sum(len(card.files) for card in cards) + sum(len(f.files) for f in loose) + files_in(tables),
                lacking=lacking,
                notes=sum(1 for card in cards if card.comment.value and card.status != "na"),
                left_out=sum(1 for card in cards if card.status == "na"),
            )
        )
    return found


def _said(assessment: Assessment, field: Field) -> str:
    if field.control == "file" or not assessment.evaluation.values.get(field.name):
        return ""
    return assessment.evaluation.shown(field.name, current_language())


def assess_revision(report: Report, revision: Revision, at: datetime) -> Assessment:
    """What was submitted, read as the draft is. The files are those that the revision names; nothing of it is left to do. What
    another call says otherwise is told until the result is final: afterwards nothing follows from it."""
    named = [item["id"] for item in revision.evidence]
    files = list(Evidence.objects.filter(report=report, pk__in=named).select_related("uploaded_by"))
    found = assess(report, from_flat(revision.answers, files), at, elsewhere={})
    kept = doubts_kept(revision)
    doubts = found.doubts if kept is None else kept
    if report.status != ReportStatus.FINAL:
        doubts = with_what_came_since(doubts, found.definition, revision, figures_elsewhere(report))
    return replace(found, problems=[], doubts=doubts)


# ------------------------------------------------------------------------------------------------- what changed
Read = tuple[Mapping[str, str], datetime]  # answers, and the instant at which they are read


def changes_between(definition: FormDefinition, before: Read, after: Read, engine: FormEngine) -> list[AnswerChange]:
    """Answers, comments and reasons that differ, in the order of the form. `engine`: the form as the unit is asked it."""
    return [change for _code, change in _changes(definition, before, after, engine)]


def _changes(
    definition: FormDefinition, before: Read, after: Read, engine: FormEngine
) -> Iterator[tuple[str, AnswerChange]]:
    """(what it is reviewed as, the change). Of choices that an author gave one name the same answer can say something else,
    because another answer moved what is offered."""
    language = current_language()
    for name in _names(definition):
        question, (old, new) = definition.question(name), (read[0].get(name, "") for read in (before, after))
        code = (question.indicator or ALONE + name) if question else name.partition(":")[2]
        if question is None:
            if old == new:
                continue
            was, now = old, new
        elif old == new and (not old or not question.repeats_names):
            continue
        else:
            was, now = (
                display_answer(question, value, language, engine.offered(name, answers, at=at)) if value else ""
                for value, (answers, at) in ((old, before), (new, after))
            )
        if was != now or old != new:
            yield code, _change(definition, name, was, now, after[0])
    for change in row_changes(definition, before[0], after[0]):
        yield change.code, _of_row(definition, change)


def _of_row(definition: FormDefinition, change: RowChange) -> AnswerChange:
    section = next((s.label_in(current_language()) for s in definition.sections if s.name == change.table.section), "")
    return AnswerChange(section, change.label, change.old, change.new)


def changes_by_indicator(
    definition: FormDefinition, before: Revision, after: Revision, engine: FormEngine
) -> dict[str, list[AnswerChange]]:
    """What differs between two submissions, files included, under what it is reviewed as: the indicator that it belongs to, or
    the question itself."""
    found: dict[str, list[AnswerChange]] = {}
    was, now = (before.answers, before.submitted_at), (after.answers, after.submitted_at)
    for code, change in _changes(definition, was, now, engine):
        found.setdefault(code, []).append(change)
    language = current_language()
    for indicator in (*definition.indicators, *(each for each in definition.judged if each.is_alone)):
        had, has = _files(before, indicator), _files(after, indicator)
        section = next((s.label_in(language) for s in definition.sections if s.name == indicator.section), "")
        label = f"{indicator.label_in(language)}: {_('evidence')}"
        moved = [(had[pk], "") for pk in had if pk not in has] + [("", has[pk]) for pk in has if pk not in had]
        for gone, came in moved if not indicator.is_rows else ():
            found.setdefault(indicator.code, []).append(AnswerChange(section, label, gone, came))
    for of_row in file_changes_in_rows(definition, before, after):
        found.setdefault(of_row.code, []).append(_of_row(definition, of_row))
    return found


def _files(revision: Revision, indicator: Indicator) -> dict[int, str]:
    return {entry["id"]: entry["name"] for entry in revision.evidence if indicator.has_file(entry["indicator"])}


def _names(definition: FormDefinition) -> Iterable[str]:
    seen: set[str] = set()
    for question in definition.questions:
        if question.is_written and not question.table:
            yield question.name
        if question.indicator and question.indicator not in seen:
            seen.add(question.indicator)
            yield COMMENT + question.indicator
            yield NOT_APPLICABLE + question.indicator


def _change(definition: FormDefinition, name: str, old: str, new: str, answers: Mapping[str, str]) -> AnswerChange:
    """`old` and `new` as a reader sees them; `answers`: what the form's words name, as they are now."""
    language = current_language()
    question = definition.question(name)
    code = question.indicator if question else name.partition(":")[2]
    indicator = definition.indicator(code) if code else None
    section_name = question.section if question else indicator.section if indicator else ""
    section = next((s.label_in(language) for s in definition.sections if s.name == section_name), "")
    if question:
        label = with_answers(question.label_in(language), definition, answers, language)
        if indicator and len(indicator.inputs) > 1:
            label = f"{indicator.label_in(language)}: {label}"
        return AnswerChange(section, label, old, new)
    about = indicator.label_in(language) if indicator else code
    word = _("why it differs") if name.startswith(COMMENT) else _("does not apply, because")
    return AnswerChange(section, f"{about}: {word}", old, new)


def _about_file(definition: FormDefinition, thing: Indicator | Question, key: str) -> str:
    """What a file belongs to; in a table with the table's name, as a file's row may be gone."""
    language, table = current_language(), table_of_name(definition, key.partition(":")[2])
    if isinstance(thing, Question) and table and row_of(thing.name):
        return f"{table.label_in(language)} · {head_of(thing, language)}"
    return thing.label_in(language)


def file_changes(report: Report, definition: FormDefinition, since: datetime) -> list[AnswerChange]:
    """Files that came or went since an instant, as lines of what changed."""
    language, found = current_language(), []
    moved = report.evidence.filter(Q(uploaded_at__gt=since) | Q(removed_at__gt=since)).order_by("indicator", "pk")
    for item in moved:
        came, gone = item.uploaded_at > since, item.removed_at is not None
        if came and gone:
            continue
        indicator = definition.indicator(item.indicator)
        question = definition.question(item.indicator.partition(":")[2]) if ":" in item.indicator else None
        thing = indicator or question
        section = next((s.label_in(language) for s in definition.sections if thing and s.name == thing.section), "")
        about = _about_file(definition, thing, item.indicator) if thing else item.indicator
        label = f"{about}: {_('evidence')}"
        found.append(AnswerChange(section, label, "" if came else item.name, item.name if came else ""))
    return found

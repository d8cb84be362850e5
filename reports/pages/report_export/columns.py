"""Which columns the export of reports has, and the codebook that explains them. Pure: form definitions in, columns out.

`wide`: one form, a column a question and some for each indicator. `long`: forms that differ side by side, so the answers
and the indicators of a report are a JSON object in one column each.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from sajad_portal.lib.streams import FileColumn

from ...enums import FactState, QuestionState, ReportStatus, Timeliness
from ...xlsform.answer_kinds import FILE, MOMENT
from ...xlsform.definition import FormDefinition, Indicator, Question
from ...xlsform.question_types import question_type
from ...xlsform.tables import FormTable


@dataclass(frozen=True)
class CodebookEntry:
    """One line of the codebook."""

    column: FileColumn
    label: dict[str, str]
    kind: str
    unit: str = ""
    choices: str = ""
    indicator: Indicator | None = None
    role: str = ""
    note: Promise | str = ""
    values: dict[str, dict[str, str]] = field(default_factory=dict)  # what a code means, in each language
    several: bool = False  # codes with a space between them


@dataclass(frozen=True)
class Fixed:
    """What stands in front of every report, whatever its form."""

    name: str
    label: Promise
    kind: str = "text"
    choices: type[TextChoices] | None = None
    note: Promise | str = ""


TEHRAN_ISO = MOMENT.note
JALALI = _("The same instant by the Jalali calendar, in Tehran")
FIXED = (
    Fixed("unit_code", _("Unit’s code")),
    Fixed("unit_name", _("Unit"), note=_("As it was called when the call was published")),
    Fixed("unit_kind", _("Kind of unit")),
    Fixed("call", _("Call’s number"), "integer"),
    Fixed("call_title", _("Call")),
    Fixed("service", _("Service")),
    Fixed("period", _("Period"), note=_("Jalali year and part of it; sorts as text")),
    Fixed("form", _("Form")),
    Fixed("form_version", _("Version of the form"), "integer"),
    Fixed("tracking_code", _("Tracking code")),
    Fixed("status", _("Status"), "select_one", ReportStatus),
    Fixed("standing", _("Against the deadline"), "select_one", Timeliness, _("How the first submission came; of an announced result, too. Empty while it can still come")),
    Fixed("revision", _("Revision that counts"), "integer", note=_("The answers are those of this submitted revision; drafts are in no file")),
    Fixed("submitted_at", _("Submitted"), "datetime", note=TEHRAN_ISO),
    Fixed("submitted_at_jalali", _("Submitted (Jalali)"), "datetime", note=JALALI),
    Fixed("receipt", _("Receipt number")),
    Fixed("revision_sha256", _("Fingerprint of the revision"), note=_("SHA-256, as on the receipt")),
    Fixed("deadline", _("Deadline"), "datetime", note=TEHRAN_ISO),
    Fixed("announced_at", _("Result announced"), "datetime", note=TEHRAN_ISO),
    Fixed("announced_at_jalali", _("Result announced (Jalali)"), "datetime", note=JALALI),
    Fixed("final_at", _("Result final"), "datetime", note=_("ISO 8601, in Tehran; empty until its finality is recorded")),
    Fixed("result_version", _("Version of the result"), "integer"),
    Fixed("total", _("Total score"), "decimal", note=_("Of 100; empty until a result is announced, and where nothing could be scored")),
    Fixed("missed", _("Result of a missed report"), "integer", note=_("1: no report came, the result is 0")),
)  # fmt: skip

# (suffix, label, holds numbers, type, note) of the columns of an indicator.
OF_INDICATOR = (
    ("claimed", _("claimed value"), True, "decimal", _("Worked out from the unit’s own figures, at most ten places")),
    ("verified", _("verified value"), True, "decimal", _("Of the announced result that stands; empty before")),
    ("points", _("points"), True, "decimal", _("Of the announced result that stands; empty before")),
    ("weight", _("weight in this result"), True, "decimal", _("With what it took over from indicators that do not apply")),
    ("state", _("what became of it"), False, "select_one", ""),
    ("not_applicable", _("does not apply, because"), False, "text", _("The unit’s own words")),
    ("comment", _("why it differs"), False, "text", _("The unit’s own words")),
    ("evidence", _("evidence"), False, "file", FILE.note),
)  # fmt: skip


# The same of a question that is reviewed by itself, in a form that has no indicators.
OF_QUESTION = (
    ("state", _("what became of it"), _("Of the announced result that stands; empty before")),
    ("remark", _("remark of the reviewers"), _("Of the announced result that stands; empty before")),
)


def is_asked(question: Question) -> bool:
    """Whether an answer of it can be stored: what is read or calculated, outside of repeats, which have no instance."""
    return question.kind.has_answer and not question.repeat


@dataclass(frozen=True)
class Layout:
    """The columns of one sheet, in order: fixed ones, then `questions` and `indicators` or `judged`, or the two JSON columns."""

    entries: tuple[CodebookEntry, ...]
    questions: tuple[Question, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    judged: tuple[Indicator, ...] = ()  # of a form without indicators: its questions, as reviewers judge them
    definition: FormDefinition | None = None  # whose tables stand in the last columns

    @property
    def without_tables(self) -> "Layout":
        """The same for a file that has a sheet a table."""
        count = len(self.definition.tables) if self.definition else 0
        return replace(self, entries=self.entries[: len(self.entries) - count], definition=None)

    @property
    def columns(self) -> list[FileColumn]:
        return [entry.column for entry in self.entries]


def wide(definition: FormDefinition) -> Layout:
    questions = tuple(question for question in definition.questions if is_asked(question))
    entries = _fixed()
    taken = {entry.column.name for entry in entries}
    taken |= {f"{i.code}.{suffix}" for i in definition.indicators for suffix, *_rest in OF_INDICATOR}
    answers = [question_entry(definition, question, taken) for question in questions]
    measures = [entry for indicator in definition.indicators for entry in _indicator_entries(indicator)]
    judged = () if definition.indicators else definition.judged
    verdicts = [entry for question in judged for entry in _verdict_entries(question)]
    tables = [_table_entry(table) for table in definition.tables]
    every = (*entries, *answers, *measures, *verdicts, *tables)
    return Layout(every, questions, definition.indicators, judged, definition)


def long() -> Layout:
    answers = CodebookEntry(
        FileColumn("answers"), _both(_("Answers")), "json",
        note=_("A JSON object: question → answer. The sheets and lines below explain the questions of each form"),
    )  # fmt: skip
    indicators = CodebookEntry(
        FileColumn("indicators"), _both(_("Indicators")), "json",
        note=_("A JSON object: indicator → its columns as in the export of one call"),
    )  # fmt: skip
    return Layout((*_fixed(), answers, indicators))


def _fixed() -> list[CodebookEntry]:
    return [fixed_entry(item) for item in FIXED]


def fixed_entry(item: Fixed) -> CodebookEntry:
    return CodebookEntry(
        FileColumn(item.name, question_type(item.kind).kind.numeric), _both(item.label), item.kind,
        choices=_named(item.choices.choices) if item.choices else "", note=item.note,
        values=_meant(item.choices.choices) if item.choices else {},
    )  # fmt: skip


def _table_entry(table: FormTable) -> CodebookEntry:
    """The column of a table: its rows as JSON. In the workbook it has a sheet of its own, and a line an answer in the long form."""
    return CodebookEntry(
        FileColumn(table.key), {code: table.label_in(code) for code in ("fa", "en")}, "json",
        note=_("A JSON array: a row an object, question → answer, with the row’s key and number"),
    )  # fmt: skip


def question_entry(definition: FormDefinition, question: Question, taken: set[str]) -> CodebookEntry:
    """Named as in the form; a question called like another column is `answer.<name>`."""
    name = f"answer.{question.name}" if question.name in taken else question.name
    indicator = definition.indicator(question.indicator) if question.indicator else None
    return CodebookEntry(
        FileColumn(name, question.kind.numeric), {code: question.label_in(code) for code in ("fa", "en")}, question.type,
        unit=indicator.unit if indicator and question.name == indicator.value_question else "",
        choices="\n".join(f"{c.name} = {c.label_in('fa')} / {c.label_in('en')}" for c in question.choices),
        indicator=indicator, role=question.role, note=question.kind.note,
        values={c.name: {code: c.label_in(code) for code in ("fa", "en")} for c in question.choices},
        several=question.type in ("select_multiple", "rank"),
    )  # fmt: skip


def _indicator_entries(indicator: Indicator) -> list[CodebookEntry]:
    labels = {code: indicator.label_in(code) for code in ("fa", "en")}
    found = []
    for suffix, words, number, kind, note in OF_INDICATOR:
        said = _both(words)
        found.append(
            CodebookEntry(
                FileColumn(f"{indicator.code}.{suffix}", number), {code: f"{labels[code]}: {said[code]}" for code in labels}, kind,
                unit=indicator.unit if suffix in ("claimed", "verified") else "",
                choices=_named(FactState.choices) if suffix == "state" else "", indicator=indicator, note=note,
                values=_meant(FactState.choices) if suffix == "state" else {},
            )
        )  # fmt: skip
    return found


def _verdict_entries(judged: Indicator) -> list[CodebookEntry]:
    labels = {code: judged.label_in(code) for code in ("fa", "en")}
    found = []
    for suffix, words, note in OF_QUESTION:
        said = _both(words)
        told = {code: f"{labels[code]}: {said[code]}" for code in labels}
        states = _named(QuestionState.choices) if suffix == "state" else ""
        kind = "select_one" if states else "text"
        meant = _meant(QuestionState.choices) if states else {}
        column = FileColumn(f"{judged.code}.{suffix}")
        found.append(CodebookEntry(column, told, kind, choices=states, note=note, values=meant))
    return found


def _both(words: Promise | str) -> dict[str, str]:
    found = {}
    for code in ("fa", "en"):
        with override(code):
            found[code] = str(words)
    return found


def _meant(choices: Iterable[tuple[str, Promise | str]]) -> dict[str, dict[str, str]]:
    return {value: _both(label) for value, label in choices}


def _named(choices: Iterable[tuple[str, Promise | str]]) -> str:
    lines = ((value, _both(label)) for value, label in choices)
    return "\n".join(f"{value} = {label['fa']} / {label['en']}" for value, label in lines)


# ---------------------------------------------------------------------------------------------------------- codebook
CODEBOOK = (
    ("sheet", False), ("column", False), ("label_fa", False), ("label_en", False), ("type", False), ("unit", False),
    ("choices", False), ("indicator", False), ("role", False), ("weight", True), ("standard", True), ("direction", False),
    ("aggregate", False), ("note", False),
)  # fmt: skip
CODEBOOK_COLUMNS = [FileColumn(name, number) for name, number in CODEBOOK]


@dataclass(frozen=True)
class CodebookChapter:
    """A sheet, or a form, with its columns, as the codebook lists them."""

    title: str
    layout: Layout


def codebook(chapters: Iterable[CodebookChapter]) -> Iterable[list[str]]:
    """A row a column, as CODEBOOK; what an indicator weighs and what is expected of it stands in each of its rows."""
    for chapter in chapters:
        for entry in chapter.layout.entries:
            measure = entry.indicator
            yield [
                chapter.title, entry.column.name, entry.label["fa"], entry.label["en"], entry.kind, entry.unit, entry.choices,
                measure.code if measure else "", entry.role, measure.weight if measure else "",
                measure.standard if measure else "", measure.direction if measure else "",
                measure.aggregate if measure else "", str(entry.note),
            ]  # fmt: skip

"""What a workbook that came back would change: answer by answer, with what colleagues changed since it was taken. Reads only."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.language import current_language
from units.models import Person

from ...actions.workbooks import Brought, BroughtRow
from ...files.report_workbook import FilledCell, FilledRow, FilledWorkbook, Identity, form_mark
from ...files.workbook_cells import cell_of
from ...models import DraftSection, Report
from ...queries import asked_of
from ...queries.drafts import COMMENT, NOT_APPLICABLE, Assessment, assess, collect, editable_names, from_flat
from ...queries.table_rows import is_there, row_label
from ...xlsform import Question, display_answer, with_answers
from ...xlsform.tables import outer_row, place_name, row_of, seen_from
from ...xlsform.workbook import workbook_refused
from .write import period_told


@dataclass(frozen=True)
class Changed:
    """An answer that would change. `clash`: a colleague changed it since; `note`: what the form says of it, which refuses nothing."""

    name: str
    sheet: str
    cell: str
    label: str
    now: str
    new: str
    note: str = ""
    clash: bool = False
    was: str = ""
    who: str = ""
    when: datetime | None = None
    version: int = 0


@dataclass(frozen=True)
class Trouble:
    sheet: str
    cell: str
    label: str
    message: str
    say: str


@dataclass(frozen=True)
class NewRow:
    sheet: str
    number: int
    label: str
    cells: list[tuple[str, str]]


@dataclass(frozen=True)
class GoneRow:
    name: str
    label: str
    changed: bool  # a colleague wrote in it since


@dataclass
class WorkbookDifference:
    filled: FilledWorkbook
    changes: list[Changed] = field(default_factory=list)
    clashes: list[Changed] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    rows: list[NewRow] = field(default_factory=list)
    gone: list[GoneRow] = field(default_factory=list)
    same: int = 0  # changed in the file to what the draft holds by now
    sha256: str = ""
    file_name: str = ""

    @property
    def unchanged(self) -> int:
        return self.filled.unchanged + self.same

    @property
    def changes_anything(self) -> bool:
        return bool(self.changes or self.clashes or self.rows or self.gone)

    @property
    def packed(self) -> str:
        """What the page sends back, to be stored or looked at again."""
        filled = self.filled
        body = {
            "versions": filled.versions, "cells": [asdict(cell) for cell in filled.cells.values()],
            "rows": [{**asdict(row), "cells": {n: asdict(c) for n, c in row.cells.items()}} for row in filled.rows],
            "gone": filled.gone, "missing": filled.missing, "unchanged": filled.unchanged, "unknown": filled.unknown,
            "sha256": self.sha256, "file_name": self.file_name,
        }  # fmt: skip
        return json.dumps(body, ensure_ascii=False)


def unpacked_preview(text: str) -> tuple[FilledWorkbook, str, str]:
    """(workbook, SHA-256, name of the file) of a page's own words. Raises Refused where they are broken."""
    try:
        body = json.loads(text)
        filled = FilledWorkbook(
            Identity("", "", "", "", "", "", "", ""), {str(k): int(v) for k, v in body["versions"].items()},
            cells={each["name"]: _cell(each) for each in body["cells"]},
            rows=[
                FilledRow(
                    str(row["table"]), str(row["around"]), str(row["sheet"]), int(row["number"]),
                    {name: _cell(cell) for name, cell in row["cells"].items()},
                )
                for row in body["rows"]
            ],
            gone=[str(name) for name in body["gone"]], missing=int(body["missing"]), unchanged=int(body["unchanged"]),
            unknown=[str(name) for name in body["unknown"]],
        )  # fmt: skip
        return filled, str(body["sha256"])[:64], str(body["file_name"])[:200]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused(_("The preview is broken. Choose the file again."), code="bad-preview", status=400) from error


def _cell(given: Mapping[str, str]) -> FilledCell:
    return FilledCell(**{name: str(given[name]) for name in FilledCell.__dataclass_fields__})


def require_own(report: Report, identity: Identity) -> None:
    """Refuses by name what is another unit’s, another period’s or an older form’s. Raises WorkbookRefused."""
    own = {"unit": f"{report.unit_name} ({report.unit.code})", "period": period_told(report), "call": report.call.title}
    if identity.report != report.tracking_code:
        facts = {"unit": identity.unit, "period": identity.period, "call": identity.call}
        told = {**{f"own_{name}": text for name, text in own.items()}, **facts}
        if identity.unit != own["unit"]:
            raise workbook_refused(
                _(
                    "This is the workbook of “%(unit)s”, and this report is of “%(own_unit)s”. Take the workbook from this page and fill that one in."
                )
                % told
            )
        if identity.period != own["period"]:
            raise workbook_refused(
                _(
                    "This is the workbook of the period “%(period)s”, and this report is of “%(own_period)s”. Take the workbook from this page and fill that one in."
                )
                % told
            )
        raise workbook_refused(
            _(
                "This is the workbook of another call, “%(call)s”, and this report is of “%(own_call)s”. Take the workbook from this page and fill that one in."
            )
            % told
        )
    if identity.form != form_mark(asked_of(report), report.call.form_version.definition_sha256):
        raise workbook_refused(
            _(
                "This workbook was made from an older version of the form “%(form)s”. Take the workbook from this page again and copy your answers into it."
            )
            % {"form": identity.form_title}
        )


def difference_of(
    report: Report, filled: FilledWorkbook, at: datetime, *, sha256: str, file_name: str
) -> WorkbookDifference:
    """What storing it would do to the draft as it stands."""
    return _Comparing(report, filled, at, WorkbookDifference(filled, sha256=sha256, file_name=file_name)).found


class _Comparing:
    def __init__(self, report: Report, filled: FilledWorkbook, at: datetime, found: WorkbookDifference) -> None:
        self.found, self._filled = found, filled
        self._definition = asked_of(report)
        self._language = current_language()
        sections = list(report.draft_sections.all())
        draft = collect(report, sections, at=at, definition=self._definition)
        self._flat = draft.flat()
        self._stored = {name: cell for row in sections for name, cell in row.answers.items()}
        self._editable = editable_names(report, self._definition)
        names = {cell["by"] for name in filled.cells if (cell := self._stored.get(name)) and cell["by"]}
        self._people = Person.objects.in_bulk(names)
        after = {**self._flat, **{name: cell.value for name, cell in filled.cells.items() if not cell.trouble}}
        self._after: Assessment = assess(report, from_flat(after, draft.evidence), at, definition=self._definition)
        for cell in filled.cells.values():
            self._one(cell)
        self._rows(sections)
        if filled.unknown:
            self.found.troubles += [
                Trouble(*place.rpartition("!")[::2], "", _("What stands here belongs to no question of the form: its hidden cell was changed. Take the workbook again, or empty this cell."), "")
                for place in filled.unknown
            ]  # fmt: skip

    # ---------------------------------------------------------------------------------------------------- an answer
    def _one(self, cell: FilledCell) -> None:
        question = self._question(cell.name)
        label = self._label(cell.name)
        now = self._flat.get(cell.name, "")
        if row_of(cell.name) and not self._is_there(cell.name):
            said = _("A colleague took this row out meanwhile. Write it as a new row below the table, or empty it.")
            self.found.troubles.append(Trouble(cell.sheet, cell.cell, label, said, ""))
            return
        if trouble := self._trouble(cell, question):
            self.found.troubles.append(Trouble(cell.sheet, cell.cell, label, *trouble))
            return
        if cell.value == now:
            self.found.same += 1
            return
        stored = self._stored.get(cell.name) or {"v": "", "n": 0, "by": None, "at": ""}
        clash = stored["n"] > self._filled.versions.get(self._section(cell.name, question), 0)
        line = Changed(
            cell.name, cell.sheet, cell.cell, label, self._shown(question, now), self._shown(question, cell.value),
            note=self._after.evaluation.errors.get(cell.name, ""),
        )  # fmt: skip
        if not clash:
            self.found.changes.append(line)
            return
        person = self._people.get(stored["by"]) if stored["by"] else None
        self.found.clashes.append(
            replace(
                line, clash=True, version=stored["n"], who=person.get_full_name() if person else _("A colleague"),
                was=self._shown(question, cell.was), when=datetime.fromisoformat(stored["at"]) if stored["at"] else None,
            )
        )  # fmt: skip

    def _trouble(self, cell: FilledCell, question: Question | None) -> tuple[str, str] | None:
        """Why it cannot be stored, and what to type instead."""
        was = str(cell_of(question, cell.was, self._language))
        if cell.trouble:
            return cell.trouble, cell.say
        if self._editable is not None and cell.name not in self._editable:
            return _("Only what the remarks name can be corrected now; this stays as it was submitted."), was
        locked = question is not None and question.read_only and self._after.evaluation.read_only.get(cell.name)
        if locked and cell.value != self._flat.get(cell.name, ""):
            return _("The form does not let this be changed now; what was stored stays."), was
        return None

    def _question(self, name: str) -> Question | None:
        return None if name.startswith((COMMENT, NOT_APPLICABLE)) else self._definition.question(name)

    def _section(self, name: str, question: Question | None) -> str:
        if question is not None:
            return question.section
        indicator = self._definition.indicator(name.partition(":")[2])
        return indicator.section if indicator else ""

    def _shown(self, question: Question | None, value: str) -> str:
        return display_answer(question, value, self._language) if question else value or "—"

    def _label(self, name: str) -> str:
        definition, values = self._definition, self._after.evaluation.values
        for prefix, words in ((COMMENT, _("Why it differs")), (NOT_APPLICABLE, _("Why it does not apply"))):
            if name.startswith(prefix):
                indicator = definition.indicator(name.removeprefix(prefix))
                return f"{indicator.label_in(self._language)} · {words}" if indicator else words
        question = definition.question(name)
        if question is None:
            return name
        row = row_of(name)
        label = with_answers(question.label_in(self._language), definition, seen_from(values, row), self._language)
        indicator = definition.indicator(question.indicator) if question.indicator else None
        if indicator and len(indicator.inputs) > 1:
            label = f"{indicator.label_in(self._language)}: {label}"
        return f"{self._row_label(question.table, row)} · {label}" if row else label

    def _row_label(self, path: str, row: str) -> str:
        table = self._definition.table_at(path)
        if table is None:
            return ""
        number = next(
            (
                n
                for n, each in enumerate(self._after.evaluation.rows.get(place_name(table.key, outer_row(row)), ()), 1)
                if each == row
            ),
            0,
        )
        return row_label(self._definition, table, row, number, self._after.evaluation.values, whole=True)

    def _is_there(self, name: str) -> bool:
        question = self._definition.question(name)
        table = self._definition.table_at(question.table) if question else None
        return table is not None and is_there(self._definition, table, row_of(name), self._flat)

    # ---------------------------------------------------------------------------------------------------------- rows
    def _rows(self, sections: list[DraftSection]) -> None:
        for row in self._filled.rows:
            table = self._definition.table(row.table)
            title = table.label_in(self._language) if table else row.table
            for name, cell in row.cells.items():
                if cell.trouble:
                    question = self._definition.question(name)
                    label = question.label_in(self._language) if question else name
                    self.found.troubles.append(
                        Trouble(cell.sheet, cell.cell, f"{title} · {label}", cell.trouble, cell.say)
                    )
            cells = [
                (question.label_in(self._language), self._shown(question, cell.value))
                for name, cell in row.cells.items()
                if (question := self._definition.question(name)) and not cell.trouble
            ]
            self.found.rows.append(NewRow(row.sheet, row.number, title, cells))
        for name in self._filled.gone:
            table = self._definition.table_of_row(name)
            if table is None or not is_there(self._definition, table, row_of(name), self._flat):
                continue
            version = self._filled.versions.get(table.section, 0)
            inside = [cell for key, cell in self._stored.items() if f"{row_of(key)}.".startswith(f"{row_of(name)}.")]
            label = self._row_label(table.path, row_of(name))
            self.found.gone.append(GoneRow(name, label, any(cell["n"] > version for cell in inside)))


def brought_of(difference: WorkbookDifference, choices: Mapping[str, str], gone: set[str]) -> Brought:
    """What is to be stored, by what the person chose. `choices` {name: mine@version | theirs@version}. Refused where a clash has no
    choice, or anything cannot be read."""
    if difference.troubles:
        raise Refused(
            _("Nothing was stored: mend the cells that are named, and upload the file again."), code="bad-workbook"
        )
    chosen: dict[str, int] = {}
    given_up: set[str] = set()
    for line in difference.clashes:
        choice, _at, version = choices.get(line.name, "").partition("@")
        if choice not in ("mine", "theirs") or version != str(line.version):
            raise Refused(
                _("A colleague changed some of these answers as well. Choose for each of them which one stays."),
                code="workbook-clash",
            )
        if choice == "mine":
            chosen[line.name] = line.version
        else:
            given_up.add(line.name)
    filled = difference.filled
    return Brought(
        answers={name: cell.value for name, cell in filled.cells.items() if name not in given_up},
        versions=filled.versions,
        chosen=chosen,
        rows=[
            BroughtRow(row.table, row.around, {name: cell.value for name, cell in row.cells.items()})
            for row in filled.rows
        ],
        gone=[row.name for row in difference.gone if row.name in gone and not row.changed],
        sha256=difference.sha256,
        file_name=difference.file_name,
    )

"""A page of a report as it is filled in or read: what is asked, what is written, what is wrong. Reads only.

Everything a template prints is decided here, so that the page, the partial answer of an autosave and the page without
a script show the same.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sajad_portal.lib.language import current_language

from ...actions.evidence import kinds_for
from ...queries.drafts import COMMENT, FILE, NOT_APPLICABLE, Assessment, doubts_told
from ...queries.earlier_answers import PeriodBefore
from ...queries.earlier_periods import SHOWN
from ...queries.values import value_text
from ...scoring.claims import ClaimedScore
from ...xlsform import Choice, FormPage, Indicator, Question, as_typed, with_answers, words_with_answers
from ...xlsform.indicator import ALONE
from ...xlsform.labels import Text, language_found, text_in
from ...xlsform.markup import unmarked
from ...xlsform.parts_of_dates import MONTH, YEAR, part_of_date
from ...xlsform.searching import LISTED, searched_text
from ...xlsform.tables import bare, row_of, seen_from
from .files import stored_files
from .section import (
    Amount,
    Card,
    Field,
    Grid,
    GroupPart,
    Item,
    Questions,
    TypedAnswers,
    Words,
    amount_of,
    every,
)  # fmt: skip
from .tables import TableCard, Tables


class EntrySheet:
    """Pages of an assessed draft, as a rule one. `items` are cards, questions, grids and parts in the author's order."""

    def __init__(
        self,
        assessment: Assessment,
        pages: Sequence[FormPage],
        *,
        remarks: Mapping[str, str],
        writable: bool,
        typed: TypedAnswers | None = None,
        claimed: ClaimedScore | None = None,
        language: str = "",
        before: Callable[[], PeriodBefore | None] | None = None,
    ):
        """`language`: of the form's words, where it is not the portal's. `before`: asked only where a table is empty."""
        self._before = before
        self.assessment, self._claimed = assessment, claimed
        self.language = language or current_language()
        self._groups = {group.path: group for group in assessment.definition.groups}
        self._remarks, self._writable, self._typed = remarks, writable, typed or TypedAnswers()
        self._drafted = assessment.draft.flat()
        self._problems: dict[str, set[str]] = {}
        for problem in assessment.problems:
            self._problems.setdefault(problem.indicator, set()).add(problem.kind)
        self.items = self._items(pages)

    # ------------------------------------------------------------------ parts
    def _items(self, pages: Sequence[FormPage]) -> list[Item]:
        definition = self.assessment.definition
        by_path = {question.path: question for question in definition.questions}
        parts: dict[str, list[Item]] = {}
        self._taken = {group.path for page in pages[:1] for group in page.around} if len(pages) == 1 else set()
        items: list[Item] = []
        seen: set[str] = set()
        tables = Tables(
            self.assessment, language=self.language, writable=self._writable, remarks=self._remarks, field_of=self._field,
            said=lambda text, row: self.words(text, row=row).plain, before=self._before,
        )  # fmt: skip
        for path in (path for page in pages for path in page.contents):
            question = by_path.get(path)
            place = self._place(path, items, parts)
            if question is None:
                if table := definition.table_at(path):
                    place.append(tables.card(table))
                continue
            indicator = definition.indicator(question.indicator) if question.indicator else None
            if indicator is None:
                self._put(place, question)
            elif indicator.code not in seen:
                seen.add(indicator.code)
                place.append(self._card(indicator))
        return items

    def _place(self, path: str, items: list[Item], parts: dict[str, list[Item]]) -> list[Item]:
        """Where a question of that path stands: in the part of its innermost group that has a heading, which may begin here."""
        place, steps, level = items, path.split("/"), 2
        for count in range(3, len(steps)):
            around = "/".join(steps[:count])
            group = self._groups.get(around)
            if group is None or around in self._taken or not group.label:
                continue
            last = place[-1] if place else None
            if not isinstance(last, GroupPart) or last.path != around:
                last = GroupPart(
                    around, self.words(group.label), level, self._applies(around), [], _is_live(group.label)
                )
                place.append(last)
            place, level = last.items, level + 1
        return place

    def _applies(self, path: str) -> bool:
        """Whether a group does, with anything in it."""
        evaluation = self.assessment.evaluation
        inside = [q.name for q in self.assessment.definition.shown if q.path.startswith(f"{path}/")]
        return evaluation.relevant_groups.get(path, True) and any(
            evaluation.relevant.get(name, True) for name in inside
        )

    def _first_row(self, head: str) -> Question:
        definition = self.assessment.definition
        return next(q for q in definition.shown if q.choices and definition.paging.grids.get(q.path) == head)

    def _put(self, place: list[Item], question: Question) -> None:
        row = self.assessment.definition.paging.grids.get(question.path)
        last = place[-1] if place else None
        if row is None:
            if not isinstance(last, Questions):
                place.append(last := Questions([]))
            last.fields.append(self._field(question))
            return
        if not isinstance(last, Grid) or last.id != _grid_id(row):
            choices = [
                self.words(choice.label, choice.name) for choice in question.choices or self._first_row(row).choices
            ]
            place.append(
                last := Grid(_grid_id(row), self.words(question.label) if not question.choices else None, choices, [])
            )
        if question.choices:
            last.fields.append(self._field(question))

    @property
    def cards(self) -> list[Card]:
        return [item for item in every(self.items) if isinstance(item, Card)]

    @property
    def loose(self) -> list[Field]:
        """The questions that belong to no indicator."""
        return [field for item in every(self.items) if isinstance(item, Questions | Grid) for field in item.fields]

    @property
    def tables(self) -> list[TableCard]:
        return [item for item in every(self.items) if isinstance(item, TableCard)]

    @property
    def parts(self) -> list[GroupPart]:
        return [item for item in every(self.items) if isinstance(item, GroupPart)]

    @property
    def fields(self) -> list[Field]:
        """Every input of the page, comments and reasons included."""
        found: list[Field] = []
        for item in every(self.items):
            if isinstance(item, GroupPart):
                continue
            found += item.fields
            if isinstance(item, Card) and not item.by_portal:
                found += [item.comment, *([item.reason] if item.offers_reason else [])]
        return found

    def label_of(self, item: Field) -> str:
        """What a list calls a field: comments and reasons by their indicator."""
        code = item.name.removeprefix(COMMENT).removeprefix(NOT_APPLICABLE)
        indicator = self.assessment.definition.indicator(code) if code != item.name else None
        return self.words(indicator.label).plain if indicator else item.label

    def words(self, text: Text, instead: str = "", *, row: str = "") -> Words:
        """What a form says, with the answers that it names, as the row has them."""
        definition, evaluation = self.assessment.definition, self.assessment.evaluation
        written = text_in(text, self.language) or instead
        facts = (definition, seen_from(evaluation.values, row), self.language, seen_from(evaluation.choices, row))
        found = language_found(text, self.language)
        return Words(
            words_with_answers(written, *facts),
            with_answers(unmarked(written), *facts),
            found if found not in (current_language(), "default") else "",
        )

    def _card(self, indicator: Indicator) -> Card:
        assessment, code = self.assessment, indicator.code
        questions = [assessment.definition.question(name) for name in indicator.inputs.values()]
        fields = [self._field(question) for question in questions if question]
        unit = indicator.unit_in(self.language)
        words = self.words(indicator.label, indicator.code)
        if len(fields) == 1 and fields[0].control == "number":
            fields = [replace(fields[0], unit=unit)]
        earlier = assessment.earlier.get(code, [])[-SHOWN:]
        past = [(value.period, self._amount(indicator, value.text)) for value in earlier]
        amount = self._amount(indicator, value_text(indicator, assessment.evaluation.values))
        trend = [shown.number for _period, shown in past] + [amount.number]
        editable = self._writable and (assessment.editable is None or code in assessment.editable)
        return Card(
            indicator=indicator,
            label=words.plain,
            words=words,
            unit=unit,
            fields=fields,
            amount=amount,
            standard=replace(self._amount(indicator, indicator.standard), places=0),
            past=past,
            trend=trend if sum(number is not None for number in trend) > 1 else [],
            files=stored_files(assessment.draft.files_of(code)),
            evidence=indicator.evidence_in(self.language),
            comment=self._reason(COMMENT + code, _("Why it differs"), editable),
            reason=self._reason(NOT_APPLICABLE + code, _("Why it does not apply"), editable),
            remark=self._remarks.get(code, ""),
            doubt=self._doubt(code),
            status=self._status(indicator, fields),
            editable=editable,
            relevant=bool(indicator.source) or any(f.relevant for f in fields),
            earns=self._claimed.indicators.get(code) if self._claimed else None,
        )

    def _doubt(self, code: str) -> str:
        """What is doubted about its figures; the reason is asked for until one stands beside it."""
        return doubts_told(self.assessment, code, asked="comment" in self._problems.get(code, set()))

    def _status(self, indicator: Indicator, fields: list[Field]) -> str:
        """complete | portal | na | clash | error | comment | evidence | empty"""
        kinds = self._problems.get(indicator.code, set())
        if indicator.source:
            return "portal"
        if any(f.clash for f in fields):
            return "clash"
        if "error" in kinds or any(f.error for f in fields):
            return "error"
        if indicator.code in self.assessment.draft.not_applicable:
            return "na"
        if "missing" in kinds or not any(f.value for f in fields):
            return "empty"
        return next((kind for kind in ("comment", "evidence") if kind in kinds), "complete")

    def _amount(self, indicator: Indicator, text: str) -> Amount:
        return amount_of(self.assessment, indicator, text, self.language)

    # ----------------------------------------------------------------- inputs
    def _reason(self, name: str, label: str, editable: bool) -> Field:
        stored = self._drafted.get(name, "")
        return Field(
            name=name,
            control="lines",
            label=label,
            value=self._typed.values.get(name, stored),
            was=stored,
            editable=editable,
            error=self._typed.errors.get(name, ""),
            clash=self._typed.clashes.get(name),
        )

    def _field(self, question: Question) -> Field:
        evaluation, name, row = self.assessment.evaluation, question.name, row_of(question.name)
        stored = self._drafted.get(name, "")
        was = as_typed(question, stored, self.language)
        value = self._typed.values.get(name, was)
        editable = (
            question.is_input
            and not evaluation.read_only.get(name)
            and self._writable
            and (self.assessment.editable is None or name in self.assessment.editable)
        )
        offered = evaluation.choices.get(name, question.choices)
        chosen = question.chosen(value)
        control = "output" if question.calculation else question.kind.control(question, len(offered))
        if control == "search":
            was = searched_text(question.choices, stored, self.language)
            value = self._typed.values.get(name, was)
            offered = offered[:LISTED]
        choice_words = [self.words(choice.label, choice.name, row=row) for choice in offered]
        options = [
            (choice.name, words.plain, choice.name in chosen)
            for choice, words in zip(offered, choice_words, strict=True)
        ]
        if question.path in self.assessment.definition.paging.grids:  # every row alike, however many choices there are
            control = "checks" if question.kind.several else "radios"
        words, hinted = self.words(question.label, bare(name), row=row), self.words(question.hint, row=row)
        return Field(
            name=name,
            control=control,
            label=words.plain,
            words=words,
            hinted=hinted,
            choice_words=choice_words,
            accept="image/*"
            if question.takes_picture
            else ",".join(sorted(kinds_for(question)))
            if control == "file"
            else "",
            **self._media(question, offered),
            example=str(_PARTS_OF_DATES.get(part_of_date(question.appearance), "")) if control == "date" else "",
            look=look_of(question.appearance),
            live=_is_live(question.label) or _is_live(question.hint),
            locks=question.is_input and question.read_only not in ("", "true()"),
            turns=question.required not in ("", "true()"),
            value=value,
            was=was,
            hint=hinted.plain,
            inputmode=question.kind.inputmode if "numbers" not in question.appearance.split() else "decimal",
            options=options,
            required=question.required == "true()" or bool(evaluation.required.get(name)),
            relevant=evaluation.relevant.get(name, True),
            editable=editable,
            error=self._typed.errors.get(name) or self._constraint(question),
            readings=self._typed.readings.get(name, []),
            clash=self._typed.clashes.get(name),
            amount=Amount(text=evaluation.shown(name, self.language) if evaluation.values.get(name) else "—")
            if control == "output"
            else None,
            files=stored_files(self.assessment.draft.files_of(FILE + name)) if control == "file" else [],
            remark=self._remarks.get(ALONE + name, ""),
        )

    def _media(self, question: Question, offered: Iterable[Choice]) -> dict:
        """Files beside the label and the choices, where the form came with any."""
        definition = self.assessment.definition
        if not definition.files:
            return {}
        beside = {choice.name: definition.media_of(choice, self.language) for choice in offered if choice.media}
        return {"media": definition.media_of(question, self.language), "media_of": beside}

    def _constraint(self, question: Question) -> str:
        if question.indicator in self.assessment.draft.not_applicable:
            return ""
        return self.assessment.evaluation.errors.get(question.name, "")


_PARTS_OF_DATES = {MONTH: gettext_lazy("year/month"), YEAR: gettext_lazy("year")}
_COLUMNS = re.compile(r"^(columns|compact|quickcompact)(-|$)")


def look_of(appearance: str) -> str:
    """How the author wants choices to stand: columns | line | likert, or "" as the page does."""
    asked = appearance.lower().split()
    if "likert" in asked:
        return "likert"
    if any(_COLUMNS.match(word) for word in asked):
        return "columns"
    return "line" if any(word.startswith("horizontal") for word in asked) else ""


def _is_live(text: Text) -> bool:
    return any("${" in words for words in text.values())


def _grid_id(path: str) -> str:
    return "grid" + path.replace("/", "-")

"""One evaluation of a form: a tree of its instance, the answers written into it, and what follows from them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.clock import TEHRAN
from sajad_portal.lib.numbers import local_digits

from .answers import with_answers
from .compiled import CompiledForm, cells_of
from .definition import Choice, Group, Question, text_in
from .evaluation import Evaluation
from .functions_chance import Chance, shuffled
from .labels import chosen_labels
from .markup import unmarked
from .memory import OWN
from .places import FormPlace, Instance
from .tables import MAX_ROWS, TABLE, place_name, row_of, seen_from
from .values import boolean, canonical_text, node_list, to_number
from .xpath import MAX_WORK, FormContext, NoEarlierValue

# `column = /form/question`: what most filters are, and what takes no engine to answer for each row of a long list.
_EQUAL = re.compile(r"([^\W\d][\w.-]*)\s*=\s*(/[^\s=<>()'\"|+*\[\]]+)")


MAX_WORK_OF_ROW = 5_000  # steps beside MAX_WORK, for each row of a table


class Run:
    """One evaluation: its tree and what it has found so far."""

    def __init__(
        self,
        form: CompiledForm,
        answers: Mapping[str, str],
        *,
        at: datetime,
        person: Mapping[str, str],
        language: str,
        earlier: Mapping[str, Sequence[str]] | None = None,
        counts: Mapping[str, int] | None = None,
    ) -> None:
        self.form = form
        self.language = self.words = language
        self.errors: dict[str, str] = {}
        self.calculated: dict[str, str] = {}
        definition = form.definition
        self.instance = Instance(form, answers, counts)
        self.place = self.root = self.instance.root
        for item in definition.unsupported:
            if not item.without and not definition.in_repeat(item.path):
                self.instance.add(self.root, item.path).text = ""
        for path, kind in definition.metadata.items():
            if not definition.in_repeat(path):
                self.instance.add(self.root, path).text = self._metadata(kind, at, person)
        self.instance.add_rows()
        for question, place in self.everywhere():
            raw = answers.get(place.name(question.name))
            computed = question.calculation and question.kind.is_calculated and not form.keeps(question)
            place.elements[question.path].text = "" if raw is None or computed else str(raw)
        tree = self.instance.wrap()
        self.context = FormContext(tree, fragment=None)
        self.context.at = at
        self.context.work = [MAX_WORK + MAX_WORK_OF_ROW * sum(len(rows) for rows in self.instance.rows.values())]
        self.context.form = form
        self.context.language = language
        nodes = self.root.nodes
        self.context.nodes = {name: nodes[path] for path, name in form.variables.items() if path in nodes}
        if definition.tables:
            self.context.rows = self.instance.together()
            self.context.numbers = self.instance.numbers()
        self.context.instances = form.instances
        self.context.person = person
        self.context.edition = definition.reader
        self.context.choice_label = self.choice_label
        self.context.chance = Chance(
            lambda: f"{at.isoformat()}\0{[str(answers.get(question.name) or '') for question in form.questions]}"
        )
        self.context.earlier = earlier or {}

    def everywhere(self) -> Iterator[tuple[Question, FormPlace]]:
        """Every question in every place where it is asked: those outside tables in the order of the sheet, then row by row."""
        for question in self.form.questions:
            yield question, self.root
        for table in self.form.definition.tables:
            for place in self.instance.places[table.path]:
                for question in self.form.in_rows[table.path]:
                    yield question, place

    def place_in(self, row: str) -> FormPlace:
        """The row of that key; the form itself where there is none."""
        return next((place for place in self.root.everywhere() if place.row == row), self.root)

    def places_of(self, path: str) -> list[FormPlace]:
        """Where a question or group stands; a table itself stands in the rows around it."""
        return self.instance.places[self.form.around[path]]

    @staticmethod
    def _metadata(kind: str, at: datetime, person: Mapping[str, str]) -> str:
        local = at.astimezone(TEHRAN)
        if kind in ("start", "end"):
            return local.isoformat(timespec="seconds")
        return local.date().isoformat() if kind == "today" else str(person.get(kind, ""))

    def value(self, expression: str, source: Question | Group, place: FormPlace | None = None):
        """(value, None), or (None, reason) where the expression fails. `place`: the row that it is asked of, else the form."""
        self.place = place or self.root
        try:
            return self._kept_value(expression, source), None
        except Exception as error:  # an author's expression may fail in any way; the person must still get a page
            return None, f"{type(error).__name__}: {error}"

    def _kept_value(self, expression: str, source: Question | Group):
        """The value, remembered where only answers decide it. It costs as many steps as finding it did."""
        reads = self.form.memory.reads(expression)
        if reads is None or (OWN in reads and isinstance(source, Group)):
            return self._found_value(expression, source)
        key = (expression, *(self.place.text(source.path if path == OWN else path) for path in reads))
        known = self.form.memory.find(key)
        if known is not None:
            self.context.spend(known[1])
            return known[0]
        before = self.context.work[0]
        value = self._found_value(expression, source)
        self.form.memory.keep(key, value, before - self.context.work[0])
        return value

    def _found_value(self, expression: str, source: Question | Group):
        node = self.place.nodes.get(source.path)
        self.context.own = self.place.own
        self.context.chance.begin(self.place.name(source.path), expression)
        self.context.item = self.context.current = node
        self.context.position = self.context.size = 1
        self.context.axis = None
        return node_list(self.form.compiled[expression].evaluate(self.context))

    def _failed(self, source: Question | Group, what: str) -> None:
        if isinstance(source, Question):
            self.errors.setdefault(
                self.place.name(source.name),
                _("The form's own rule for this question (%(what)s) cannot be evaluated. Tell whoever made the form.")
                % {"what": what},
            )

    def is_relevant(self, path: str, place: FormPlace | None = None) -> bool:
        place = place or self.root
        return place.applies(path) and all(place.applies(each) for each in self.form.order.guards(path))

    def decide(self, source: Question | Group) -> None:
        """Record in each place whether it is relevant, and empty what is not."""
        for place in self.places_of(source.path):
            value, reason = self.value(source.relevant, source, place)
            if reason:
                self._failed(source, "relevant")
            place.relevant[source.path] = reason is not None or boolean(value)
            if not place.relevant[source.path]:
                self._empty(source, place)

    def _empty(self, source: Question | Group, place: FormPlace) -> None:
        if isinstance(source, Question):
            place.elements[source.path].text = ""
            return
        prefix = f"{source.path}/"
        for path in self.form.variables:
            if path.startswith(prefix) and path in self.root.elements:
                self.root.elements[path].text = ""
        if not self.form.definition.tables:
            return
        gone = [each for each in place.everywhere() if f"{self._path_of(each)}/".startswith(prefix)]
        for each in (*gone, place):
            for path in self.form.table_of_path:
                if path.startswith(prefix) and path in each.elements:
                    each.elements[path].text = ""
        self._take_out(gone)

    @staticmethod
    def _path_of(place: FormPlace) -> str:
        return place.table.path if place.table else ""

    def _take_out(self, gone: list[FormPlace]) -> None:
        """Rows that do not apply are none: nothing counts them."""
        nodes = {id(place.node) for place in gone}
        inside = {id(node) for place in gone for node in place.nodes.values()}
        for place in gone:
            parent = place.node.parent if place.node is not None else None
            if parent is not None:
                parent.children[:] = [child for child in parent.children if id(child) not in nodes]
        if gone:
            self.context.rows = {
                name: [node for node in found if id(node) not in inside] for name, found in self.context.rows.items()
            }

    def calculate(self, question: Question) -> None:
        for place in self.places_of(question.path):
            text = ""
            if question.triggers and self.form.keeps(question):
                text = place.elements[question.path].text or "" if self.is_relevant(question.path, place) else ""
            elif question.source:
                text = self.form.facts.get(question.source, "") if self.is_relevant(question.path, place) else ""
            elif self.is_relevant(question.path, place):
                value, reason = self.value(question.calculation, question, place)
                if reason:
                    self._failed(question, "calculation")
                else:
                    text = canonical_text(value)
            place.elements[question.path].text = text
            self.calculated[place.name(question.name)] = text

    def counts(self) -> dict[str, int]:
        """{place of a counted table: how many rows its form asks for}, as the answers and calculations stand now."""
        found = {}
        for table in self.form.definition.tables:
            if table.count and not table.choices:
                group = self.form.groups[table.path]
                for place in self.places_of(table.path):
                    value, _reason = self.value(group.count, group, place)
                    number = to_number(value)
                    wanted = number.is_finite() and number > 0
                    found[place_name(table.key, place.row)] = min(int(number), MAX_ROWS + 1) if wanted else 0
        return found

    # ------------------------------------------------------------------ at last
    def finish(self) -> Evaluation:
        values: dict[str, str] = {}
        relevant: dict[str, bool] = {}
        required: dict[str, bool] = {}
        missing: list[str] = []
        choices: dict[str, tuple[Choice, ...]] = {}
        read_only: dict[str, bool] = {}
        for question, place in self.everywhere():
            name, self.place = place.name(question.name), place
            relevant[name] = self.is_relevant(question.path, place)
            values[name] = place.elements[question.path].text or ""
            required[name] = relevant[name] and question.is_input and self._truth(question, "required")
            read_only[name] = not question.is_input or self._truth(question, "read_only")
            if question.choices:
                choices[name] = self.offered(question)
            if not relevant[name]:
                continue
            if values[name] == "":
                if required[name]:
                    missing.append(name)
                continue
            # Answers are cleaned on their way in; the kind catches what was stored otherwise, or is no longer offered.
            offered = choices.get(name, ())
            message = question.kind.wrong(question, values[name], offered, self.language) or self._broken(question)
            if message:
                self.errors.setdefault(name, message)
        self.place = self.root
        broken = tuple(q.name for q in self.form.checked if self._doubted(q, relevant, values, missing))
        sections = {section.name: self.root.applies(section.path) for section in self.form.definition.sections}
        for where in self.instance.left_out:
            told = _("This table asks for more rows than a table may have (%(n)s); the others are left out.")
            self.errors[f"{TABLE}{where}"] = told % {"n": local_digits(MAX_ROWS)}
        said = {
            name: with_answers(
                text,
                self.form.definition,
                seen_from(values, row_of(name)),
                self.words,
                seen_from(choices, row_of(name)),
            )
            for name, text in self.errors.items()
        }
        return Evaluation(
            values,
            self.calculated,
            relevant,
            required,
            said,
            missing,
            choices,
            sections,
            read_only,
            broken,
            {path: self.is_relevant(path) for path in self.form.definition.parts},
            self.form.definition,
            self.instance.rows,
            {
                place_name(table.key, place.row): self.is_relevant(table.path, place)
                for table in self.form.definition.tables
                for place in self.places_of(table.path)
            },
        )

    def _doubted(
        self, question: Question, relevant: dict[str, bool], values: dict[str, str], missing: list[str]
    ) -> bool:
        """Whether its check does not hold. It waits for the answer itself, and for every required one that it reads."""
        name = question.name
        if not relevant[name] or values[name] == "" or name in self.errors:
            return False
        if any(each in missing or each in self.errors for each in self.form.read_by_check(question)):
            return False
        try:
            return not boolean(self._found_value(question.check, question))
        except NoEarlierValue:
            return False
        except Exception:  # as in `value`; what cannot be told is no doubt about the figure
            return False

    def _truth(self, question: Question, attribute: str) -> bool:
        expression = getattr(question, attribute)
        if expression in ("", "true()"):
            return bool(expression)
        value, reason = self.value(expression, question, self.place)
        if reason:
            self._failed(question, attribute)
        return reason is None and boolean(value)

    def choice_label(self, path: str, value: str) -> str:
        """jr:choice-name: the labels of the chosen names, joined by a comma; of several choices of one name the one offered."""
        question = self.form.by_path.get(path)
        if question is None:
            return ""
        choices = question.choices
        if question.repeats_names and self.context.edition > 1:
            outer = self.context.__dict__.copy(), self.context.item, self.context.position, self.context.size
            choices = (*self._filtered(question), *choices)
            self.context.__dict__.update(outer[0])
            self.context.item, self.context.position, self.context.size = outer[1:]
        return chosen_labels(question.chosen(value), choices, self.language, written=True)

    def offered(self, question: Question) -> tuple[Choice, ...]:
        offered = self._filtered(question)
        if not question.choice_seed:
            return offered
        seed, reason = self.value(question.choice_seed, question, self.place)
        return offered if reason else tuple(shuffled(offered, to_number(seed)))

    def _filtered(self, question: Question) -> tuple[Choice, ...]:
        if not question.choice_filter:
            return question.choices
        if (wanted := self._wanted_cells(question)) is not None:
            self.context.spend(len(question.choices) // 10)
            rows = self.form.definition.lists.get(question.choice_list, ())
            return tuple(
                choice
                for choice, cells in zip(question.choices, map(cells_of, rows), strict=False)
                if all(cells.get(column) == text for column, text in wanted)
            )
        instance = self.form.instances.get(question.choice_list)
        items = list(instance.children[0].children) if instance is not None else []
        found = []
        for choice, item in zip(question.choices, items, strict=False):
            self.context.current = self.place.nodes.get(question.path)
            self.context.own = self.place.own
            self.context.item, self.context.axis, self.context.position, self.context.size = item, None, 1, 1
            try:
                if boolean(node_list(self.form.compiled[question.choice_filter].evaluate(self.context))):
                    found.append(choice)
            except Exception:  # as in `value`
                self._failed(question, "choice_filter")
                return question.choices
        return tuple(found)

    def _wanted_cells(self, question: Question) -> list[tuple[str, str]] | None:
        """[(column, answer)] of a filter that only compares columns of the list with answers; None of any other filter."""
        found = []
        for part in re.split(r"\band\b", question.choice_filter):
            equal = _EQUAL.fullmatch(part.strip())
            if equal is None or not self.place.holds(equal[2]):
                return None
            found.append((equal[1], self.place.text(equal[2]) or ""))
        return found

    def _broken(self, question: Question) -> str:
        if not question.constraint:
            return ""
        value, reason = self.value(question.constraint, question, self.place)
        if reason:
            self._failed(question, "constraint")
            return ""
        if boolean(value):
            return ""
        return unmarked(text_in(question.constraint_message, self.words)) or _(
            "This answer breaks a rule of the form. Check it."
        )

"""Where a question stands: in the form itself, or in one row of a table. The instance of a form, with the rows that it has."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping

from elementpath.tree_builders import get_node_tree
from elementpath.xpath_nodes import XPathNode

from .compiled import CompiledForm
from .own_rows import OWN_ROW
from .tables import MAX_ROWS, MAX_ROWS_OF_REPORT, FormTable, cell_name, place_name, rows_counted, rows_written


class FormPlace:
    """The form itself (`row` "") or a row: its elements and nodes by path, and what in it applies."""

    __slots__ = ("elements", "inner", "node", "nodes", "outer", "own", "relevant", "row", "table")

    def __init__(self, row: str = "", table: FormTable | None = None, outer: "FormPlace | None" = None) -> None:
        self.row, self.table, self.outer = row, table, outer
        self.elements: dict[str, ET.Element] = {}
        self.nodes: dict[str, XPathNode] = {}
        self.node: XPathNode | None = None
        self.own: dict[str, XPathNode] = {}  # {variable: node}, of the rows around it too
        self.relevant: dict[str, bool] = {}  # by path, questions and groups
        self.inner: list[FormPlace] = []

    def name(self, question: str) -> str:
        return cell_name(question, self.row)

    def text(self, path: str) -> str | None:
        """Of a path of the form, or of one's own row (`/__own/…`)."""
        path = path.removeprefix(OWN_ROW)
        here: FormPlace | None = self
        while here is not None:
            if path in here.elements:
                return here.elements[path].text
            here = here.outer
        raise KeyError(path)

    def holds(self, path: str) -> bool:
        """Whether `text` has an answer at that path."""
        path = path.removeprefix(OWN_ROW)
        return path in self.elements or (self.outer is not None and self.outer.holds(path))

    def applies(self, path: str) -> bool:
        here: FormPlace | None = self
        while here is not None:
            if path in here.relevant:
                return here.relevant[path]
            here = here.outer
        return True

    def everywhere(self) -> Iterator["FormPlace"]:
        """It and every row in it."""
        yield self
        for place in self.inner:
            yield from place.everywhere()


class Instance:
    """The tree of a form that is filled in. `counts` {place of a table: how many rows its form asks for} of counted tables."""

    def __init__(self, form: CompiledForm, answers: Mapping[str, str], counts: Mapping[str, int] | None = None) -> None:
        self.form, self.answers = form, answers
        self.root = FormPlace()
        self.places: dict[str, list[FormPlace]] = {"": [self.root]}
        self.rows: dict[str, tuple[str, ...]] = {}
        self.counts: dict[str, int] = dict(counts or {})
        self.left_out: dict[str, int] = {}  # {place of a table: rows beyond what a table may have}
        definition = form.definition
        self.element = ET.Element(definition.root)
        self.root.elements[f"/{definition.root}"] = self.element
        self._many = 0
        self._written = rows_written(answers) if definition.tables else {}
        for group in definition.groups_outside_repeats:
            self.add(self.root, group.path)
        for question in form.questions:
            self.add(self.root, question.path)

    def add(self, place: FormPlace, path: str) -> ET.Element:
        if path not in place.elements:
            parent, _slash, name = path.rpartition("/")
            place.elements[path] = ET.SubElement(self.add(place, parent), name)
        return place.elements[path]

    def add_rows(self) -> None:
        """Every row of every table, outer ones first."""
        for table in self.form.definition.tables:
            outer = self.form.definition.table(table.outer) if table.outer else None
            self.places[table.path] = []
            guess = rows_counted(self.answers, table.names) if table.count else {}
            for around in self.places[outer.path if outer else ""]:
                where = place_name(table.key, around.row)
                self._add_rows_of(table, around, self._row_keys(table, around.row, where, guess))

    def _row_keys(self, table: FormTable, around: str, where: str, guess: Mapping[str, int]) -> list[str]:
        if table.is_open:
            keys = self._written.get(where, [])
        else:
            count = self.counts.setdefault(where, guess.get(around, 0)) if table.count and not table.choices else 0
            keys = [f"{around}.{own}" if around else own for own in table.row_ids(count)]
        kept = keys[: max(0, min(MAX_ROWS, MAX_ROWS_OF_REPORT - self._many))]
        if len(kept) < len(keys):
            self.left_out[where] = len(keys) - len(kept)
        self._many += len(kept)
        self.rows[where] = tuple(kept)
        return kept

    def _add_rows_of(self, table: FormTable, around: FormPlace, keys: list[str]) -> None:
        groups = self._groups_in[table.path]
        parent, _slash, name = table.path.rpartition("/")
        for key in keys:
            place = FormPlace(key, table, around)
            holder = around.elements.get(parent)
            if holder is None:
                holder = self.add(around, parent)
            place.elements[table.path] = ET.SubElement(holder, name)
            for path in groups:
                self.add(place, path)
            for question in self.form.in_rows[table.path]:
                self.add(place, question.path)
            around.inner.append(place)
            self.places[table.path].append(place)

    @property
    def _groups_in(self) -> dict[str, list[str]]:
        return self.form.groups_in

    def wrap(self):
        """The tree that expressions read; the places learn their nodes."""
        tree = get_node_tree(self.element)
        by_element = tree.tree.elements
        for places in self.places.values():
            for place in places:
                place.nodes = {path: by_element[element] for path, element in place.elements.items()}
                if place.outer is not None and place.table is not None:
                    place.node = place.nodes[place.table.path]
                    variables = self.form.row_variables
                    own = {variables[f"{OWN_ROW}{path}"]: node for path, node in place.nodes.items() if f"{OWN_ROW}{path}" in variables}  # fmt: skip
                    place.own = {**place.outer.own, **own}
        return tree

    def numbers(self) -> dict[int, int]:
        """{id of a row's node: the number of the row}."""
        found: dict[int, int] = {}
        for place in (each for places in self.places.values() for each in places):
            count: dict[str, int] = {}
            for inner in place.inner:
                path = inner.table.path if inner.table else ""
                count[path] = count.get(path, 0) + 1
                found[id(inner.node)] = count[path]
        return found

    def together(self) -> dict[str, list[XPathNode]]:
        """{variable: the nodes of all rows}."""
        found: dict[str, list[XPathNode]] = {}
        for path, name in self.form.row_variables.items():
            if name[0] == "s":
                table = path if path in self.places else self.form.table_of_path[path]
                found[name] = [place.nodes[path] for place in self.places[table]]
        return found

"""The kinds and attributes that a file of units names: those the portal has, and those that the file brings. Reads only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.tables import FileProblem
from sajad_portal.lib.text import search_key

from ..enums import AttributeType
from ..files.units import AttributeColumn, UnitFile, UnitRow, word_key
from ..models import UnitAttribute, UnitKind
from ..models.codes import code_for

MAX_NEW = 200  # kinds, or values of a choice: more are names in a wrong column


@dataclass
class NewKind:
    """A kind that the file names and the portal does not have. `word`: how the rows name it, `key`: the same as it is found;
    `row`: the first that does."""

    key: str
    word: str
    code: str
    name: str
    name_en: str
    row: int
    units: int = 0


@dataclass
class NewAttribute:
    """The same of an attribute. `values`: what its column has, each once; the choices, if it is one to choose from."""

    key: str
    code: str
    name: str
    type: str
    values: list[str] = field(default_factory=list)

    @property
    def examples(self) -> list[str]:
        return self.values[:5]


@dataclass(frozen=True)
class Answers:
    """What a person said on the preview about what the file brings: {key: (code, name, English name)}, {key: type}."""

    kinds: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)


class FileKinds:
    """Kinds and attributes as the file names them, found in the portal or new."""

    def __init__(self, file: UnitFile, answers: Answers):
        self.problems: list[FileProblem] = []
        self.new_kinds: list[NewKind] = []
        self.new_attributes: list[NewAttribute] = []
        self._kinds: dict[str, UnitKind | NewKind] = {}
        for kind in UnitKind.objects.all():
            for word in filter(None, (kind.name_en, kind.name, kind.code)):  # the code wins
                self._kinds[word_key(word)] = kind
        self._taken = {kind.code for kind in self._kinds.values()}
        self._bring_kinds(file.rows, answers)
        self._attributes: dict[str, UnitAttribute] = {}
        self._bring_attributes(file, answers)

    def kind_of(self, row: UnitRow, now: str) -> str:
        """The code of the row's kind; "" after its problem was told."""
        kind = self._kinds.get(word_key(row.kind))
        if kind is None:
            said = _("Every unit has a kind. Write its code or its name.")
            self.problems.append(FileProblem(row.number, "kind", said))
            return ""
        if isinstance(kind, UnitKind) and kind.closed_at and kind.code != now:
            said = _("The kind “%(kind)s” is closed; no unit gets it any more. Choose another.")
            self.problems.append(FileProblem(row.number, "kind", said % {"kind": kind.name_here}))
        return kind.code

    def values_of(self, row: UnitRow, now: Mapping[str, str]) -> dict[str, str]:
        """The unit's attributes as they will be: those of the file's columns by the file, the others as they are."""
        values = dict(now)
        for name, typed in row.attributes.items():
            attribute = self._attributes[word_key(name)]
            try:
                value = attribute.clean_value(typed)
            except Refused as refusal:
                self.problems.append(FileProblem(row.number, name, str(refusal)))
                continue
            if value and attribute.closed_at and value != now.get(attribute.code, ""):
                said = _("The attribute “%(name)s” is closed; no unit gets a value of it any more.")
                self.problems.append(FileProblem(row.number, name, said % {"name": attribute.name_here}))
            values[attribute.code] = value
        return {code: value for code, value in values.items() if value}

    def _bring_kinds(self, rows: Iterable[UnitRow], answers: Answers) -> None:
        fresh: dict[str, NewKind] = {}
        existing = {kind.code: kind for kind in self._kinds.values()}
        for row in rows:
            key = word_key(row.kind)
            if not key or (key in self._kinds and key not in fresh):
                continue
            if key not in fresh:
                code, name, name_en = (said.strip() for said in answers.kinds.get(key, ("", "", "")))
                if code.casefold() in existing:  # the person knows it under another word
                    self._kinds[key] = existing[code.casefold()]
                    continue
                fresh[key] = NewKind(
                    key, row.kind, code or code_for(row.kind, self._taken), name or row.kind_name or row.kind,
                    name_en or row.kind_name_en, row.number,
                )  # fmt: skip
                self._kinds[key] = fresh[key]
            fresh[key].units += 1
        self.new_kinds = list(fresh.values())
        if len(fresh) > MAX_NEW:
            said = _("The file names more than 200 kinds of units; other words seem to stand in this column.")
            self.problems.append(FileProblem(0, "kind", said))

    def _bring_attributes(self, file: UnitFile, answers: Answers) -> None:
        known = list(UnitAttribute.objects.all())
        for attribute in known:
            for word in filter(None, (attribute.name_en, attribute.name, attribute.code)):
                self._attributes[word_key(word)] = attribute
        taken = {attribute.code for attribute in known}
        for column in file.attributes:
            key = word_key(column.name)
            if key not in self._attributes:
                self._attributes[key] = self._new_attribute(column, file.rows, taken, answers)

    def _new_attribute(self, column: AttributeColumn, rows: Iterable[UnitRow], taken: set[str], answers: Answers):
        key = word_key(column.name)
        type = answers.types.get(key) or column.type or AttributeType.TEXT
        if type not in AttributeType.values:
            said = _("“%(type)s” is no type of attribute. Write text, number or choice.")
            self.problems.append(FileProblem(1, column.name, said % {"type": type}))
            type = AttributeType.TEXT
        values = {search_key(v): v for row in reversed(list(rows)) if (v := row.attributes[column.name])}
        fresh = NewAttribute(key, code_for(column.name, taken), column.name, type, list(reversed(values.values())))
        self.new_attributes.append(fresh)
        choices = fresh.values if type == AttributeType.CHOICE else []
        if type == AttributeType.CHOICE and not 0 < len(choices) <= MAX_NEW:
            said = _("A choice has between 1 and 200 values; this column has %(n)s. Bring it as text.")
            self.problems.append(FileProblem(1, column.name, said % {"n": len(choices)}))
        return UnitAttribute(code=fresh.code, name=fresh.name, type=type, choices=choices)

"""What a version of a form has otherwise than the one before, in words."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from sajad_portal.lib.numbers import local_digits

from ...models import FormVersion
from ...queries import form_of
from ...xlsform.comparing import ADDED, CHANGED, REMOVED, RENAMED, Altered, FormDifference, compare_forms

# Of how many rows a part is shown open.
OPEN = 30
WORDS = {
    ADDED: (gettext_lazy("added"), "good", "plus-circle"),
    REMOVED: (gettext_lazy("removed"), "bad", "x-circle"),
    RENAMED: (gettext_lazy("renamed"), "blue", "pencil"),
    CHANGED: (pgettext_lazy("what happened to it", "changed"), "warn", "pencil"),
}
ATTRIBUTES = {
    "label": gettext_lazy("words"),
    "hint": gettext_lazy("hint"),
    "type": gettext_lazy("type"),
    "section": gettext_lazy("section"),
    "default": gettext_lazy("default"),
    "dynamic_default": gettext_lazy("default"),
    "read_only": gettext_lazy("read-only"),
    "appearance": gettext_lazy("appearance"),
    "indicator": gettext_lazy("indicator and role"),
    "source": gettext_lazy("filled by the portal"),
    "figure": gettext_lazy("common figure"),
    "required": gettext_lazy("required"),
    "relevant": gettext_lazy("condition of showing"),
    "count": gettext_lazy("number of rows"),
    "rows": gettext_lazy("list of its rows"),
    "constraint": gettext_lazy("constraint"),
    "constraint_message": gettext_lazy("message of the constraint"),
    "calculation": gettext_lazy("calculation"),
    "choice_filter": gettext_lazy("choice filter"),
    "check": gettext_lazy("warning"),
    "weight": gettext_lazy("weight"),
    "standard": gettext_lazy("standard"),
    "floor": gettext_lazy("floor"),
    "direction": gettext_lazy("direction"),
    "unit": gettext_lazy("unit of measure"),
    "evidence": gettext_lazy("evidence"),
    "score": pgettext_lazy("attribute of an indicator", "score function"),
    "bands": gettext_lazy("bands"),
    "levels": gettext_lazy("levels"),
    "aggregate": gettext_lazy("aggregate"),
    "scale": gettext_lazy("scale"),
    "weightby": gettext_lazy("weighted by"),
    "inputs": gettext_lazy("its questions"),
    ADDED: gettext_lazy("choice added"),
    REMOVED: gettext_lazy("choice removed"),
}
# Their values are codes and expressions, left to right.
CODES = {
    "type", "section", "default", "dynamic_default", "read_only", "appearance", "indicator", "source", "figure", "required", "relevant",
    "constraint", "calculation", "choice_filter", "check", "score", "bands", "aggregate", "weightby", "inputs", "count",
    "rows",
}  # fmt: skip
FIGURES = {"weight", "standard", "floor", "scale"}


@dataclass(frozen=True)
class ToldDifference:
    what: str
    of: str  # the choice's name
    before: str
    after: str
    is_code: bool


@dataclass(frozen=True)
class ToldChange:
    how: tuple[str, str, str]  # word, tone, icon
    name: str
    label: str
    was: str
    differences: list[ToldDifference]


@dataclass(frozen=True)
class ToldPart:
    title: str
    rows: list[ToldChange]
    is_open: bool


@dataclass(frozen=True)
class FormChanges:
    """`newer_reader`: the workbook is the same, and a later edition of the portal read it."""

    before: FormVersion
    parts: list[ToldPart]
    newer_reader: bool


def changes_of(version: FormVersion, language: str) -> FormChanges | None:
    """Against the version before it of the same form; None of a first one."""
    before = version.form.versions.filter(number__lt=version.number).order_by("-number").first()
    if before is None:
        return None
    found = compare_forms(form_of(before), form_of(version), language)
    parts = [
        _part(title, rows)
        for title, rows in (
            (_("Indicators"), found.indicators),
            (_("Questions"), found.questions),
            (_("Sections and tables"), found.groups),
            (_("Choice lists"), found.lists),
        )
        if rows
    ]
    return FormChanges(before, parts, before.sha256 == version.sha256 and before.reader != version.reader)


def _part(title: str, rows: tuple[Altered, ...]) -> ToldPart:
    told = [
        ToldChange(
            (str(WORDS[row.how][0]), *WORDS[row.how][1:]),
            row.name,
            "" if row.label == row.name else row.label,
            row.was,
            [_told(each) for each in row.differences],
        )
        for row in rows
    ]
    return ToldPart(title, told, len(told) <= OPEN)


def _told(difference: FormDifference) -> ToldDifference:
    before, after = (_value(difference.what, text) for text in (difference.before, difference.after))
    what = str(ATTRIBUTES.get(difference.what, difference.what))
    told = ToldDifference(what, difference.of, before, after, difference.what in CODES)
    return replace(told, what=_("words of the choice")) if difference.of and difference.what == "label" else told


def _value(what: str, text: str) -> str:
    if what == "direction":
        return _("less is better") if text == "down" else _("more is better")
    return local_digits(text) if what in FIGURES else text

"""Two versions of a form side by side: what came, what went, what has another name, what is said or scored otherwise.

Indicators are matched by their code. Questions are matched by their name; one that went and one that came are the same question
under another name where type and label agree and nothing else fits either of them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .definition import FormDefinition, Indicator, Question
from .labels import Choice, Text, language_found
from .references import as_written

ADDED, REMOVED, RENAMED, CHANGED = "added", "removed", "renamed", "changed"


@dataclass(frozen=True)
class FormDifference:
    """`what`: the attribute, or of a list "added", "removed" and "label" with the choice's name in `of`."""

    what: str
    before: str
    after: str
    of: str = ""


@dataclass(frozen=True)
class Altered:
    """`name`: the code of an indicator, the name of a question or of a list of choices; `was`: its name before, where it has another."""

    how: str
    name: str
    label: str = ""
    was: str = ""
    differences: tuple[FormDifference, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """In the order of the later version; what is gone stands last."""

    indicators: tuple[Altered, ...]
    questions: tuple[Altered, ...]
    groups: tuple[Altered, ...]  # sections and tables among them
    lists: tuple[Altered, ...]

    def __bool__(self) -> bool:
        return bool(self.indicators or self.questions or self.groups or self.lists)


def compare_forms(before: FormDefinition, after: FormDefinition, language: str) -> Comparison:
    return Comparison(
        tuple(_indicators(before, after, language)),
        tuple(_questions(before, after, language)),
        tuple(_groups(before, after, language)),
        tuple(_lists(before.lists, after.lists, language)),
    )


# --------------------------------------------------------------------------------------------------- what is measured
_OF_INDICATORS = (
    "weight", "standard", "floor", "direction", "unit", "evidence", "score", "bands", "levels", "aggregate", "scale", "weightby",
    "source",
)  # fmt: skip


def _indicators(before: FormDefinition, after: FormDefinition, language: str) -> Iterable[Altered]:
    old = {each.code: each for each in before.indicators}
    for now in after.indicators:
        was = old.pop(now.code, None)
        if was is None:
            yield Altered(ADDED, now.code, now.label_in(language))
        elif found := tuple(_differences_of(was, now, language)):
            yield Altered(CHANGED, now.code, now.label_in(language), differences=found)
    for gone in old.values():
        yield Altered(REMOVED, gone.code, gone.label_in(language))


def _differences_of(was: Indicator, now: Indicator, language: str) -> Iterable[FormDifference]:
    yield from _texts("label", was.label, now.label, language)
    for name in _OF_INDICATORS:
        if getattr(was, name) != getattr(now, name):
            yield FormDifference(name, getattr(was, name), getattr(now, name))
    inputs = [" · ".join(part for part in (*each.inputs.values(), each.ratio) if part) for each in (was, now)]
    if inputs[0] != inputs[1]:
        yield FormDifference("inputs", *inputs)


# ------------------------------------------------------------------------------------------------------ what is asked
_EXPRESSIONS = ("required", "relevant", "constraint", "calculation", "choice_filter", "check", "dynamic_default")


def _questions(before: FormDefinition, after: FormDefinition, language: str) -> Iterable[Altered]:
    old = {each.name: each for each in before.questions}
    new = {each.name: each for each in after.questions}
    renamed = _renamed([q for q in old.values() if q.name not in new], [q for q in new.values() if q.name not in old])
    for now in new.values():
        was = old.pop(renamed.get(now.name, now.name), None)
        if was is None:
            yield Altered(ADDED, now.name, now.label_in(language))
            continue
        found = tuple(_differences_of_questions(was, now, (before.root, after.root), language))
        if was.name != now.name:
            yield Altered(RENAMED, now.name, now.label_in(language), was.name, found)
        elif found:
            yield Altered(CHANGED, now.name, now.label_in(language), differences=found)
    for gone in old.values():
        yield Altered(REMOVED, gone.name, gone.label_in(language))


def _renamed(gone: Sequence[Question], came: Sequence[Question]) -> dict[str, str]:
    """{name: former name} of those that are surely the same."""

    def alone(questions: Sequence[Question]) -> dict[tuple, str]:
        keys = Counter(_kept_by(question) for question in questions)
        return {_kept_by(question): question.name for question in questions if keys[_kept_by(question)] == 1}

    old = alone([question for question in gone if question.label])
    return {name: old[key] for key, name in alone(came).items() if key in old}


def _kept_by(question: Question) -> tuple:
    return question.type, question.choice_list, tuple(sorted(question.label.items()))


def _differences_of_questions(
    was: Question, now: Question, roots: tuple[str, str], language: str
) -> Iterable[FormDifference]:
    yield from _texts("label", was.label, now.label, language)
    yield from _texts("hint", was.hint, now.hint, language)
    shape: list[tuple[str, Callable[[Question], str]]] = [
        ("type", lambda q: f"{q.type} {q.choice_list}".strip()),
        ("section", lambda q: q.section),
        ("default", lambda q: q.default),
        ("read_only", lambda q: q.read_only),
        ("appearance", lambda q: q.appearance),
        ("indicator", lambda q: f"{q.indicator} {q.role}".strip()),
        ("source", lambda q: q.source),
        ("figure", lambda q: q.figure),
    ]
    for what, of in shape:
        if of(was) != of(now):
            yield FormDifference(what, of(was), of(now))
    for name in _EXPRESSIONS:
        texts = [as_written(getattr(each, name), root) for each, root in zip((was, now), roots, strict=True)]
        if texts[0] != texts[1]:
            yield FormDifference(name, *texts)
    yield from _texts("constraint_message", was.constraint_message, now.constraint_message, language)


def _groups(before: FormDefinition, after: FormDefinition, language: str) -> Iterable[Altered]:
    old, new = ({_below(each.path, form.root): each for each in form.groups} for form in (before, after))
    for path, now in new.items():
        was = old.get(path)
        if was is None:
            yield Altered(ADDED, path, now.label_in(language))
            continue
        found = list(_texts("label", was.label, now.label, language))
        for name in ("relevant", "count"):
            texts = [as_written(getattr(each, name), form.root) for each, form in ((was, before), (now, after))]
            if texts[0] != texts[1]:
                found.append(FormDifference(name, *texts))
        if was.rows != now.rows:
            found.append(FormDifference("rows", was.rows, now.rows))
        if found:
            yield Altered(CHANGED, path, now.label_in(language), differences=tuple(found))
    for path, gone in old.items():
        if path not in new:
            yield Altered(REMOVED, path, gone.label_in(language))


def _below(path: str, root: str) -> str:
    return path.removeprefix(f"/{root}/")


# ---------------------------------------------------------------------------------------------------------- choices
def _lists(
    before: Mapping[str, Sequence[Choice]], after: Mapping[str, Sequence[Choice]], language: str
) -> Iterable[Altered]:
    for name, choices in after.items():
        if name not in before:
            yield Altered(ADDED, name)
        elif found := tuple(_choices(before[name], choices, language)):
            yield Altered(CHANGED, name, differences=found)
    for name in before:
        if name not in after:
            yield Altered(REMOVED, name)


def _choices(before: Sequence[Choice], after: Sequence[Choice], language: str) -> Iterable[FormDifference]:
    old, new = _by_name(before), _by_name(after)
    for name, choice in new.items():
        if name not in old:
            yield FormDifference(ADDED, "", choice.label_in(language), name)
        else:
            yield from _texts("label", old[name].label, choice.label, language, name)
    for name, choice in old.items():
        if name not in new:
            yield FormDifference(REMOVED, choice.label_in(language), "", name)


def _by_name(choices: Sequence[Choice]) -> dict[str, Choice]:
    """Choices of one name that are told apart by another column stand each for itself."""
    found: dict[str, Choice] = {}
    for choice in choices:
        key = choice.name if choice.name not in found else f"{choice.name} ({len(found) + 1})"
        found[key] = choice
    return found


def _texts(what: str, before: Text, after: Text, language: str, of: str = "") -> Iterable[FormDifference]:
    """At most one: in the reader's language, else in the first in which they differ."""
    pair = [text.get(language_found(text, language), "") for text in (before, after)]
    if pair[0] == pair[1]:
        code = next((c for c in dict.fromkeys([*before, *after]) if before.get(c, "") != after.get(c, "")), "")
        pair = [text.get(code, "") for text in (before, after)]
    if pair[0] != pair[1]:
        yield FormDifference(what, *pair, of=of)

"""The pages on which a form is filled in: a page a group, long groups cut at their inner groups, all in the author's order.

A page is a way of showing. What is stored, reviewed and weighed goes by the section, of which a page is a part; so the pages of a
form may be cut otherwise one day, and every draft stands.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sajad_portal.lib.numbers import persian_digits

from .labels import text_in
from .markup import unmarked
from .page_sources import AsForm, AsGroup

LONGEST = 60  # questions on a page
LONG_ENOUGH = 25  # from so many on, an inner group begins a page of its own
FEW = 5  # so many begin or end a longer page
PART = "~"  # in addresses, before the number of a page; no XML name holds one
NO_SECTION = "-"  # in addresses: the questions outside any group; no XML name starts with a hyphen
HEADS, ROWS, TABLE = "label", ("list-nolabel", "list-no-label"), "table-list"  # appearances of a grid of questions


@dataclass(frozen=True)
class FormPage:
    """`key`: in addresses. `contents`: paths of the questions, in the author's order; of a table (repeat) the path of the repeat.

    `around`: the groups in which all of it lies, outermost first. `part`: its number among the parts of one group, 0 for the only one.
    """

    key: str
    section: str
    contents: tuple[str, ...]
    names: tuple[str, ...]
    tables: tuple[str, ...] = ()
    around: tuple[AsGroup, ...] = ()
    part: int = 0
    place: str = ""  # of a page without a group: first | last | only | further

    def label_in(self, language: str) -> str:
        """The innermost heading that holds for all of it."""
        named = [unmarked(text_in(group.label, language)) for group in self.around]
        label = next((text for text in reversed(named) if text), "") or (self.around[0].name if self.around else "")
        label = label or _of_no_group(self.place)
        if not self.part:
            return label
        number = persian_digits(self.part) if language == "fa" else str(self.part)
        return _("%(label)s (part %(n)s)") % {"label": label, "n": number}

    def above_in(self, language: str) -> str:
        """The headings above its own, where it has any."""
        named = [text for text in (unmarked(text_in(group.label, language)) for group in self.around) if text]
        return " › ".join(named[:-1])


def section_of(key: str) -> str:
    """The section of which that page is a part."""
    section = key.partition(PART)[0]
    return "" if section == NO_SECTION else section


def _of_no_group(place: str) -> str:
    return {
        "only": pgettext("page of a form", "Questions"),
        "first": pgettext("page of a form", "Beginning of the form"),
        "last": pgettext("page of a form", "End of the form"),
    }.get(place) or pgettext("page of a form", "Further questions")


# --------------------------------------------------------------------------------------------------------- the form as a tree
@dataclass
class _Thing:
    """What stays in one piece: a question with the rest of its indicator, or a table."""

    path: str
    names: tuple[str, ...]
    weight: int
    group: str
    is_table: bool = False
    is_told: bool = False  # nobody answers it

    def things(self) -> Iterator["_Thing"]:
        yield self


@dataclass
class _Block:
    """A group, or the rows of a grid."""

    path: str
    inner: list["_Thing | _Block"] = field(default_factory=list)

    @cached_property
    def weight(self) -> int:
        return sum(each.weight for each in self.inner)

    def things(self) -> Iterator[_Thing]:
        for each in self.inner:
            yield from each.things()


def _things(definition: AsForm) -> list[_Thing]:
    """Every question that is shown and every table, in the author's order."""
    tables = {group.path: group for group in definition.groups if group.is_repeat}
    outer = [path for path in tables if not any(path.startswith(f"{other}/") for other in tables)]
    inside = dict.fromkeys(outer, 0)
    for question in definition.questions:
        for path in outer:
            inside[path] += question.path.startswith(f"{path}/")
    found = [
        (tables[path].row, _Thing(path, (), inside[path], path.rpartition("/")[0], is_table=True))
        for path in outer
        if inside[path]
    ]
    cards: dict[tuple[str, str], _Thing] = {}
    for question in definition.shown:
        card = cards.get((question.section, question.indicator)) if question.indicator else None
        if card:
            card.names, card.weight = (*card.names, question.name), card.weight + 1
            continue
        told = not question.indicator and (not question.kind.has_answer or bool(question.calculation))
        thing = _Thing(question.path, (question.name,), 1, question.path.rpartition("/")[0], is_told=told)
        if question.indicator:
            cards[question.section, question.indicator] = thing
        found.append((question.row, thing))
    return [thing for _row, thing in sorted(found, key=lambda each: each[0])]


def _tree(definition: AsForm, grids: dict[str, str]) -> _Block:
    groups = {group.path for group in definition.groups if not group.is_repeat}
    root = _Block(f"/{definition.root}")
    blocks = {root.path: root}
    grid: _Block | None = None
    for thing in _things(definition):
        block = root
        parts = thing.group.split("/")
        for count in range(3, len(parts) + 1):
            path = "/".join(parts[:count])
            if path not in groups:
                continue
            if path not in blocks:
                blocks[path] = _Block(path)
                block.inner.append(blocks[path])
            block = blocks[path]
        row = grids.get(thing.path)
        if row is None:
            grid = None
            block.inner.append(thing)
        elif grid is not None and grid.path == row:
            grid.inner.append(thing)
        else:
            grid = _Block(row, [thing])
            block.inner.append(grid)
    return root


def grids_of(definition: AsForm) -> dict[str, str]:
    """{path of a question: path of the first of its grid}, for the rows of grids and the row that heads one."""
    lists = {group.path for group in definition.groups if TABLE in group.appearance.split()}
    found: dict[str, str] = {}
    begun: tuple[str, str, str] | None = None  # group, list of choices, first path
    for question in definition.shown:
        asked = set(question.appearance.split())
        is_head = HEADS in asked and not question.choices and bool(question.choice_list)
        is_row = bool(question.choices) and not (question.choice_filter or question.choice_seed or question.indicator)
        is_row = is_row and (not asked.isdisjoint(ROWS) or question.group in lists)
        if not is_head and not is_row:
            begun = None
            continue
        here = (question.group, question.choice_list)
        if begun is None or is_head or begun[:2] != here:
            begun = (*here, question.path)
        found[question.path] = begun[2]
    heads = {first for path, first in found.items() if path != first}
    alone = [path for path, first in found.items() if first not in heads]
    for path in alone:
        question = next(each for each in definition.shown if each.path == path)
        if not question.choices:  # a heading without rows is a note
            del found[path]
    return found


# ------------------------------------------------------------------------------------------------------------------- cutting
def _cut(block: _Block) -> list[list[_Thing]]:
    """The block in pieces of at most LONGEST questions, each a page. (Only a table or an indicator may be longer.)"""
    if block.weight <= LONGEST:
        return [list(block.things())]
    pieces: list[list[_Thing]] = []
    now: list[_Thing] = []
    for inner in block.inner:
        if isinstance(inner, _Block) and inner.weight > LONGEST:
            few = now if _weight(now) <= FEW else []
            pieces += [now] if now and not few else []
            parts = _cut(_Block(inner.path, [*few, *inner.inner]))
            pieces += parts[:-1]
            now = parts[-1]
            if _weight(now) > FEW:
                pieces, now = [*pieces, now], []
            continue
        full = _weight(now) + inner.weight > LONGEST
        if now and (full or (isinstance(inner, _Block) and _weight(now) >= LONG_ENOUGH)):
            pieces, now = [*pieces, now], []
        now = [*now, *inner.things()]
    if now and pieces and _fits(now, pieces[-1], FEW):
        pieces[-1] = [*pieces[-1], *now]
    elif now:
        pieces.append(now)
    return pieces


def _weight(things: Iterable[_Thing]) -> int:
    return sum(thing.weight for thing in things)


def _fits(few: Sequence[_Thing], piece: Sequence[_Thing], most: int) -> bool:
    return _weight(few) <= most and _weight(few) + _weight(piece) <= LONGEST


def pages_of(definition: AsForm, grids: dict[str, str]) -> tuple[FormPage, ...]:
    """Every page of a form, in the author's order. `grids`: as `grids_of` finds them."""
    pieces: list[tuple[str, list[_Thing]]] = []
    loose: list[_Thing] = []
    root = _tree(definition, grids)
    sections = {group.path: group.section for group in definition.groups if group.is_repeat}

    def close() -> None:
        if loose:
            pieces.extend(("", piece) for piece in _cut(_Block(root.path, list(loose))))
            loose.clear()

    for inner in root.inner:
        if isinstance(inner, _Block) and inner.path != inner.inner[0].path:  # a grid is called as its first row
            close()
            pieces += [(inner.path.rsplit("/", 1)[-1], piece) for piece in _cut(inner)]
        elif isinstance(inner, _Thing) and inner.is_table:
            close()
            pieces.append((sections.get(inner.path, ""), [inner]))
        else:
            loose.extend(inner.things())
    close()
    return _numbered(definition, _notes_beside(pieces))


def _notes_beside(pieces: list[tuple[str, list[_Thing]]]) -> list[tuple[str, list[_Thing]]]:
    """What is only told between two groups, such as a word of thanks, ends the page before; at the start it begins the first."""
    found: list[tuple[str, list[_Thing]]] = []
    waiting: list[_Thing] = []
    for section, things in pieces:
        told = section == "" and all(thing.is_told for thing in things)
        if told and found and _fits(things, found[-1][1], LONG_ENOUGH):
            found[-1] = (found[-1][0], [*found[-1][1], *things])
        elif told and not found and not waiting:
            waiting = things
        elif waiting and _fits(waiting, things, LONG_ENOUGH):
            found.append((section, [*waiting, *things]))
            waiting = []
        else:
            found += [("", waiting)] if waiting else []
            found.append((section, things))
            waiting = []
    return [*found, *([("", waiting)] if waiting else [])]


def _numbered(definition: AsForm, pieces: list[tuple[str, list[_Thing]]]) -> tuple[FormPage, ...]:
    groups = {group.path: group for group in definition.groups}
    around = [_around(groups, section, things) for section, things in pieces]
    only = not any(around)
    places = [
        "" if each else "only" if only else {0: "first", len(pieces) - 1: "last"}.get(number, "further")
        for number, each in enumerate(around)
    ]
    titles = [
        place or max((group.path for group in each if group.label), key=len, default=each[0].path if each else "")
        for place, each in zip(places, around, strict=True)
    ]
    pages: list[FormPage] = []
    count: dict[str, int] = {}
    for number, (section, things) in enumerate(pieces):
        count[section] = count.get(section, 0) + 1
        address = section or NO_SECTION
        title = titles[number]
        pages.append(
            FormPage(
                key=address if count[section] == 1 else f"{address}{PART}{count[section]}",
                section=section,
                contents=tuple(thing.path for thing in things),
                names=tuple(name for thing in things for name in thing.names),
                tables=tuple(thing.path for thing in things if thing.is_table),
                around=around[number],
                part=titles[: number + 1].count(title) if titles.count(title) > 1 else 0,
                place=places[number],
            )
        )
    return tuple(pages)


def _around(groups: dict[str, AsGroup], section: str, things: list[_Thing]) -> tuple[AsGroup, ...]:
    """The groups that hold every thing of a page; of notes beside a section's own questions nothing is asked."""
    if len(things) == 1 and things[0].is_table and things[0].path in groups:
        shared = things[0].path.split("/")
    else:
        shared = _shared([thing.group.split("/") for thing in things if not section or thing.group.count("/") > 1])
    paths = ["/".join(shared[:count]) for count in range(3, len(shared) + 1)]
    return tuple(groups[path] for path in paths if path in groups)


def _shared(paths: list[list[str]]) -> list[str]:
    found = paths[0]
    for path in paths[1:]:
        same = 0
        while same < min(len(found), len(path)) and found[same] == path[same]:
            same += 1
        found = found[:same]
    return found


class Paging:
    """The pages of a form and what stands on each, sorted out once."""

    def __init__(self, definition: AsForm) -> None:
        self.grids = grids_of(definition)
        self.pages = pages_of(definition, self.grids)
        self.by_key = {page.key: page for page in self.pages}
        self._by_name = {name: page.key for page in self.pages for name in page.names}
        self._by_table = {path: page.key for page in self.pages for path in page.tables}
        for question in definition.questions:
            for path, key in self._by_table.items():
                if question.path.startswith(f"{path}/"):
                    self._by_name[question.name] = key
        self._sections = {question.name: question.section for question in definition.questions}
        self._by_code: dict[str, str] = {}
        for question in definition.shown:
            if question.indicator:
                self._by_code.setdefault(question.indicator, self._by_name[question.name])

    def place_of_table(self, path: str) -> str:
        """The key of the page on which the table at that path stands, or the one around it."""
        return next((key for outer, key in self._by_table.items() if f"{path}/".startswith(f"{outer}/")), "")

    def place_of(self, name: str) -> str:
        """The key of the page on which a question or an indicator stands, else of the first page of its section."""
        found, section = self._by_name.get(name) or self._by_code.get(name), self._sections.get(name, "")
        first = self.pages[0].key if self.pages else ""
        return found or next((page.key for page in self.pages if page.section == section), first)

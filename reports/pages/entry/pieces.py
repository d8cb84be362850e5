"""The parts of the entry page that change while somebody types, and which of them an autosave has to bring.

A page carries a *shown* mark: a few letters for each part, made of what the part is drawn from. An autosave sends it along and
gets the parts whose letters would be others now, whatever changed them: what was typed, what a colleague wrote, a rule of the
form, the clock. Without a mark, or with one of a page that was put together otherwise, everything comes.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from .section import Card, Field, Words
from .tables import RowCard, TableCard

LETTERS = 4  # 24 bits: one change in 16 million looks as if nothing had changed
HEAD = 8


@dataclass(frozen=True)
class PagePart:
    """`template` names the macro that draws it (reports/entry/_outcome.html), `drawn_from` is all that it prints of what may change.
    One without a template is told in the answer's state."""

    id: str
    template: str
    drawn_from: object
    card: Card | None = None
    table: TableCard | None = None
    row: RowCard | None = None
    field: Field | None = None
    words: Words | None = None
    section: Mapping | None = None
    number: int = 0

    @property
    def element(self) -> str:
        """The id that it has on the page."""
        return self.id.partition(":")[0]


@dataclass(frozen=True)
class Lines:
    """How the list of what is missing becomes the new one: ids that go, and (where, id of the neighbour, new line)."""

    gone: list[str]
    new: list[tuple[str, str, Mapping]]


@dataclass(frozen=True)
class Difference:
    pieces: list[PagePart]
    lines: Lines | None
    fields: set[str] | None  # names of fields and codes of cards whose state is told; None: of all
    shown: str


def shown_of(context: Mapping[str, Any]) -> str:
    """The mark of a page that was put together from `context`."""
    return _mark(list(_pieces(context)), context["todo"])


def difference(context: Mapping[str, Any], shown: str) -> Difference:
    """What a page with the mark `shown` lacks of `context`."""
    pieces, todo = list(_pieces(context)), context["todo"]
    now = _mark(pieces, todo)
    had, had_lines = _read(shown, pieces)
    if had is None:
        rest = [piece for piece in pieces if piece.template and not piece.section]
        return Difference([PagePart("rail", "_rail", ()), *rest, _whole_list(context)], None, None, now)
    changed = [piece for piece, letters in zip(pieces, had, strict=True) if letters != _letters(piece.drawn_from)]
    lines = _lines(had_lines, todo)
    swapped = [piece for piece in changed if piece.template]
    if lines is None:
        swapped.append(_whole_list(context))
    told = {piece.id.partition(":")[2] for piece in changed}
    return Difference(swapped, lines, told, now)


# ---------------------------------------------------------------------------------------------------------- the parts
def _pieces(context: Mapping[str, Any]) -> Iterator[PagePart]:
    """In the order of the page; the same parts as long as the form, its sections and its files of figures stand."""
    here = context["here"]
    yield PagePart("todo-button", "_todo_button", context["left"])
    yield PagePart("missing-count", "_missing_count", (context["left"], context["errors"]))
    about = (context["number"], len(context["sections"]), context["weight"], context["weights"], here.done, here.total)
    yield PagePart("section-meta", "_meta", about)
    yield PagePart("bar-state", "_state", str(context["report"].status))
    for number, section in enumerate(context["sections"], 1):
        yield PagePart(f"rail-{number}", "_rail_item", sorted(section.items()), section=section, number=number)
    sheet = context["sheet"]
    for table in sheet.tables:
        yield from _pieces_of_table(table)
    for card in sheet.cards:
        yield from _pieces_of(card)
    for part in sheet.parts:
        yield PagePart(f"state-{part.id}:{part.id}", "", part.relevant)
        if part.live:
            yield PagePart(f"words-{part.id}:{part.id}", "_said", part.words.html, words=part.words)
    for item in sheet.fields:
        if item.live and item.words and item.control != "output":
            yield PagePart(f"words-{item.id}:{item.name}", "_said", item.words.html, words=item.words)
            if item.hinted:
                yield PagePart(f"hint-{item.id}:{item.name}", "_said", item.hinted.html, words=item.hinted)
        if item.turns:
            yield PagePart(f"asked-{item.id}:{item.name}", "_asked", item.required, field=item)
        if item.locks:
            yield PagePart(f"lock-{item.id}:{item.name}", "", item.editable)
        if item.control == "output":
            words = item.amount.text if item.amount else ""
            yield PagePart(f"calc-{item.id}:{item.name}", "_output", (item.label, words, item.relevant), field=item)
            continue
        wrong = bool(item.error)
        options = [(value, text) for value, text, _chosen in item.options] if item.control == "select" else None
        yield PagePart(f"state-{item.id}:{item.name}", "", (item.relevant, wrong, options))
        if item.control not in ("note", "file"):
            yield PagePart(f"e-{item.id}:{item.name}", "_error", (item.error, item.readings), field=item)
            yield PagePart(f"clash-{item.id}:{item.name}", "_clash", item.clash, field=item)


def _pieces_of_table(table: TableCard) -> Iterator[PagePart]:
    """The whole table where rows came, went or moved; else its rows’ names. Other pages of the section swap nothing but these."""
    yield PagePart(table.id, "_table", table.shape, table=table)
    for row in table.all_rows:
        yield PagePart(f"h-{row.id}", "_row_name", row.label, row=row)


def _pieces_of(card: Card) -> Iterator[PagePart]:
    code = card.code
    shown_doubt = bool(card.doubt or card.comment.value)
    yield PagePart(f"state-{code}:{code}", "", (card.relevant, card.status, shown_doubt))
    yield PagePart(f"chip-{code}:{code}", "_chip", card.status, card=card)
    if card.by_portal:
        return
    if card.is_fraction:
        tone = "bad" if card.status == "error" else "warn" if card.doubt else ""
        yield PagePart(f"out-{code}:{code}", "_quot", (tone, card.amount), card=card)
    earns = card.earns if card.tells_earnings else None
    yield PagePart(f"earns-{code}:{code}", "_earns", earns and (earns.is_open, earns.points, earns.weight), card=card)
    if card.past:
        yield PagePart(f"hist-{code}:{code}", "_hist", (card.label, card.amount, card.trend), card=card)
    yield PagePart(f"doubt-{code}:{code}", "_doubt", card.doubt, card=card)


def _whole_list(context: Mapping[str, Any]) -> PagePart:
    return PagePart("missing", "_missing", context["todo"])


# ----------------------------------------------------------------------------------------------------------- the mark
def _letters(of: object) -> str:
    return urlsafe_b64encode(blake2b(repr(of).encode(), digest_size=6).digest()).decode()[:LETTERS]


def _head(pieces: list[PagePart]) -> str:
    """Which parts there are."""
    ids = " ".join(piece.id for piece in pieces)
    return blake2b(ids.encode(), digest_size=HEAD // 2).hexdigest()


def _mark(pieces: list[PagePart], todo: list[dict]) -> str:
    parts = "".join(_letters(piece.drawn_from) for piece in pieces)
    return f"{_head(pieces)}.{parts}.{''.join(line['key'] for line in todo)}"


def _read(shown: str, pieces: list[PagePart]) -> tuple[list[str] | None, list[str]]:
    """The letters of each part and of each line that is missing; None where the page has other parts."""
    head, parts, lines = [*shown.split("."), "", ""][:3]
    if head != _head(pieces) or len(parts) != LETTERS * len(pieces):
        return None, []
    return _cut(parts), _cut(lines)


def _cut(text: str) -> list[str]:
    return [text[n : n + LETTERS] for n in range(0, len(text), LETTERS)]


# ------------------------------------------------------------------------------------------- the list of what is missing
def line_key(line: Mapping[str, Any]) -> str:
    """What tells a line from every other, in its id and in the mark."""
    return _letters((line["kind"], line["url"], line["label"], line["message"], line["here"]))


def _lines(had: list[str], todo: list[dict]) -> Lines | None:
    """None where the list is better written anew: it begins or ends, or its lines stand otherwise."""
    keys = [line["key"] for line in todo]
    if had == keys:
        return Lines([], [])
    if not had or not keys or len(set(keys)) < len(keys) or len(set(had)) < len(had):
        return None
    stay = set(had) & set(keys)
    if not stay or [key for key in had if key in stay] != [key for key in keys if key in stay]:
        return None
    new: list[tuple[str, str, Mapping]] = []
    for number, line in enumerate(todo):
        if line["key"] not in stay:
            where = ("afterend", f"todo-{keys[number - 1]}") if number else ("afterbegin", "todo-list")
            new.append((*where, line))
    return Lines([f"todo-{key}" for key in had if key not in stay], new)

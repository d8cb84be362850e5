"""What changed between two texts, word by word. Pure."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

# A word with its marks and half-spaces, a line break, or a sign; what follows it of spaces belongs to it.
_TOKEN = re.compile(r"(\n|[\w\u200c\u064b-\u0655\u0670]+|[^\w\s])([^\S\n]*)")

SAME, ADDED, REMOVED = "same", "added", "removed"


@dataclass(frozen=True)
class Piece:
    """A run of words. `kind`: same | added | removed."""

    kind: str
    text: str


def diff_words(old: str, new: str) -> list[Piece]:
    """The runs in reading order; where words were replaced, the removed run stands before the added one."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    matcher = SequenceMatcher(None, [word for word, _ in before], [word for word, _ in after], autojunk=False)
    found: list[Piece] = []
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            found.append(Piece(SAME, _joined(after[k:m])))
            continue
        found += _run(REMOVED, _joined(before[i:j])) + _run(ADDED, _joined(after[k:m]))
    return found


def _run(kind: str, text: str) -> list[Piece]:
    """A mark stands on the line of its first word, so a line break before it is outside."""
    said = text.lstrip("\n")
    lead = [Piece(SAME, text[: len(text) - len(said)])] if len(said) < len(text) else []
    return lead + ([Piece(kind, said)] if said else [])


def words(pieces: list[Piece], kind: str) -> int:
    """How many words the runs of one kind hold; signs are not counted."""
    return sum(len(re.findall(r"[\w\u200c\u064b-\u0655\u0670]+", piece.text)) for piece in pieces if piece.kind == kind)


def _joined(tokens: list[tuple[str, str]]) -> str:
    return "".join(word + space for word, space in tokens)

"""What changed between two versions of an agreement, clause by clause."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from ..enums import DisputeRule
from ..models import AgreementSection, AgreementVersion
from ..text.diff import ADDED, REMOVED, SAME, Piece, diff_words, words
from ..text.richtext import plain_words

NEW, GONE, MOVED, CHANGED, MARKUP, AS_WAS = "new", "gone", "moved", "changed", "markup", "as_was"


@dataclass(frozen=True)
class Clause:
    """One clause of the two texts. `kind`: new | gone | moved | changed | markup (only bold, lists, links) | as_was.

    `english`: the same comparison of the English text, empty where it did not change.
    """

    key: str
    kind: str
    heading: list[Piece]
    body: list[Piece]
    english: list[Piece]

    @property
    def added(self) -> int:
        return words(self.heading, ADDED) + words(self.body, ADDED)

    @property
    def removed(self) -> int:
        return words(self.heading, REMOVED) + words(self.body, REMOVED)


def compare_versions(old: AgreementVersion, new: AgreementVersion) -> list[Clause]:
    """Header clause, dispute rule, then the sections in the order of `new`; those that it dropped stand where they stood."""
    before = {section.key: section for section in old.sections.all()}
    after = {section.key: section for section in new.sections.all()}
    found = [_header(old, new), _rule(old, new)]
    moved = _moved(list(before), list(after))
    gone = [key for key in before if key not in after]
    places = {key: number for number, key in enumerate(before)}
    for key in after:
        if key in places:
            while gone and places[gone[0]] < places[key]:
                found.append(_clause(before[gone.pop(0)], None, False))
        found.append(_clause(before.get(key), after[key], key in moved))
    return found + [_clause(before[key], None, False) for key in gone]


def _header(old: AgreementVersion, new: AgreementVersion) -> Clause:
    body, english = diff_words(_header_text(old), _header_text(new)), []
    if _header_english(old) != _header_english(new):
        english = diff_words(_header_english(old), _header_english(new))
    kind = CHANGED if english or _differs(body) else AS_WAS
    return Clause("introduction", kind, [Piece(SAME, _("Introduction"))], body, english)


def _header_text(version: AgreementVersion) -> str:
    header = version.header
    lines = (
        (_("Service / process"), header.service_title),
        (_("Definition of the service"), header.definition),
        (_("Recipient"), header.recipients),
        (_("Provider"), header.provider_name),
        (_("Single window of the organization’s smart services"), header.window),
    )
    return "\n".join(f"{name}: {said}" for name, said in lines)


def _header_english(version: AgreementVersion) -> str:
    header = version.header
    return "\n".join(
        (header.service_title_en, header.definition_en, header.recipients_en, header.provider_name_en)
    ).strip()


def _rule(old: AgreementVersion, new: AgreementVersion) -> Clause:
    body = diff_words(str(DisputeRule(old.dispute_rule).label), str(DisputeRule(new.dispute_rule).label))
    heading = [Piece(SAME, _("How the month of negotiation is counted"))]
    return Clause("dispute-rule", CHANGED if _differs(body) else AS_WAS, heading, body, [])


def _clause(before: AgreementSection | None, after: AgreementSection | None, moved: bool) -> Clause:
    key = (after or before).key  # type: ignore[union-attr]
    heading = diff_words(before.heading if before else "", after.heading if after else "")
    body = diff_words(plain_words(before.body) if before else "", plain_words(after.body) if after else "")
    old_english, new_english = _english(before), _english(after)
    english = diff_words(old_english, new_english) if old_english != new_english else []
    if before is None or after is None:
        kind = NEW if before is None else GONE
    elif _differs(heading) or _differs(body) or english:
        kind = CHANGED
    elif moved:
        kind = MOVED
    else:
        kind = AS_WAS if (before.body, before.body_en) == (after.body, after.body_en) else MARKUP
    return Clause(key, kind, heading, body, english)


def _english(section: AgreementSection | None) -> str:
    return f"{section.heading_en}\n{plain_words(section.body_en)}".strip() if section else ""


def _differs(pieces: list[Piece]) -> bool:
    return any(piece.kind != SAME for piece in pieces)


def _moved(before: list[str], after: list[str]) -> set[str]:
    """The fewest keys that must have moved: those outside the longest run that both orders share."""
    shared = [key for key in after if key in before]
    best: list[list[str]] = []
    for number, key in enumerate(shared):
        runs = [best[i] for i in range(number) if before.index(best[i][-1]) < before.index(key)]
        best.append([*max(runs, key=len, default=[]), key])
    kept: list[str] = max(best, key=len, default=[])
    return set(shared) - set(kept)

"""The canonical text of an agreement version: what its hash is taken over, and what a head accepts."""

from collections.abc import Iterable, Sequence
from datetime import date

from sajad_portal.lib.canonical import canonical_json, sha256_of

SECTION_FIELDS = ("key", "heading", "body", "heading_en", "body_en")


def text_hash(number: int, edited_on: date, dispute_rule: str, header: Sequence[str], sections: Iterable) -> str:
    """SHA-256 (hex) over version number, last edit, dispute rule, header clause and sections in order, as canonical JSON.

    `header`: the texts of `Header.as_list()`. `sections`: anything with the attributes of SECTION_FIELDS, ordered.
    """
    whole = {
        "version": number,
        "edited_on": edited_on.isoformat(),
        "dispute_rule": str(dispute_rule),
        "header": list(header),
        "sections": [[getattr(section, name) for name in SECTION_FIELDS] for section in sections],
    }
    return sha256_of(canonical_json(whole))


def hash_of(version) -> str:
    """The hash that the version's stored text gives now; equal to its `text_hash` unless somebody went round the portal."""
    return text_hash(
        version.number, version.edited_on, version.dispute_rule, version.header.as_list(), version.sections.all()
    )


def digest_of(section) -> str:
    """A short mark of a section's present text: what tells that somebody else has changed it meanwhile."""
    return sha256_of(canonical_json([getattr(section, name) for name in SECTION_FIELDS]))[:16]

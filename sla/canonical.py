"""The canonical text of an agreement version: what its hash is taken over, and what a head accepts."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date

SECTION_FIELDS = ("key", "heading", "body", "heading_en", "body_en")


def text_hash(number: int, edited_on: date, dispute_rule: str, sections: Iterable) -> str:
    """SHA-256 (hex) over version number, last edit, dispute rule and the sections in their order, as canonical JSON.

    `sections`: anything with the attributes of SECTION_FIELDS, ordered.
    """
    whole = {
        "version": number,
        "edited_on": edited_on.isoformat(),
        "dispute_rule": str(dispute_rule),
        "sections": [[getattr(section, name) for name in SECTION_FIELDS] for section in sections],
    }
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

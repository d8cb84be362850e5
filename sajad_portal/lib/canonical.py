"""One text for one value, whichever database it was read from: what hashes are taken over."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any


def canonical_json(body: object) -> str:
    """JSON in one spelling: keys in order, no blanks, letters as they are. Numbers as they came."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256_of(text: str) -> str:
    """SHA-256, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def row_digest(names: Sequence[str], values: Sequence[Any]) -> bytes:
    """SHA-256 (32 bytes) over the canonical JSON of a stored row: {column: value}.

    Instants in UTC to the microsecond, decimals as text, and a whole number without its `.0`: PostgreSQL keeps 1e2 inside a
    JSON value as 100, SQLite as it was written. TypeError for a kind of value that no sealed table has.
    """
    named = {name: _plain(value) for name, value in zip(names, values, strict=True)}
    return hashlib.sha256(canonical_json(named).encode()).digest()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")

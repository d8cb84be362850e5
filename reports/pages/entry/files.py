"""Files as pages list them."""

from collections.abc import Iterable
from pathlib import PurePath

from ...models import Evidence
from .shown import Stored


def stored_files(evidence: Iterable[Evidence]) -> list[Stored]:
    return [
        Stored(
            item.pk,
            item.name,
            PurePath(item.name).suffix[1:],
            item.size,
            item.uploaded_by.get_full_name(),
            item.uploaded_at,
        )
        for item in evidence
    ]

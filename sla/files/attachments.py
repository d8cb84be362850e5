"""Files beside a message of a dispute: what may be attached."""

from collections.abc import Sequence

from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.files import Inspected, inspect

MOST = 5


def megabytes() -> int:
    """How large a file may be: what pages say before anybody chooses one."""
    return settings.EVIDENCE_MAX_BYTES // (1024 * 1024)


def inspect_all(files: Sequence[File]) -> list[tuple[File, Inspected]]:
    """Each file with what it is. Refused for too many, or as `lib.files.inspect` refuses."""
    if len(files) > MOST:
        raise Refused(
            _("A message takes %(most)s files at most. Send the rest with another message.") % {"most": MOST},
            code="too-many-files",
        )
    return [(file, inspect(file, max_bytes=settings.EVIDENCE_MAX_BYTES)) for file in files]

"""Files of a general request: checked by their content, counted into the unit's room together."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files import File
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.files import Inspected
from sajad_portal.lib.numbers import local_digits
from sajad_portal.lib.text import normalise
from units.models import Person, Unit

from ..models import GeneralRequest, RequestFile, RequestMessage
from ..queries.requests import file_room

MOST_FILES = 20  # of one request and its thread, so that nobody fills a unit's room with one


def attach(
    general: GeneralRequest, inspected: Sequence[tuple[File, Inspected]], *, at: datetime, by: Person,
    message: RequestMessage | None = None,
) -> None:  # fmt: skip
    """Part of a verb: keep these files. Refused (`too-many-files`, `no-room`) as a whole.

    The unit's row is held while its room is counted: two requests of one unit do not share the last of it.
    """
    if not inspected:
        return
    Unit.objects.select_for_update(no_key=True).get(pk=general.unit_id)
    if general.files.count() + len(inspected) > MOST_FILES:
        said = _("A request takes %(most)s files at most. Put what is left into one file.")
        raise Refused(said % {"most": local_digits(MOST_FILES)}, code="too-many-files")
    room = file_room(general.unit)
    if not room.takes(sum(found.size for _upload, found in inspected), len(inspected)):
        said = _(
            "There is no room for these files: the open requests of your unit hold %(used)s of %(most)s MB. Take out a file that is not needed, or wait a moment: the coordinators of the provider have been told and can give more room at once. What you wrote is kept."
        )
        told = {"used": local_digits(-(-room.size // 2**20)), "most": local_digits(room.most // 2**20)}
        raise Refused(said % told, code="no-room")
    for upload, found in inspected:
        upload.name = found.name
        RequestFile.objects.create(
            general=general, message=message, name=found.name, file=upload, media_type=found.media_type,
            size=found.size, sha256=found.sha256, added_at=at, added_by=by,
        )  # fmt: skip


def just_sent(
    general: GeneralRequest, by: Person, text: str, inspected: Sequence[tuple[File, Inspected]]
) -> RequestMessage | None:
    """The last message of the thread, where it is this very one: its answer was lost, or the page was sent again."""
    last = general.messages.order_by("-pk").first()
    if last is None or last.by_id != by.pk or last.text != normalise(text):
        return None
    sent = sorted((found.name, found.sha256) for _upload, found in inspected)
    return last if sorted(last.files.values_list("name", "sha256")) == sent else None

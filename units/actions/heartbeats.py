"""Workers and beat say that they live. No Event: nothing changed, and only the last word counts."""

import logging

from django.db import DatabaseError

from sajad_portal.lib.clock import database_now

from ..enums import BackgroundPart
from ..models import Heartbeat

logger = logging.getLogger(__name__)


def say_alive(*, part: BackgroundPart | str) -> bool:
    """Write the row of this part, or of a sweep by its name in `sajad_portal.sweeps.PARTS`. False where the database does not take it: whoever speaks has other work to do."""
    try:
        Heartbeat.objects.update_or_create(part=part, defaults={"at": database_now()})
    except DatabaseError as error:
        logger.warning("The heartbeat of %s was not written: %s", part, type(error).__name__)
        return False
    return True

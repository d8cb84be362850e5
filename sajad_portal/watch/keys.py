"""A wrong FIELD_KEY ends the process at its start: silently it would show no national code and find nobody by theirs."""

import logging

from django.db import DatabaseError, InterfaceError

from sajad_portal.start import end_process
from units.queries.field_keys import wrong_field_key

from .brief import brief_database

logger = logging.getLogger(__name__)


def insist_on_field_key() -> None:
    """A database that does not answer, or has no tables yet, says nothing about the key."""
    try:
        with brief_database():
            said = wrong_field_key()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("Whether FIELD_KEY is the right one was not seen: %s", type(error).__name__)
        return
    if said:
        end_process(said)

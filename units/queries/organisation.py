"""Whose portal this is, as every page asks it: kept in the process for a little, so that no page pays for it.

Another process hears of a change within KEPT seconds; the one that made it at once (`forget`, after the commit).
"""

import base64
import logging
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _

from ..models import Organisation
from ..models.organisation import ONLY_ROW

logger = logging.getLogger(__name__)


@dataclass
class _Kept:
    row: Organisation | None = None
    until: float = 0.0  # by the process's monotonic clock


_kept = _Kept()


def organisation() -> Organisation:
    """The organisation; one without any name where nobody has written it yet. Where the database does not answer, what was
    known last."""
    if _kept.row is None or time.monotonic() >= _kept.until:
        try:
            _kept.row = stored_organisation() or Organisation()
        except DatabaseError as error:
            logger.warning("Whose portal this is could not be asked: %s", type(error).__name__)
            _kept.row = _kept.row or Organisation()
        _kept.until = time.monotonic() + settings.ORGANISATION_KEPT
    return _kept.row


def forget() -> None:
    """The next one who asks looks again."""
    _kept.row, _kept.until = None, 0.0


def stored_organisation() -> Organisation | None:
    return Organisation.objects.filter(pk=ONLY_ROW).first()


def portal_name(*, kept: bool = False) -> str:
    """What the portal is called in one word, in the page's language. `kept`: as far as the process knows, asking nobody."""
    row = _kept.row if kept else organisation()
    return (row.portal_here if row else "") or _("Portal")


def logo_data() -> str:
    """The logo as an address that holds it, for papers: they fetch nothing. Empty where there is none."""
    row = organisation()
    if not row.logo:
        return ""
    try:
        with row.logo.open("rb") as file:
            return f"data:image/png;base64,{base64.b64encode(file.read()).decode()}"
    except OSError:
        logger.warning("The logo %s is not in the store.", row.logo.name)
        return ""

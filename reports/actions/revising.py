"""Another version of an announced result: a coordinator of the provider corrects findings, with a reason."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from units.models import Person

from ..models import Report, ResultVersion
from .locking import require_reason
from .objections import typed_changes
from .results import announce_result
from .review import TypedFinding


def revise_result(*, report: Report, typed: Mapping[str, TypedFinding], reason: str, by: Person) -> ResultVersion:
    """Announce a version in which the findings of `typed` {indicator: finding} replace those that stand.

    OfferRefused (nothing stored) for values that cannot be read; otherwise as `announce_result` with changes.
    """
    if not typed:
        raise Refused(_("Nothing differs from the version that stands. Change at least one value."), code="no-change")
    reason = require_reason(reason)
    with transaction.atomic():
        changes = typed_changes(report, typed, reason=reason, by=by, at=database_now())
        return announce_result(report=report, by=by, reason=reason, changes=changes)

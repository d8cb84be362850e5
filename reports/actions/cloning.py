"""The next period's draft, made of a call."""

from datetime import timedelta

from sajad_portal.lib import periods
from sla.queries import current_agreement
from units.models import Person

from ..models import Call, FormVersion
from .calls import clone_call


def clone_for_next_period(*, call: Call, by: Person) -> Call:
    """A draft for the period after the call's, its instants as far from the period's end as before.

    It stands on the newest usable version of the form and on the agreement in force: the terms of a new call are today's.
    """
    period = periods.following(
        periods.Period(periods.PeriodKind(call.period_kind), call.period_code, call.period_starts, call.period_ends)
    )
    shift = timedelta(days=(period.ends - call.period_ends).days)
    newest = FormVersion.objects.filter(form=call.form_version.form_id, confirmed_at__isnull=False).order_by("-number")
    before = periods.label(call.period_kind, call.period_starts, call.period_ends)
    return clone_call(
        call=call,
        by=by,
        shift=shift,
        title=call.title.replace(before, period.label()),
        period_code=period.code,
        period_starts=period.starts,
        period_ends=period.ends,
        form_version=newest.defer("definition", "summary").first() or call.form_version,
        agreement=current_agreement(call.service) or call.agreement,
    )

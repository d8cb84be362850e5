"""The working calendar: holidays seeded from the official ones, closures added, mistakes mended. A deadline that was handed
out keeps its instant, whatever changes here; only what is computed afterwards, and reported working time, sees it.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.jalali import format_date, to_jalali
from sajad_portal.lib.numbers import local_number
from sajad_portal.lib.text import normalise
from units.actions.events import record
from units.models import Event, Membership, Person

from .. import rules
from ..calendar.holidays_iran import official_holidays
from ..enums import AgreementVerb
from ..files.holidays import read_days_off
from ..models import Holiday, WorkingWeek
from ..queries import clocks_over, stopped_over
from ..queries.weeks import calendar_with, earliest_start, weeks_known


def add_holiday(*, day: date, title: str, by: Person, title_en: str = "", source: str = "closure") -> Holiday:
    """A day off. `source`: `closure` (announced) or `calendar` (official). Refused for a day that is off already."""
    title = normalise(title)
    if not title:
        raise Refused(_("Write why the day is off, such as “closed for air pollution”."), code="no-title")
    with transaction.atomic():
        at = database_now()
        membership = _keeper(by, at)
        try:
            with transaction.atomic():
                holiday = Holiday.objects.create(
                    day=day, title=title, title_en=normalise(title_en), source=source, added_at=at, added_by=by
                )
        except IntegrityError as error:
            raise Refused(
                _("%(day)s is a day off already.") % {"day": format_date(day, "long")}, code="holiday-exists"
            ) from error
        record(
            AgreementVerb.ADD, noun="holiday", key=day.isoformat(), at=at, by=by, membership=membership,
            data={"title": title, "source": source, "clocks": clocks_over(day, at)},
        )  # fmt: skip
        return holiday


def set_working_week(
    *, starts: date, weekend: Iterable[int], opens: int, closes: int, by: Person
) -> WorkingWeek | None:
    """From `starts` on these days of the week are off (Python's numbers) and these are the working hours.

    Only from a day that has not been measured by (`earliest_start`), so that no figure, stopped clock or deadline moves. None
    where they hold from that day already. Raises Forbidden; Refused (`no-working-day`, `bad-hours`, `week-in-the-past`).
    """
    days = sorted(set(weekend))
    if not set(days) < set(range(7)):
        raise Refused(_("At least one day of the week is a working day."), code="no-working-day")
    if not 0 <= opens < closes <= 24:
        raise Refused(_("Working hours run from an hour to a later one, from 0 to 24."), code="bad-hours")
    with transaction.atomic():
        at = database_now()
        membership = _keeper(by, at)
        known = weeks_known()
        before = calendar_with({}, known)
        same = (before.weekend_on(starts), before.hours_on(starts)) == (frozenset(days), (opens, closes))
        if same and any(row.starts <= starts for row in known) and not any(row.starts > starts for row in known):
            return None
        first = earliest_start(at)
        if starts < first:
            said = _(
                "Time before %(day)s has been counted by the present calendar and stays as it was counted. Choose that day or a later one."
            )
            raise Refused(said % {"day": format_date(first, "long")}, code="week-in-the-past")
        week = WorkingWeek.objects.create(
            starts=starts, weekend="".join(map(str, days)), opens=opens, closes=closes, set_at=at, set_by=by
        )
        record(
            AgreementVerb.SET_WEEK, noun="working_week", key=starts.isoformat(), at=at, by=by, membership=membership,
            data={"weekend": days, "hours": [opens, closes]},
        )  # fmt: skip
        return week


def remove_holiday(*, holiday: Holiday, by: Person, reason: str) -> None:
    """Make it a working day again, with a reason. A later seeding does not bring it back."""
    reason = normalise(reason)
    if len(reason) < 3:
        raise Refused(_("Write why this is a working day after all."), code="no-reason")
    with transaction.atomic():
        at = database_now()
        membership = _keeper(by, at)
        day, title, source = holiday.day, holiday.title, holiday.source
        if stopped := stopped_over(holiday):
            said = ngettext(
                "The time of %(n)s request that is answered was counted with this day off, and stays as it was published. The day stays off.",
                "The times of %(n)s requests that are answered were counted with this day off, and stay as they were published. The day stays off.",
                stopped,
            )
            raise Refused(said % {"n": local_number(stopped)}, code="counted-already")
        if not Holiday.objects.filter(pk=holiday.pk).delete()[0]:
            return  # somebody was quicker
        record(
            AgreementVerb.REMOVE, noun="holiday", key=day.isoformat(), at=at, by=by, membership=membership,
            data={"title": title, "source": source, "reason": reason, "clocks": clocks_over(day, at)},
        )  # fmt: skip


def seed_holidays(*, years: Iterable[int], by: Person | None) -> int:
    """Add the official holidays of these Jalali years; returns how many are new. `by=None`: the set-up.

    Days that are off already stay as they are, and a day that somebody made a working day stays one.
    """
    with transaction.atomic():
        at = database_now()
        membership = _keeper(by, at) if by is not None else None
        official = [holiday for year in sorted(set(years)) for holiday in official_holidays(year)]
        mended = set(Event.objects.filter(noun="holiday", verb=AgreementVerb.REMOVE).values_list("key", flat=True))
        rows = [
            Holiday(day=h.day, title=h.title, title_en=h.title_en, source="calendar", added_at=at, added_by=by)
            for h in official
            if h.day.isoformat() not in mended
        ]
        return _add_many(rows, at, by, membership)


def import_days_off(*, data: bytes, by: Person | None) -> int:
    """Add the days of a file; returns how many are new. Days that are off already stay as they are.

    Raises Forbidden, and FileRefused with every row that is wrong; then nothing is stored.
    """
    found = read_days_off(data)
    with transaction.atomic():
        at = database_now()
        membership = _keeper(by, at) if by is not None else None
        rows = [Holiday(day=d.day, title=d.title, source="calendar", added_at=at, added_by=by) for d in found]
        return _add_many(rows, at, by, membership)


def _add_many(rows: list[Holiday], at: datetime, by: Person | None, membership: Membership | None) -> int:
    taken = set(Holiday.objects.values_list("day", flat=True))
    rows = [row for row in rows if row.day not in taken]
    Holiday.objects.bulk_create(rows)
    if rows:
        years = sorted({to_jalali(row.day)[0] for row in rows})
        record(
            AgreementVerb.SEED, noun="holiday", key="-".join(str(year) for year in years)[:80], at=at, by=by,
            membership=membership, data={"years": years, "days": [row.day.isoformat() for row in rows]},
        )  # fmt: skip
    return len(rows)


def _keeper(by: Person, at) -> Membership | None:
    if not rules.can_edit_calendar(by, at):
        raise Forbidden(_("The calendar is kept by administrators and by coordinators of the provider."))
    return rules.calendar_membership(by, at)

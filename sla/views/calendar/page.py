"""The working calendar: a Jalali year's days off, and its editing."""

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.jalali import FIRST_YEAR, LAST_YEAR, month_name, to_jalali
from sajad_portal.lib.numbers import local_digits
from sajad_portal.lib.paging import page_of
from sajad_portal.lib.tables import FileProblem, FileRefused
from sajad_portal.lib.text import latin_digits
from units.pages.frame import SignedInRequest, actor

from ... import queries, rules
from ...actions.calendar import add_holiday, import_days_off, remove_holiday, seed_holidays, set_working_week
from ...files.holidays import MAX_BYTES
from ...forms import HolidayForm
from ...forms.calendar import DaysOffFileForm, WeekForm
from ...models import Holiday
from ...queries.weeks import ShownWeek, earliest_start, shown_weeks

CHANGES = 12
WEEK_FIELDS = {"no-working-day": "weekend", "bad-hours": "closes", "week-in-the-past": "starts"}


@access("public")
def calendar(request: HttpRequest) -> HttpResponse:
    form = HolidayForm(request.POST or None)
    if request.method == "POST":
        _keeper(request)
    if request.method == "POST" and form.is_valid():
        try:
            holiday = add_holiday(by=actor(request), **form.cleaned_data)
        except Refused as refusal:
            form.add_error("day", str(refusal))
        else:
            messages.success(request, _told(_("The day is off."), holiday.day, database_now()))
            return redirect(f"{reverse('sla:calendar')}?year={to_jalali(holiday.day)[0]}")
    return _page(request, form=form, status=422 if form.errors else 200)


def _keeper(request: HttpRequest) -> None:
    if not rules.can_edit_calendar(request.user, database_now()):
        raise Forbidden(_("The calendar is kept by administrators and by coordinators of the provider."))


def _page(
    request: HttpRequest,
    *,
    form: HolidayForm | None = None,
    week: WeekForm | None = None,
    refusal: FileRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    at = database_now()
    today = tehran_date(at)
    year = _year(request, to_jalali(today)[0])
    weeks = shown_weeks(today)
    holding = next(shown for shown in weeks if shown.holds)
    changes = page_of(queries.calendar_events(year), request, by=("-pk",), size=CHANGES, prefix="changes-")
    context = {
        "year": year,
        "previous": year - 1,
        "next": year + 1,
        "today": today,
        "months": _by_month(queries.holidays_of(year)),
        "changes": queries.calendar_changes(changes, year),
        "pages": changes,
        "holding": holding,
        "weeks": weeks if len(weeks) > 1 else [],
        "form": form or HolidayForm(),
        "week": week or WeekForm(initial=_week_now(holding, at)),
        "refusal": refusal,
        "problems": refusal.problems if refusal else [],
        "may": rules.can_edit_calendar(request.user, at),
    }
    return render(request, "sla/calendar/page.html", context, status=status)


def _week_now(holding: ShownWeek, at: datetime) -> dict:
    opens, closes = holding.hours
    return {"weekend": holding.days, "opens": opens, "closes": closes, "starts": earliest_start(at)}


@access("can_edit_calendar")
@require_POST
def calendar_week(request: SignedInRequest) -> HttpResponse:
    _keeper(request)
    week = WeekForm(request.POST)
    if not week.is_valid():
        return _page(request, week=week, status=422)
    try:
        set_working_week(by=request.user, **week.cleaned_data)
    except Refused as refusal:
        week.add_error(WEEK_FIELDS.get(refusal.code), str(refusal))
        return _page(request, week=week, status=422)
    messages.success(request, _("It is saved. What was counted before that day stays as it was counted."))
    return redirect("sla:calendar")


@access("can_edit_calendar")
@require_POST
def calendar_file(request: SignedInRequest) -> HttpResponse:
    """Days off out of a file, all or none."""
    _keeper(request)
    form = DaysOffFileForm(request.POST, request.FILES)
    try:
        if not form.is_valid():
            raise FileRefused([FileProblem(0, "", _("Choose a file of days off first."))])
        count = import_days_off(data=form.cleaned_data["days_file"].read(MAX_BYTES + 1), by=request.user)
    except FileRefused as refusal:
        return _page(request, refusal=refusal, status=422)
    messages.success(request, _("%(count)s days off were added.") % {"count": local_digits(count)})
    return redirect(f"{reverse('sla:calendar')}?year={_year(request, to_jalali(tehran_date(database_now()))[0])}")


def _by_month(holidays: Iterable[Holiday]) -> list[tuple[str, list[Holiday]]]:
    """[(name of the Jalali month, its days off)], in the order of the year."""
    found: dict[int, list[Holiday]] = {}
    for holiday in holidays:
        found.setdefault(to_jalali(holiday.day)[1], []).append(holiday)
    return [(month_name(month), days) for month, days in found.items()]


def _told(done: str, day: date, at: datetime) -> str:
    """What was done, and what it changes: reported time, never a deadline."""
    anew = queries.clocks_over(day, at)
    told = [done, _("Deadlines that were handed out stay as they are.")]
    if anew:
        words = ngettext(
            "The working time of %(n)s request is counted anew.",
            "The working time of %(n)s requests is counted anew.",
            anew,
        )
        told.append(words % {"n": local_digits(anew)})
    return " ".join(told)


@access("can_edit_calendar")
@require_POST
def holiday_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    holiday = get_object_or_404(Holiday, pk=pk)
    year = to_jalali(holiday.day)[0]
    remove_holiday(holiday=holiday, by=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, _told(_("It is a working day again."), holiday.day, database_now()))
    return redirect(f"{reverse('sla:calendar')}?year={year}")


@access("can_edit_calendar")
@require_POST
def calendar_seed(request: SignedInRequest) -> HttpResponse:
    year = _year(request, to_jalali(tehran_date(database_now()))[0])
    count = seed_holidays(years=[year], by=request.user)
    messages.success(request, _("%(count)s official days off were added.") % {"count": local_digits(count)})
    return redirect(f"{reverse('sla:calendar')}?year={year}")


def _year(request: HttpRequest, default: int) -> int:
    text = latin_digits(request.POST.get("year") or request.GET.get("year") or "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else default
    return year if FIRST_YEAR <= year <= LAST_YEAR else default

"""The working calendar: a Jalali year's days off, and its editing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.jalali import FIRST_YEAR, LAST_YEAR, to_jalali
from sajad_portal.lib.text import latin_digits

from .. import queries, rules
from ..actions.calendar import add_holiday, remove_holiday, seed_holidays
from ..forms import HolidayForm
from ..models import Holiday


@access("public")
def calendar(request: HttpRequest) -> HttpResponse:
    at = database_now()
    year = _year(request, to_jalali(tehran_date(at))[0])
    may = rules.can_edit_calendar(request.user, at)
    form = HolidayForm(request.POST or None)
    if request.method == "POST" and not may:
        raise Forbidden(_("The calendar is kept by administrators and by coordinators of the provider."))
    if request.method == "POST" and form.is_valid():
        try:
            holiday = add_holiday(by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("day", str(refusal))
        else:
            messages.success(request, _("The day is off. Deadlines that were handed out stay as they are."))
            return redirect(f"{reverse('sla:calendar')}?year={to_jalali(holiday.day)[0]}")
    context = {
        "year": year,
        "previous": year - 1,
        "next": year + 1,
        "holidays": queries.holidays_of(year),
        "changes": queries.calendar_changes() if may else [],
        "weekend": queries.weekend_days(),
        "form": form,
        "may": may,
    }
    return render(request, "sla/calendar/page.html", context, status=422 if form.errors else 200)


@access("can_edit_calendar")
@require_POST
def holiday_remove(request: HttpRequest, pk: int) -> HttpResponse:
    holiday = get_object_or_404(Holiday, pk=pk)
    year = to_jalali(holiday.day)[0]
    remove_holiday(holiday=holiday, by=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, _("It is a working day again. Deadlines that were handed out stay as they are."))
    return redirect(f"{reverse('sla:calendar')}?year={year}")


@access("can_edit_calendar")
@require_POST
def calendar_seed(request: HttpRequest) -> HttpResponse:
    year = _year(request, to_jalali(tehran_date(database_now()))[0])
    count = seed_holidays(years=[year], by=request.user)
    messages.success(request, _("%(count)s official days off were added.") % {"count": count})
    return redirect(f"{reverse('sla:calendar')}?year={year}")


def _year(request: HttpRequest, default: int) -> int:
    text = latin_digits(request.POST.get("year") or request.GET.get("year") or "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else default
    return year if FIRST_YEAR <= year <= LAST_YEAR else default

"""The end of a deadline in words. A deadline is an instant and exclusive: what ends at a midnight ends with the day before."""

from datetime import datetime

from django.utils.translation import gettext as _

from .clock import last_day_before
from .jalali import format_date, format_datetime


def until(end: datetime) -> str:
    """“the end of Wednesday 4 Azar 1405”, or the hour where the end is not a midnight."""
    day = last_day_before(end)
    if format_datetime(end, "numeric", "en").endswith("00:00"):
        return _("the end of %(day)s") % {"day": format_date(day, "full")}
    return format_datetime(end, "full")

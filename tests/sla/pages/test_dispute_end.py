"""What the calendar of a dispute's thirty days says of a day."""

from datetime import date

from django.utils import translation

from sla.pages.dispute_end import marks

COUNTED = date(2026, 11, 30)


def test_the_day_of_today_is_said_in_persian_to_a_screen_reader():
    snapshot = {"days": [{"day": COUNTED.isoformat(), "kind": "counted", "n": 3}]}

    with translation.override("fa"):
        mark = marks(snapshot, COUNTED)[COUNTED]

    assert mark.label == "روز ۳ شمارش، امروز"

"""Forms with tables, for tests, and short ways to fill them in."""

from functools import cache

from reports.actions.drafts import SaveOutcome, save_section
from reports.actions.table_rows import add_row
from reports.models import Report
from units.models import Person

from .forms import EN, FA, workbook

HEADS = ("type", "name", FA, EN)


def asked(kind: str, name: str, fa: str = "", en: str = "", **more) -> dict:
    return {"type": kind, "name": name, FA: fa or name, EN: en or name, **more}


END = {"type": "end_repeat"}


@cache
def table_form() -> bytes:
    """A section `about` (number `most`; calculated `all_beds`, `many`) and beside it the tables

    ``dorms`` (people add rows): text `dorm` required, integer `beds` (more than 0 and at most `most`), calculated `place` and
    `so_far`, text `why` (required where beds > 100), file `plan`, and inside it ``rooms``: text `room` required, integer `seats`;
    ``months`` (as many as `span` says): integer `guests`; ``kinds`` (a row for each choice of the list `kind`): integer `staff`.
    """
    survey = [
        asked("begin_group", "about", "کلیات", "About"),
        asked("integer", "most", "بیشترین تخت", "Most beds"),
        asked("integer", "span", "چند ماه", "How many months"),
        asked("calculate", "all_beds", "همهٔ تخت‌ها", "All beds", calculation="sum(${beds})"),
        asked("calculate", "many", "شمار خوابگاه‌ها", "Dormitories", calculation="count(${dorms})"),
        {"type": "end_group"},
        asked("begin_repeat", "dorms", "خوابگاه‌ها", "Dormitories"),
        asked("text", "dorm", "نام خوابگاه", "Name", required="yes"),
        asked(
            "integer", "beds", "تخت‌های ${dorm}", "Beds of ${dorm}", constraint=". > 0 and . <= ${most}",
            **{"constraint_message::فارسی(fa)": "تخت‌های ${dorm} از ${most} بیشتر است."},
        ),
        {"type": "calculate", "name": "place", "calculation": "position(..)"},
        {
            "type": "calculate", "name": "so_far",
            "calculation": "${beds} + coalesce(indexed-repeat(${so_far}, ${dorms}, position(..) - 1), 0)",
        },
        asked("text", "why", "چرا این همه", "Why so many", relevant="${beds} > 100", required="yes"),
        asked("file", "plan", "نقشه", "Plan"),
        asked("begin_repeat", "rooms", "اتاق‌ها", "Rooms"),
        asked("text", "room", "اتاق", "Room", required="yes"),
        asked("integer", "seats", "جا", "Seats"),
        END,
        END,
        asked("begin_repeat", "months", "ماه‌ها", "Months", repeat_count="${span}"),
        asked("integer", "guests", "مهمان", "Guests"),
        END,
        asked("begin_repeat", "kinds", "کارکنان", "Staff", **{"bind::sajad:rows": "kind"}),
        asked("integer", "staff", "شمار", "Number"),
        END,
    ]  # fmt: skip
    kinds = [("guard", "نگهبان", "Guard"), ("cook", "آشپز", "Cook")]
    choices = [{"list_name": "kind", "name": name, FA: fa, EN: en} for name, fa, en in kinds]
    return workbook(survey, choices=choices, settings={"form_id": "tables", "form_title": "فرم جدول‌دار"})


@cache
def lone_table() -> bytes:
    """A form that is one table: text `thing` required, integer `count`."""
    return workbook(
        [
            asked("begin_repeat", "things", "چیزها"),
            asked("text", "thing", "چیز", required="yes"),
            asked("integer", "count", "شمار"),
            END,
        ],
        settings={"form_id": "lone"},
    )


def save(report: Report, section: str, by: Person, base: int = 99, **changes: str) -> SaveOutcome:
    """`beds__ROW="4"` is the cell `beds@ROW`."""
    named = {name.replace("__", "@"): value for name, value in changes.items()}
    return save_section(report=report, section=section, base_version=base, changes=named, by=by)


def dormitory(report: Report, by: Person, dorm: str = "شهید بهشتی", **cells: str) -> str:
    """A row of `dorms` with these cells; its key."""
    row = add_row(report=report, table="dorms", by=by)
    outcome = save(report, "dorms", by, **{f"{name}__{row}": value for name, value in {"dorm": dorm, **cells}.items()})
    assert not outcome.errors, outcome.errors
    return row

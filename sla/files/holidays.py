"""A file of days off: a Jalali date and why, one a row; read whole, or refused with everything that is wrong."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import format_date, parse_date
from sajad_portal.lib.tables import FileProblem, FileRefused, table_of
from sajad_portal.lib.text import normalise

MAX_BYTES = 64 * 1024
MAX_ROWS = 400
_HEADS = {"date", "day", "تاریخ", "روز"}


@dataclass(frozen=True)
class DayOff:
    day: date
    title: str


def read_days_off(data: bytes) -> list[DayOff]:
    """Rows `date,title` of a CSV in any usual encoding or of a workbook, a first row of headings or none, in the order of the file.

    Raises FileRefused naming every row that is wrong.
    """
    if len(data) > MAX_BYTES:
        told = _("The file is larger than %(n)s kilobytes.") % {"n": MAX_BYTES // 1024}
        raise FileRefused([FileProblem(1, "", told)])
    found: dict[date, DayOff] = {}
    problems: list[FileProblem] = []
    for number, row in enumerate(table_of(data), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and normalise(cells[0]).lower() in _HEADS):
            continue
        if len(found) >= MAX_ROWS:
            problems.append(FileProblem(number, "", _("A file has at most %(most)s days.") % {"most": MAX_ROWS}))
            break
        try:
            day = parse_date(cells[0])
        except Refused as refusal:
            problems.append(FileProblem(number, "date", str(refusal)))
            continue
        title = normalise(cells[1] if len(cells) > 1 else "")[:150]
        if not title:
            problems.append(FileProblem(number, "title", _("Write why the day is off.")))
        elif day in found:
            told = _("%(day)s stands in the file twice.") % {"day": format_date(day, "long")}
            problems.append(FileProblem(number, "date", told))
        else:
            found[day] = DayOff(day, title)
    if not (found or problems):
        problems.append(FileProblem(1, "", _("The file holds no day. Write a date and why it is off in each row.")))
    if problems:
        raise FileRefused(problems)
    return list(found.values())

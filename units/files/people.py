"""A file of people and their seats as an office keeps it, read into plain rows. Reading only; stores nothing."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from sajad_portal.lib.tables import FileProblem, FileRefused, table_of
from sajad_portal.lib.text import latin_digits, normalise, search_key

from ..enums import Role

COLUMNS = ("unit", "role", "username", "national_code", "first_name", "last_name", "mobile", "email")
NEEDED = ("unit", "role")
FINDING = ("username", "national_code")  # one of them at least
# What people call the columns; compared without ZWNJ, case, blanks and marks.
ALIASES = {
    "unit": ("unit", "unitcode", "کدواحد", "واحد", "شناسهواحد"),
    "role": ("role", "سمت", "نقش"),
    "username": ("username", "user", "نامکاربری", "کاربر"),
    "national_code": ("nationalcode", "nationalid", "کدملی", "شمارهملی"),
    "first_name": ("firstname", "نام"),
    "last_name": ("lastname", "surname", "نامخانوادگی"),
    "mobile": ("mobile", "phone", "تلفنهمراه", "موبایل", "همراه", "شمارههمراه"),
    "email": ("email", "mail", "ایمیل", "رایانامه", "پستالکترونیکی"),
}
# What the seats are called beside their codes, in both languages of the portal and as people say it.
ROLES = {
    Role.REPORTER: ("reporter", "unitexpert", "expert", "کارشناسواحد", "کارشناس"),
    Role.HEAD: ("head", "headofunit", "مدیرواحد", "مدیر", "رئیس"),
    Role.REVIEWER: ("reviewer", "ارزیاب"),
    Role.COORDINATOR: ("coordinator", "راهبرفراخوان", "راهبر"),
    Role.AUDITOR: ("auditor", "ناظر"),
}
MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 1000


@dataclass
class PeopleRow:
    """One seat of one person. `role`: of Role; "" where it is none, which `problems` says."""

    number: int
    unit: str
    role: str
    username: str = ""
    national_code: str = ""
    first_name: str = ""
    last_name: str = ""
    mobile: str = ""
    email: str = ""
    problems: list[FileProblem] = field(default_factory=list)

    @property
    def about(self) -> dict[str, str]:
        """What is known of the person, as `NewPerson` takes it."""
        return {name: getattr(self, name) for name in COLUMNS if name not in NEEDED}


def read_people(data: bytes) -> list[PeopleRow]:
    """The rows of the file, each with its own problems. Raises FileRefused where it is no table of people at all."""
    if len(data) > MAX_BYTES:
        raise FileRefused([FileProblem(0, "", _("The file is larger than 2 megabytes; a list of people is not."))])
    table = table_of(data, most_rows=MAX_ROWS)
    places = _places(table[0] if table else [])
    if len(table) - 1 > MAX_ROWS:
        raise FileRefused([FileProblem(0, "", _("The file has more than 1,000 rows. Send it in parts."))])
    rows = [_row(i, cells, places) for i, cells in enumerate(table[1:], 2) if any(cell.strip() for cell in cells)]
    if not rows:
        raise FileRefused([FileProblem(0, "", _("The file names nobody; below the header there is nothing."))])
    _look_for_clashes(rows)
    return rows


def word(typed: str) -> str:
    return "".join(sign for sign in search_key(typed) if sign.isalnum())


def _places(header: list[str]) -> dict[str, int]:
    names = [word(cell) for cell in header]
    places: dict[str, int] = {}
    problems = []
    for column in COLUMNS:
        found = [i for i, name in enumerate(names) if name in {word(alias) for alias in ALIASES[column]}]
        if len(found) > 1:
            problems.append(FileProblem(1, column, _("This column comes twice.")))
        elif found:
            places[column] = found[0]
    said = _("This column is missing. The first row names the columns: unit,role,username,first_name,last_name,email.")
    problems += [FileProblem(1, column, said) for column in NEEDED if column not in places]
    if not any(column in places for column in FINDING):
        problems.append(FileProblem(1, "username", said))
    if problems:
        raise FileRefused(problems)
    return places


def _row(number: int, cells: list[str], places: dict[str, int]) -> PeopleRow:
    def cell(column: str) -> str:
        place = places.get(column, -1)
        return " ".join(normalise(cells[place]).split()) if 0 <= place < len(cells) else ""

    typed = {column: cell(column) for column in COLUMNS}
    for column in ("unit", "username", "national_code", "mobile"):
        typed[column] = latin_digits(typed[column])
    role = next((role.value for role, words in ROLES.items() if word(typed["role"]) in map(word, words)), "")
    # A spreadsheet takes the zeros at the beginning of a national code away.
    if typed["national_code"].isdecimal() and 8 <= len(typed["national_code"]) < 10:
        typed["national_code"] = typed["national_code"].zfill(10)
    row = PeopleRow(
        number, typed["unit"], role, typed["username"], typed["national_code"], typed["first_name"], typed["last_name"],
        typed["mobile"], typed["email"],
    )  # fmt: skip
    if not role:
        said = _("“%(role)s” is no seat. Write one of: %(roles)s.")
        told = {"role": typed["role"], "roles": "، ".join(Role.values)}
        row.problems.append(FileProblem(number, "role", said % told))
    if not typed["unit"]:
        row.problems.append(FileProblem(number, "unit", _("Write the code of the unit.")))
    if not (typed["username"] or typed["national_code"]):
        said = _("Write a user name or a national code, so that the person can be found.")
        row.problems.append(FileProblem(number, "username", said))
    return row


def _look_for_clashes(rows: list[PeopleRow]) -> None:
    """The same person in two rows is the same in both; a seat stands once."""
    people: dict[str, PeopleRow] = {}
    seats: dict[tuple[str, str, str], int] = {}
    for row in rows:
        who = row.national_code or row.username.casefold()
        first = people.setdefault(who, row)
        for column in ("username", "national_code", "first_name", "last_name", "email"):
            here, there = getattr(row, column), getattr(first, column)
            if who and here and there and here.casefold() != there.casefold():
                said = _("Row %(row)s has something else for the same person: %(there)s.")
                row.problems.append(FileProblem(row.number, column, said % {"row": first.number, "there": there}))
        seat = (who, row.unit.casefold(), row.role)
        if who and seat in seats:
            said = _("This seat stands in row %(row)s already.") % {"row": seats[seat]}
            row.problems.append(FileProblem(row.number, "", said))
        seats.setdefault(seat, row.number)

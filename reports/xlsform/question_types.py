"""The one table of question types: what authors write, and of which kind the answers are.

Reading a workbook, cleaning, evaluating, showing, the entry page, exports and their codebook, and the demo all follow it. A
new type whose answers are of a kind in `answer_kinds.py` is a line here, and gone from NOT_HONOURED.
"""

from dataclasses import dataclass

from .answer_kinds import (
    CALCULATED,
    DATE,
    FILE,
    MANY,
    MOMENT,
    NOTE,
    NUMBER,
    ONE,
    RANGE,
    TEXT,
    TICK,
    TIME,
    UNKNOWN,
    WHOLE,
    AnswerKind,
)  # fmt: skip
from .answer_kinds_places import LINE, PLACE, RANK


@dataclass(frozen=True)
class QuestionType:
    """`spellings`: what an author may write in the type column, in small letters; pyxform has to know it too."""

    name: str
    spellings: tuple[str, ...]
    kind: AnswerKind
    takes_list: bool = False  # a spelling is followed by the name of a choice list
    pictures: tuple[str, ...] = ()  # spellings too, of those that ask for a picture
    sounds: tuple[str, ...] = ()
    films: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()  # spellings too, of those that may stand without a calculation

    def accepts(self, spelled: str) -> str:
        """What files it takes where not any: image, audio or video."""
        kinds = {"image": self.pictures, "audio": self.sounds, "video": self.films}
        return next((kind for kind, spellings in kinds.items() if spelled in spellings), "")


_TABLE = (
    QuestionType("text", ("text", "string", "q string", "add text prompt", "phone number"), TEXT),
    QuestionType(
        "integer",
        (
            "integer", "int", "q int", "add integer prompt",
            # pyxform binds the limits of these.
            "percentage", "number of days in last month", "number of days in last six months", "number of days in last year",
        ),
        WHOLE,
    ),
    QuestionType("decimal", ("decimal", "q decimal", "add decimal prompt"), NUMBER),
    QuestionType("range", ("range",), RANGE),
    QuestionType(
        "select_one",
        ("select_one", "select one from", "select one", "select1", "add select one prompt using", "select_one_external"), ONE,
        takes_list=True,
    ),
    QuestionType(
        "select_multiple",
        ("select_multiple", "select all that apply from", "select all that apply", "add select multiple prompt using"),
        MANY, takes_list=True,
    ),
    QuestionType("date", ("date", "q date", "add date prompt"), DATE),
    QuestionType("time", ("time",), TIME),
    QuestionType("datetime", ("datetime", "date time", "q date time", "q datetime", "add date time prompt", "add datetime prompt"), MOMENT),
    QuestionType("acknowledge", ("acknowledge", "trigger", "q acknowledge", "add acknowledge prompt"), TICK),
    QuestionType(
        "file", ("file", "add file prompt"), FILE,
        pictures=("image", "photo", "q picture", "q image", "add image prompt", "add photo prompt"),
        sounds=("audio", "q audio", "add audio prompt"),
        films=("video", "q video", "add video prompt"),
    ),
    QuestionType("rank", ("rank",), RANK, takes_list=True),
    QuestionType("geopoint", ("geopoint", "gps", "location", "q location", "q geopoint", "add location prompt"), PLACE),
    QuestionType("geotrace", ("geotrace", "q geotrace"), LINE),
    QuestionType("geoshape", ("geoshape", "q geoshape"), LINE),
    QuestionType("barcode", ("barcode", "q barcode", "add barcode prompt"), TEXT),
    QuestionType("note", ("note", "q note", "add note prompt"), NOTE),
    QuestionType("calculate", ("calculate", "q calculate", "add calculate prompt"), CALCULATED, bare=("hidden",)),
)  # fmt: skip
TYPES = {each.name: each for each in _TABLE}
EXTERNAL = "select_one_external"  # its list stands on the sheet external_choices
HEADING = "note"  # of the row that heads a table of questions
FREE_TEXT = "text"  # of the question that “or other” adds

# Known to XLSForm, not to a portal in a browser.
NOT_HONOURED = {"background-audio", "background-geopoint", "osm"}

# {as written: type}, without and with a list's name behind it.
PLAIN = {
    text: each
    for each in _TABLE
    if not each.takes_list
    for text in (*each.spellings, *each.pictures, *each.sounds, *each.films, *each.bare)
}  # fmt: skip
WITH_LIST = {text: each for each in _TABLE if each.takes_list for text in each.spellings}
_UNKNOWN = QuestionType("", (), UNKNOWN)


def question_type(name: str) -> QuestionType:
    """By its name; one that a later edition stored in a form is read as a type that nobody answers."""
    return TYPES.get(name, _UNKNOWN)

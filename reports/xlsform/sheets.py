"""What the headers and the type cells of an XLSForm mean: aliases, languages, blocks."""

import re
from dataclasses import dataclass

from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

from .answer_kinds import AnswerKind
from .question_types import (
    EXTERNAL,
    NOT_HONOURED,
    PLAIN,
    WITH_LIST,
    question_type,
)

TRANSLATED = ("label", "hint", "guidance_hint", "constraint_message", "required_message")
MEDIA = ("image", "big-image", "audio", "video")  # a file beside a label
_ALIASES = {
    "caption": "label",
    "relevance": "relevant",
    "calculate": "calculation",
    "readonly": "read_only",
    "read_only": "read_only",
    "constraining_message": "constraint_message",
    "requiredmsg": "required_message",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "command": "type",
    "tag": "name",
    "value": "name",
    "list name": "list_name",
}
_BIND = {
    "relevant": "relevant",
    "constraint": "constraint",
    "calculate": "calculation",
    "required": "required",
    "readonly": "read_only",
    "jr:constraintmsg": "constraint_message",
    "jr:requiredmsg": "required_message",
    "type": "bind_type",
}
_LANGUAGES = {
    "fa": "fa",
    "persian": "fa",
    "farsi": "fa",
    "فارسی": "fa",
    "en": "en",
    "english": "en",
    "انگلیسی": "en",
}
_CODE = re.compile(r"\(\s*([A-Za-z]{2,3})(?:[-_]\w+)?\s*\)\s*$")

METADATA = {
    **dict.fromkeys(("start", "start time", "get start time"), "start"),
    **dict.fromkeys(("end", "end time", "get end time"), "end"),
    **dict.fromkeys(("today", "get today"), "today"),
    **dict.fromkeys(("deviceid", "device id", "get device id", "imei", "uri:deviceid"), "deviceid"),
    **dict.fromkeys(("subscriberid", "subscriber id", "get subscriber id", "uri:subscriberid"), "subscriberid"),
    **dict.fromkeys(("simserial", "sim id", "get sim id", "uri:simserial"), "simserial"),
    **dict.fromkeys(("phonenumber", "get phone number", "uri:phonenumber"), "phonenumber"),
    **dict.fromkeys(("username", "uri:username"), "username"),
    **dict.fromkeys(("email", "uri:email"), "email"),
    "audit": "audit",
    "start-geopoint": "start-geopoint",
}
# Metadata that a browser does not give.
NOT_IN_A_BROWSER = {"start-geopoint"}
_SELECT = re.compile(
    rf"^(?P<kind>{'|'.join(sorted(WITH_LIST, key=len, reverse=True))})\s+(?P<list>\S+)"
    r"(?P<other>\s+(?:or specify other|or_other|or other))?$",
    re.IGNORECASE,
)
_FROM_FILE = re.compile(
    r"^select[ _](?P<kind>one|multiple)[ _]from[ _]file\s+(?P<file>\S+\.(?:csv|xml|geojson))$", re.IGNORECASE
)
_BESIDE = re.compile(r"^(?P<kind>csv|xml)-external$")
_BLOCK = re.compile(
    r"^(?P<edge>begin|end)[ _](?P<kind>group|repeat|lgroup|looped group|loop)\b(?: (?:over )?(?P<list>\S+))?",
    re.IGNORECASE,
)
_PYXFORM_TYPES = {name.lower(): name for name in QUESTION_TYPE_DICT}


@dataclass(frozen=True)
class SurveyColumn:
    key: str  # "label", "constraint", "sajad:weight"…
    language: str = ""  # of a translated column: a code, "default" where the header names none


@dataclass(frozen=True)
class Kind:
    """What a type cell says. `what`: begin, end, question, metadata, foreign, or "" (unknown)."""

    what: str
    type: str = ""
    list_name: str = ""
    or_other: bool = False
    file: str = ""  # beside the workbook, that holds its choices

    @property
    def answer(self) -> AnswerKind:
        return question_type(self.type).kind


def language_code(name: str) -> str:
    """`فارسی(fa)`, `Persian (fa)` → fa; a name without a code is looked up, else stands for itself."""
    found = _CODE.search(name)
    if found:
        return found[1].lower()
    return _LANGUAGES.get(name.strip().lower(), name.strip().lower() or "default")


def column(header: str) -> SurveyColumn:
    """The meaning of a header of the survey or choices sheet."""
    parts = [part.strip() for part in with_double_colons(header).split("::")]
    key = _key(parts[0])
    if key == "bind" and len(parts) > 1:
        attribute = parts[1]
        if attribute.lower().startswith("sajad:"):
            return SurveyColumn(attribute.lower())
        key = _BIND.get(attribute.lower(), f"bind:{attribute}")
        parts = parts[1:]
    elif key == "media" and len(parts) > 1 and parts[1].lower() in MEDIA:
        key, parts = parts[1].lower(), parts[1:]
    elif key == "body" and len(parts) > 1:
        return SurveyColumn("appearance" if parts[1] == "appearance" else f"body:{parts[1]}")
    if key in TRANSLATED or key in MEDIA:
        return SurveyColumn(key, language_code(parts[1]) if len(parts) > 1 else "default")
    return SurveyColumn(key)


def _key(text: str) -> str:
    key = " ".join(text.lower().split())
    return _ALIASES.get(key) or _ALIASES.get(key.replace(" ", "_")) or key.replace(" ", "_")


def read_type(cell: str) -> Kind:
    """What the type cell of a survey row says."""
    text = " ".join(cell.split())
    low = text.lower()
    block = _BLOCK.match(text)
    if block:
        kind = block["kind"].lower()
        name = "group" if kind == "group" else "loop" if kind == "loop" else "repeat"
        return Kind(block["edge"].lower(), name, (block["list"] or "") if name == "loop" else "")
    if low in METADATA:
        return Kind("metadata", METADATA[low])
    if low in PLAIN:
        return Kind("question", PLAIN[low].name)
    if found := _FROM_FILE.match(text):
        name = found["file"].rpartition(".")[0]
        return Kind("question", f"select_{found['kind'].lower()}", name, file=found["file"])
    if _BESIDE.match(low):
        return Kind("external", low)  # a file that expressions read; nothing is asked
    if low in NOT_HONOURED or low.startswith("osm "):
        return Kind("foreign", low)
    select = _SELECT.match(text)
    if not select:
        return Kind("")
    kind = select["kind"].lower()
    if select["list"].startswith("${"):
        return Kind("foreign", text, select["list"])
    name = external_list(select["list"]) if kind == EXTERNAL else select["list"]
    return Kind("question", WITH_LIST[kind].name, name, bool(select["other"]))


def external_list(name: str) -> str:
    """What a list of the sheet external_choices is called beside those of the sheet choices."""
    return f"external:{name}"


def as_pyxform_writes(cell: str) -> str:
    """A type cell in the letters that pyxform knows; the name of a list stays as it is."""
    text = " ".join(cell.split())
    if text.lower() in _PYXFORM_TYPES:
        return _PYXFORM_TYPES[text.lower()]
    block, select = _BLOCK.match(text), _SELECT.match(text)
    if select:
        return f"{select['kind'].lower()} {select['list']}{(select['other'] or '').lower()}"
    if block:
        return f"{block['edge'].lower()} {block['kind'].lower()}"
    return text


_PARTS = {*TRANSLATED, "image", "big-image", "audio", "video", "media", "bind", "body", "control", "instance"}
_PREFIXES = ("jr", "sajad", "orx", "odk")


def with_double_colons(header: str) -> str:
    """`label:English` was written before `::` was; pyxform reads it only where no header has the other."""
    parts = [part.strip() for part in header.split(":")]
    if len(parts) == 1 or "::" in header or _key(parts[0]) not in _PARTS:
        return header
    if parts[1].lower() in _PREFIXES:
        return f"{parts[0]}::{':'.join(parts[1:])}"
    return "::".join(parts)


def unnamed_note(row: int) -> str:
    """What a note without a name is called, as pyxform names it."""
    return f"generated_note_name_{row}"


# What a calculation may hold of the unit that answers: the code of its kind, its own code, its value of an attribute.
KIND, CODE, ATTRIBUTE = "unit_kind", "unit_code", "unit_attribute:"
_SOURCE = re.compile(rf"{KIND}|{CODE}|{ATTRIBUTE}[a-z](?:[a-z0-9_-]{{0,58}}[a-z0-9])?")


def unit_source(cell: str) -> str:
    """A cell of `bind::sajad:source` as the portal writes it; "" where it names nothing of a unit."""
    source = re.sub(r"\s*:\s*", ":", cell.strip()).casefold()
    return source if _SOURCE.fullmatch(source) else ""

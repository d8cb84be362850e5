"""What the headers and the type cells of an XLSForm mean: aliases, languages, blocks."""

import re
from dataclasses import dataclass

from .answer_kinds import AnswerKind
from .question_types import (
    NOT_HONOURED,
    NOT_HONOURED_WITH_FILE,
    NOT_HONOURED_WITH_LIST,
    PLAIN,
    WITH_LIST,
    question_type,
)

TRANSLATED = ("label", "hint", "guidance_hint", "constraint_message", "required_message")
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
    **dict.fromkeys(("phonenumber", "phone number", "get phone number", "uri:phonenumber"), "phonenumber"),
    **dict.fromkeys(("username", "uri:username"), "username"),
    **dict.fromkeys(("email", "uri:email"), "email"),
    "audit": "audit",
    "start-geopoint": "start-geopoint",
}
# Metadata that a browser does not give.
NOT_IN_A_BROWSER = {"start-geopoint"}
_SELECT = re.compile(
    rf"^(?P<kind>{'|'.join(sorted((*WITH_LIST, *NOT_HONOURED_WITH_LIST), key=len, reverse=True))})\s+(?P<list>\S+)"
    r"(?P<other>\s+(?:or specify other|or_other|or other))?$"
)
_FROM_FILE = re.compile(rf"^({'|'.join(NOT_HONOURED_WITH_FILE)})\b")
_BLOCK = re.compile(r"^(?P<edge>begin|end)[ _](?P<kind>group|repeat|lgroup|looped group|loop)\b")


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
    parts = [part.strip() for part in header.split("::")]
    if len(parts) == 1 and ":" in header and not header.lower().startswith(("jr:", "sajad:")):
        single = [part.strip() for part in header.split(":")]
        if _key(single[0]) in TRANSLATED:
            parts = single
    key = _key(parts[0])
    if key == "bind" and len(parts) > 1:
        attribute = parts[1]
        if attribute.lower().startswith("sajad:"):
            return SurveyColumn(attribute.lower())
        key = _BIND.get(attribute.lower(), f"bind:{attribute}")
        parts = parts[1:]
    elif key == "body" and len(parts) > 1:
        return SurveyColumn("appearance" if parts[1] == "appearance" else f"body:{parts[1]}")
    if key in TRANSLATED:
        return SurveyColumn(key, language_code(parts[1]) if len(parts) > 1 else "default")
    return SurveyColumn(key)


def _key(text: str) -> str:
    key = " ".join(text.lower().split())
    return _ALIASES.get(key) or _ALIASES.get(key.replace(" ", "_")) or key.replace(" ", "_")


def read_type(cell: str) -> Kind:
    """What the type cell of a survey row says."""
    text = " ".join(cell.split())
    low = text.lower()
    block = _BLOCK.match(low)
    if block:
        kind = block["kind"]
        return Kind(block["edge"], "group" if kind == "group" else "loop" if kind == "loop" else "repeat")
    if low in METADATA:
        return Kind("metadata", METADATA[low])
    if low in PLAIN:
        return Kind("question", PLAIN[low].name)
    if low in NOT_HONOURED or _FROM_FILE.match(low):
        return Kind("foreign", low)
    select = _SELECT.match(text)
    if not select:
        return Kind("")
    if select["kind"] in NOT_HONOURED_WITH_LIST or select["list"].startswith("${"):
        return Kind("foreign", text, select["list"])
    return Kind("question", WITH_LIST[select["kind"]].name, select["list"], bool(select["other"]))

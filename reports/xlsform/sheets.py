"""What the columns and types of an XLSForm mean: aliases, languages, question types."""

import re
from dataclasses import dataclass

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

_TYPE_ALIASES = {
    "text": ("text", "string", "q string", "add text prompt", "text_prompt"),
    "integer": ("integer", "int", "q int", "add integer prompt"),
    "decimal": ("decimal", "q decimal", "add decimal prompt"),
    "date": ("date", "q date", "add date prompt"),
    "time": ("time", "q time"),
    "datetime": ("datetime", "date time", "q date time", "q datetime", "add datetime prompt", "add date time prompt"),
    "note": ("note", "q note", "add note prompt"),
    "calculate": ("calculate", "q calculate", "add calculate prompt", "hidden"),
    "acknowledge": ("acknowledge", "trigger", "q acknowledge", "add acknowledge prompt"),
    "file": (
        "file",
        "add file prompt",
        "image",
        "photo",
        "q picture",
        "q image",
        "add image prompt",
        "add photo prompt",
    ),
    "range": ("range",),
}
CORE = {alias: kind for kind, aliases in _TYPE_ALIASES.items() for alias in aliases}
IMAGES = {"image", "photo", "q picture", "q image", "add image prompt", "add photo prompt"}
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
# Known to XLSForm, not to a portal in a browser.
FOREIGN = {
    "geopoint", "geotrace", "geoshape", "gps", "location", "q location", "q geopoint", "q geotrace", "q geoshape",
    "add location prompt", "audio", "q audio", "add audio prompt", "video", "q video", "add video prompt", "barcode",
    "q barcode", "add barcode prompt", "background-audio", "background-geopoint", "osm", "xml-external", "csv-external",
    "percentage", "number of days in last month", "number of days in last six months", "number of days in last year",
}  # fmt: skip
_SELECT = re.compile(
    r"^(?P<kind>select_one|select one from|select one|select1|add select one prompt using|select_multiple|"
    r"select all that apply from|select all that apply|add select multiple prompt using|rank)\s+(?P<list>\S+)"
    r"(?P<other>\s+(?:or specify other|or_other|or other))?$"
)
_FROM_FILE = re.compile(
    r"^(select_one_from_file|select_multiple_from_file|select one from file|select multiple from file|select_one_external)\b"
)
_BLOCK = re.compile(r"^(?P<edge>begin|end)[ _](?P<kind>group|repeat|lgroup|looped group|loop)\b")


@dataclass(frozen=True)
class Column:
    key: str  # "label", "constraint", "sajad:weight"…
    language: str = ""  # of a translated column: a code, "default" where the header names none


@dataclass(frozen=True)
class Kind:
    """What a type cell says. `what`: begin, end, question, metadata, foreign, or "" (unknown)."""

    what: str
    type: str = ""
    list_name: str = ""
    or_other: bool = False


def language_code(name: str) -> str:
    """`فارسی(fa)`, `Persian (fa)` → fa; a name without a code is looked up, else stands for itself."""
    found = _CODE.search(name)
    if found:
        return found[1].lower()
    return _LANGUAGES.get(name.strip().lower(), name.strip().lower() or "default")


def column(header: str) -> Column:
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
            return Column(attribute.lower())
        key = _BIND.get(attribute.lower(), f"bind:{attribute}")
        parts = parts[1:]
    elif key == "body" and len(parts) > 1:
        return Column("appearance" if parts[1] == "appearance" else f"body:{parts[1]}")
    if key in TRANSLATED:
        return Column(key, language_code(parts[1]) if len(parts) > 1 else "default")
    return Column(key)


def _key(text: str) -> str:
    key = " ".join(text.lower().split())
    return _ALIASES.get(key) or _ALIASES.get(key.replace(" ", "_")) or key.replace(" ", "_")


def kind_of(cell: str) -> Kind:
    """What the type cell of a survey row says."""
    text = " ".join(cell.split())
    low = text.lower()
    block = _BLOCK.match(low)
    if block:
        kind = block["kind"]
        return Kind(block["edge"], "group" if kind == "group" else "loop" if kind == "loop" else "repeat")
    if low in METADATA:
        return Kind("metadata", METADATA[low])
    if low in CORE:
        return Kind("question", CORE[low])
    if low in FOREIGN or _FROM_FILE.match(low) or low.startswith("osm "):
        return Kind("foreign", low.split()[0] if low.startswith(("select", "osm")) else low)
    select = _SELECT.match(text)
    if select:
        if select["kind"] == "rank" or select["list"].startswith("${"):
            return Kind("foreign", "rank" if select["kind"] == "rank" else text, select["list"])
        many = select["kind"].startswith(("select_multiple", "select all", "add select multiple"))
        return Kind("question", "select_multiple" if many else "select_one", select["list"], bool(select["other"]))
    return Kind("")

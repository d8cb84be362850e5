"""Files that people bring and take away: what they are by their content, and how they leave the portal."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import quote

import puremagic
from django.core.files import File
from django.http import FileResponse
from django.utils.translation import gettext as _

from . import archives
from .errors import Refused
from .numbers import local_number
from .text import ZWNJ, normalise

_OFFICE = "application/vnd.openxmlformats-officedocument."
# By the ending of the name: the media type that the content must have.
TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".docx": _OFFICE + "wordprocessingml.document",
    ".xlsx": _OFFICE + "spreadsheetml.sheet",
    ".pptx": _OFFICE + "presentationml.presentation",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".zip": "application/zip",
}
# Sounds, films and further pictures: only where a form asks for them or brings them, and lists of choices beside a form.
MEDIA_TYPES = {
    ".gif": "image/gif", ".webp": "image/webp",
    ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".wav": "audio/wav", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg",
    ".amr": "audio/amr", ".weba": "audio/webm",
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".3gp": "video/3gpp", ".webm": "video/webm",
    ".xml": "application/xml", ".geojson": "application/geo+json",
}  # fmt: skip
SOUNDS = {ending for ending, kind in MEDIA_TYPES.items() if kind.startswith("audio/")}
FILMS = {ending for ending, kind in MEDIA_TYPES.items() if kind.startswith("video/")}
_BEGINS = {  # (at which byte, with what)
    ".gif": ((0, b"GIF8"),), ".webp": ((8, b"WEBP"),), ".mp3": ((0, b"ID3"), (0, b"\xff\xfb"), (0, b"\xff\xf3"), (0, b"\xff\xf2")),
    ".m4a": ((4, b"ftyp"),), ".wav": ((8, b"WAVE"),), ".ogg": ((0, b"OggS"),), ".oga": ((0, b"OggS"),), ".opus": ((0, b"OggS"),),
    ".amr": ((0, b"#!AMR"),), ".weba": ((0, b"\x1a\x45\xdf\xa3"),), ".mp4": ((4, b"ftyp"),), ".m4v": ((4, b"ftyp"),),
    ".mov": ((4, b"ftyp"), (4, b"moov"), (4, b"mdat"), (4, b"wide")), ".3gp": ((4, b"ftyp"),), ".webm": ((0, b"\x1a\x45\xdf\xa3"),),
}  # fmt: skip
_ALL_TYPES = {**TYPES, **MEDIA_TYPES}
# What the portal itself makes and nobody brings.
MADE_TYPES = {**TYPES, ".jsonl": "application/jsonl"}
# What a browser may show in the page's own sandbox; everything else is only ever saved.
INLINE = {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"}
_FOLDERS = {".docx": "word/", ".xlsx": "xl/", ".pptx": "ppt/"}
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Inspected:
    name: str
    media_type: str
    size: int  # bytes
    sha256: str  # hex


def inspect(upload: File, *, max_bytes: int, allowed: set[str] | None = None) -> Inspected:
    """What an uploaded file is, by its content. `allowed`: endings such as {".pdf"}; None is every known type.

    Raises Refused (codes too-large, empty-file, file-type, file-content, file-macros, file-links, archive-too-large). The file is read once, in pieces, and rewound.
    """
    name = clean_name(upload.name or "")
    ending = PurePath(name).suffix.lower()
    known = sorted(allowed or TYPES)
    if upload.size > max_bytes:
        raise Refused(
            _("“%(name)s” is larger than %(limit)s megabytes. Make it smaller or split it, then choose it again.")
            % {"name": name, "limit": local_number(max_bytes // _MEGABYTE)},
            code="too-large",
        )
    if not upload.size:
        raise Refused(_("“%(name)s” is empty. Choose the file again.") % {"name": name}, code="empty-file")
    if ending not in known or ending not in _ALL_TYPES:
        raise Refused(
            _("The portal does not take files such as “%(name)s”. Choose one that ends in: %(known)s.")
            % {"name": name, "known": " ".join(known)},
            code="file-type",
        )
    digest, head = hashlib.sha256(), b""
    upload.seek(0)
    for piece in upload.chunks():
        digest.update(piece)
        head = head or piece
    if not _content_is(ending, name, head, upload):
        raise Refused(
            _(
                "The content of “%(name)s” is not what its name says, so it was not stored. "
                "Save it from its own program as %(ending)s and choose it again."
            )
            % {"name": name, "ending": ending},
            code="file-content",
        )
    upload.seek(0)
    return Inspected(name, _ALL_TYPES[ending], upload.size, digest.hexdigest())


def media_type(name: str) -> str:
    """By the ending of a name whose content was looked at."""
    return _ALL_TYPES.get(PurePath(name).suffix.lower(), "application/octet-stream")


def clean_name(name: str) -> str:
    """The last part of the name, normalised, without what file systems and headers stumble over."""
    name = normalise(name.replace("\\", "/").rsplit("/", 1)[-1])
    name = "".join(c for c in name if (c.isprintable() or c == ZWNJ) and c not in '"<>|:*?')
    stem, dot, ending = name.rpartition(".")
    return f"{stem[:150]}{dot}{ending[:10]}" if dot else name[:150]


def file_response(stored, *, name: str, media_type: str, inline: bool = False) -> FileResponse:
    """The file on its way out: never sniffed, never HTML or SVG, inline only where the type is harmless, and sandboxed.

    Whoever calls has asked who may see it.
    """
    inline = inline and media_type in INLINE
    response = FileResponse(stored.open("rb"))
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    kind = "inline" if inline else "attachment"
    response["Content-Disposition"] = f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    known = {*MADE_TYPES.values(), *MEDIA_TYPES.values()} - {"application/xml"}
    response["Content-Type"] = media_type if media_type in known else "application/octet-stream"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    # Only a file may stand in a frame, and only in one of ours.
    response["X-Frame-Options"] = "SAMEORIGIN"
    # An origin of its own, from which nothing of ours is reached. Some browsers' own PDF viewer runs as a script of the
    # page; `default-src 'none'` lets no script of the file's run.
    sandbox = "sandbox allow-scripts" if media_type == TYPES[".pdf"] else "sandbox"
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; object-src 'self'; frame-ancestors 'self'; "
        + sandbox
    )
    return response


def _content_is(ending: str, name: str, head: bytes, upload: File) -> bool:
    if ending in (".csv", ".txt", ".geojson"):
        return _is_text(head)
    if ending == ".xml":
        return b"\x00" not in head and head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") and not _is_page(head)
    if ending in _BEGINS:
        return any(head[place:].startswith(mark) for place, mark in _BEGINS[ending])
    if ending in _FOLDERS:
        return _is_office(ending, name, upload)
    if ending == ".zip":
        return _is_archive(upload)
    try:
        found = {match.mime_type for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return False
    return TYPES[ending] in found and head[:1] != b"<"


def _is_page(head: bytes) -> bool:
    start = head[:1024].lower()
    return b"<html" in start or b"<!doctype" in start or b"<svg" in start


def _is_text(head: bytes) -> bool:
    try:
        text = head[: 64 * 1024].decode("utf-8-sig", errors="strict" if len(head) <= 64 * 1024 else "ignore")
    except UnicodeDecodeError:
        return False
    start = text.lstrip().lower()
    return "\x00" not in text and not start.startswith("<") and not start.startswith("%pdf")


def _is_office(ending: str, name: str, upload: File) -> bool:
    """A workbook, document or presentation. Refused where it runs macros, or loads something when it is opened."""
    assert upload.file, "an upload is open"
    try:
        with archives.opened(upload.file) as archive:
            names = archive.namelist()
            if "[Content_Types].xml" not in names or not any(part.startswith(_FOLDERS[ending]) for part in names):
                return False
            entries = archives.pointers_and_kinds(archive)
            if archives.runs_macros(archive, entries):
                said = _("“%(name)s” brings macros. Save it without them as %(ending)s and choose it again.")
                raise Refused(said % {"name": name, "ending": ending}, code="file-macros")
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
    if archives.fetches_from_elsewhere(entries):
        said = _(
            "“%(name)s” loads something from elsewhere when it is opened: a template, a linked picture or a linked file. "
            "Break its links in its own program, or save it as PDF, and choose it again."
        )
        raise Refused(said % {"name": name}, code="file-links")
    return True


def _is_archive(upload: File) -> bool:
    assert upload.file, "an upload is open"
    parts = archives.packed_parts(upload.file)
    return parts is not None and not any(_climbs(part.filename) for part in parts)


def _climbs(name: str) -> bool:
    """Whether a part would land outside of the folder into which somebody unpacks the archive."""
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or parts[0] == "" or parts[0].endswith(":")

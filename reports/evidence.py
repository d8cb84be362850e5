"""What a file really is: decided by its content, never by its name. Pure: bytes in, a kind or a refusal out.

Accepted: PDF, JPG, PNG, ZIP, XLSX, DOCX, CSV. Nothing that a browser would run (HTML, SVG, XML) and no macros.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import puremagic
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.text import normalise

HEAD = 8192
NAME_LENGTH = 150
OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True)
class Kind:
    extension: str
    media_type: str
    inline: bool = False  # may be shown in the page (sandboxed); everything else is only downloaded


PDF = Kind("pdf", "application/pdf", inline=True)
JPG = Kind("jpg", "image/jpeg", inline=True)
PNG = Kind("png", "image/png", inline=True)
ZIP = Kind("zip", "application/zip")
XLSX = Kind("xlsx", f"{OFFICE}spreadsheetml.sheet")
DOCX = Kind("docx", f"{OFFICE}wordprocessingml.document")
CSV = Kind("csv", "text/csv")
KINDS = (PDF, JPG, PNG, ZIP, XLSX, DOCX, CSV)
BY_MEDIA_TYPE = {kind.media_type: kind for kind in KINDS}
ACCEPT = ",".join(f".{kind.extension}" for kind in KINDS) + ",.jpeg"


def kind_of(file: BinaryIO, name: str) -> Kind:
    """The kind of an open, seekable file. Refused where it is none of the accepted ones, naming what it seems to be."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if not head.strip(b"\x00\t\r\n "):
        raise Refused(_("“%(name)s” is empty. Choose the file again.") % {"name": name}, code="empty-file")
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        return JPG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"PK"):
        return _packed(file, name)
    if _extension(name) == "csv" and _is_table(head):
        return CSV
    raise _refusal(head, name)


def _packed(file: BinaryIO, name: str) -> Kind:
    """What a ZIP container holds. Only its directory is read; nothing is unpacked."""
    try:
        with zipfile.ZipFile(file) as packed:
            names = packed.namelist()
            parts = "\n".join(names)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused(
            _("“%(name)s” is damaged and cannot be opened. Make the file again and upload it.") % {"name": name},
            code="damaged-file",
        ) from error
    finally:
        file.seek(0)
    if "[Content_Types].xml" in names:
        if "vbaProject.bin" in parts:
            raise Refused(
                _("“%(name)s” contains macros. Save it without macros (xlsx or docx) and upload that.")
                % {"name": name},
                code="macros",
            )
        if any(part.startswith("xl/") for part in names):
            return XLSX
        if any(part.startswith("word/") for part in names):
            return DOCX
    return ZIP


def _is_table(head: bytes) -> bool:
    """Text that reads as rows of cells, and not as a page: no markup at its start, no control bytes."""
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # a letter cut by the end of the head is no fault
            return False
        text = head[: error.start].decode("utf-8-sig")
    if "\x00" in text or re.search(r"<\s*(!doctype|html|svg|script|\?xml)", text, re.IGNORECASE):
        return False
    try:
        return any(len(row) > 1 for row in csv.reader(io.StringIO(text)))
    except csv.Error:
        return False


def _refusal(head: bytes, name: str) -> Refused:
    seen = _seems(head)
    if seen:
        return Refused(
            _(
                "“%(name)s” is a %(seen)s file by its content, whatever its name says. Upload a PDF, JPG, PNG, ZIP, XLSX, DOCX or CSV."
            )
            % {"name": name, "seen": seen},
            code="file-type",
        )
    return Refused(
        _("“%(name)s” is not of a kind that is accepted. Upload a PDF, JPG, PNG, ZIP, XLSX, DOCX or CSV.")
        % {"name": name},
        code="file-type",
    )


def _seems(head: bytes) -> str:
    """A word for what the content looks like, for the sentence only."""
    text = head.decode("utf-8", "ignore").lower()
    for mark, word in (
        ("<svg", "SVG"),
        ("<html", "HTML"),
        ("<!doctype html", "HTML"),
        ("<script", "HTML"),
        ("<?xml", "XML"),
    ):
        if mark in text:
            return word
    try:
        found = puremagic.from_string(head)
    except (puremagic.PureError, ValueError):
        return ""
    return found.lstrip(".").upper()


# -------------------------------------------------------------------------------------------------------- names
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def clean_name(name: str, kind: Kind) -> str:
    """The name as shown and downloaded: no path, no control or bidi characters, at most 150 letters, its ending by content."""
    base = re.split(r"[/\\]", name or "")[-1]
    base = "".join(letter for letter in base if unicodedata.category(letter) not in ("Cc", "Cs"))
    base = _FORBIDDEN.sub(" ", normalise(base)).strip(" .")
    stem, dot, ending = base.rpartition(".")
    known = {kind.extension, "jpeg"} if kind is JPG else {kind.extension}
    if not dot or (ending.lower() not in known and not re.fullmatch(r"[A-Za-z0-9]{1,5}", ending)):
        stem = base
    stem = stem.strip(" .")[: NAME_LENGTH - 8] or _("file")
    return f"{stem}.{kind.extension}"


def chunks(file: BinaryIO, size: int = 1024 * 1024) -> Iterator[bytes]:
    file.seek(0)
    while block := file.read(size):
        yield block
    file.seek(0)

"""Packed files (ZIP, and Office's, which are ZIP) looked into within bounds: what a file claims is not yet what it costs.

Nothing is unpacked to disk; of Office's files only the lists of what they consist of are read.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any
from urllib.parse import unquote
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from django.utils.translation import gettext as _

from .errors import Refused
from .numbers import local_number

MAX_PARTS = 10_000
MAX_UNPACKED = 500 * 1024 * 1024
# The directory of an archive names each part in 46 bytes and its name. zipfile reads all of it before it says how many
# there are, so it is its bytes that are bounded; with them what stands around it and is read to find it.
MAX_DIRECTORY = 200 * MAX_PARTS
_AROUND = 256 * 1024
# The lists of what an Office file consists of; those of a real one are some hundred kilobytes together.
_LISTS = ("[content_types].xml", ".rels")
_MAX_LISTS = 4 * 1024 * 1024
# What runs when the file is opened, whatever its part is named: Visual Basic, and the macro sheets of old Excels.
_MACROS = ("macro", "vbaproject", "vbadata")
# The one kind of pointer to elsewhere that waits for a person's click.
_HARMLESS_POINTER = "/hyperlink"
_WIDEST_ROW = 16_384


class _Bounded:
    """A file of which so many bytes may be read and no more. Seeking costs nothing."""

    def __init__(self, file: IO[bytes], left: int):
        self.file, self.left = file, left
        self.seek, self.tell = file.seek, file.tell

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        data = self.file.read(self.left + 1 if size is None or size < 0 else min(size, self.left + 1))
        self.left -= len(data)
        if self.left < 0:
            raise _too_much()
        return data


def _too_much() -> Refused:
    said = _(
        "The file packs more than %(parts)s files, or more than %(size)s megabytes once unpacked. Pack only what is needed, or in "
        "several archives."
    )
    facts = {"parts": local_number(MAX_PARTS), "size": local_number(MAX_UNPACKED // 1024 // 1024)}
    return Refused(said % facts, code="archive-too-large")


@contextmanager
def opened(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """The archive with its directory read. Raises Refused (archive-too-large), and as zipfile where it is none."""
    file.seek(0)
    bounded: Any = _Bounded(file, MAX_DIRECTORY + _AROUND)
    with zipfile.ZipFile(bounded) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise _too_much()
        # The parts that are read now are bounded one by one.
        bounded.left = file.seek(0, 2) + _AROUND
        yield archive


def packed_parts(file: IO[bytes]) -> list[zipfile.ZipInfo] | None:
    """What the archive lists; None where it cannot be read. Raises Refused (archive-too-large)."""
    try:
        with opened(file) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None


def pointers_and_kinds(archive: zipfile.ZipFile) -> list:
    """The elements of the lists that say what an Office file's parts are and what it points to.

    Raises ValueError where one is no XML, brings entities or is too long: no program of Office writes such.
    """
    lists = [part for part in archive.infolist() if part.filename.lower().endswith(_LISTS)]
    if sum(part.file_size for part in lists) > _MAX_LISTS:
        raise ValueError("the lists of parts are too long")
    try:
        # A name may stand in an archive twice, and Office need not choose the one that Python does.
        return [element for part in lists for element in fromstring(archive.open(part).read()).iter()]
    except (ParseError, DefusedXmlException, RuntimeError, EOFError, zlib.error) as error:
        raise ValueError("a list of parts cannot be read") from error


def runs_macros(archive: zipfile.ZipFile, entries: list) -> bool:
    """Whether an Office file brings a program: by what its parts are said to be, and by the name that Office gives it."""
    if any(part.filename.lower().endswith("vbaproject.bin") for part in archive.infolist()):
        return True
    kinds = [f"{entry.get('ContentType', '')} {entry.get('Type', '')}".lower() for entry in entries]
    return any(word in kind for kind in kinds for word in _MACROS)


# A drive, a path below the root, or a path beside the file itself; neither another computer nor another scheme.
_OWN_DISK = re.compile(r"(file:///)?[a-z]:/(?!/)[^:]*|file:///(?!/)[^:]*|(?!/)[^:]+", re.IGNORECASE)


def fetches_from_elsewhere(entries: list) -> bool:
    """Whether opening it loads what it does not hold: a template, an object, a frame, a picture, another workbook."""
    return any(
        _points_elsewhere(entry) and not entry.get("Type", "").lower().endswith(_HARMLESS_POINTER) for entry in entries
    )


def _points_elsewhere(entry) -> bool:
    """To another computer. Office notes the template of a letter and the workbook of a formula by their place on the author's
    own disk, which leads nowhere on another one and fetches nothing."""
    target = unquote(entry.get("Target", "")).strip().replace("\\", "/")
    outside = entry.get("TargetMode", "").strip().lower() == "external" or "://" in target or target.startswith("//")
    return outside and not _OWN_DISK.fullmatch(target)


def is_heavy_workbook(file: IO[bytes], elements: int) -> bool:
    """Whether its parts hold more elements than that, or a row more cells than Excel has columns.

    openpyxl builds each row whole, and a megabyte packs some million cells. Every part is counted, whatever its name:
    which of them is a sheet, only openpyxl finds out.
    """
    found = _Elements()
    with opened(file) as archive:
        for part in archive.infolist():
            parser = found.parser()
            # What is no XML, or broken, is openpyxl's to name.
            with suppress(ExpatError), archive.open(part) as packed:
                while piece := packed.read(64 * 1024):
                    parser.Parse(piece)
                    if found.number > elements or found.widest > _WIDEST_ROW:
                        return True
    return False


class _Elements:
    """Counted while they are parsed: all of them, and the cells of the widest row."""

    def __init__(self) -> None:
        self.number = self.widest = self._in_row = 0

    def parser(self) -> XMLParserType:
        self._in_row = 0
        parser = ParserCreate()
        parser.StartElementHandler = self._count
        return parser

    def _count(self, tag: str, _attributes: dict) -> None:
        self.number += 1
        if tag.endswith("row"):
            self._in_row = 0
        elif tag.endswith("c"):
            self._in_row += 1
            self.widest = max(self.widest, self._in_row)

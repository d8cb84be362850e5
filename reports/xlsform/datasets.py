"""Files beside a workbook that hold rows: CSV, XML and GeoJSON, as `select_one_from_file`, `pulldata()` and `instance()` read them.

A row becomes a choice: `name`, `label`, and every other column in `extra`. Neither a long nor a deep file takes long.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import PurePath

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse
from django.utils.translation import gettext as _

from sajad_portal.lib.numbers import local_digits
from sajad_portal.lib.text import normalise

from .labels import Choice, Text
from .sheets import column
from .workbook import WorkbookRefused

ENDINGS = (".csv", ".xml", ".geojson")
MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 10_000
MAX_COLUMNS = 100
MAX_CELLS = 200_000
MAX_CELL = 4000
MAX_POINTS = 2000  # of one shape
_DEEPEST = 12
_COLUMN = re.compile(r"[^\W\d][\w.\-]*")

Row = dict[str, str]


def is_dataset(name: str) -> bool:
    return PurePath(name).suffix.lower() in ENDINGS


def read_dataset(name: str, data: bytes) -> tuple[Choice, ...]:
    """The rows of the file. WorkbookRefused names it and what is wrong with it."""
    if len(data) > MAX_BYTES:
        raise _refused(name, _("The file is larger than %(n)s MB.") % {"n": local_digits(MAX_BYTES // 2**20)})
    read = {".csv": _csv, ".xml": _xml, ".geojson": _geojson}[PurePath(name).suffix.lower()]
    found: list[Choice] = []
    cells = 0
    for number, row in read(name, data):
        cells += len(row)
        if len(found) >= MAX_ROWS or cells > MAX_CELLS:
            message = _("The file has more than %(rows)s rows or %(cells)s cells.")
            raise _refused(name, message % {"rows": local_digits(MAX_ROWS), "cells": local_digits(MAX_CELLS)}, number)
        if any(len(text) > MAX_CELL for text in row.values()):
            message = _("The cell holds more than %(n)s characters.") % {"n": local_digits(MAX_CELL)}
            raise _refused(name, message, number)
        found.append(_choice(row))
    return tuple(found)


def offered_from(rows: tuple[Choice, ...], value: str, label: str) -> tuple[Choice, ...]:
    """The rows as the choices of a question, whose parameters may name other columns than `name` and `label`."""
    if (value, label) == ("name", "label"):
        return rows
    return tuple(
        Choice(_cell(row, value), {"default": text} if (text := _cell(row, label)) else {}, row.extra) for row in rows
    )


def _cell(row: Choice, name: str) -> str:
    if name == "name":
        return row.name
    return row.extra.get(name, "") or (row.label_in("fa") if name == "label" and row.label else "")


def _choice(row: Row) -> Choice:
    label: Text = {}
    extra: Row = {}
    for header, text in row.items():
        known = column(header)
        if known.key == "label" and known.language:
            label[known.language] = normalise(text)
        elif header != "name":
            extra[header] = text
    return Choice(row.get("name", ""), label, extra)


def _refused(name: str, message: str, row: int | None = None) -> WorkbookRefused:
    return WorkbookRefused([{"sheet": name, "row": row, "column": None, "message": message}])


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(
            name, _("The file is not written in UTF-8. In Excel save it as “CSV UTF-8” and upload it again.")
        ) from None


# ---------------------------------------------------------------------------------------------------------------- CSV
def _csv(name: str, data: bytes) -> Iterator[tuple[int, Row]]:
    text = _text(name, data)
    first = text.partition("\n")[0]
    mark = max((",", ";", "\t"), key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    headers: list[str] = []
    try:
        for line in lines:
            if not headers:
                headers = _headers(name, line)
            elif row := {key: cell.strip() for key, cell in zip(headers, line, strict=False) if key and cell.strip()}:
                yield lines.line_num, row
    except csv.Error:
        raise _refused(name, _("The file cannot be read as CSV from here on."), lines.line_num) from None
    if not headers:
        raise _refused(name, _("The file is empty."))


def _headers(name: str, line: list[str]) -> list[str]:
    headers = [" ".join(cell.split()) for cell in line]
    if len(headers) > MAX_COLUMNS:
        raise _refused(name, _("The sheet has more than %(n)s columns.") % {"n": local_digits(MAX_COLUMNS)}, 1)
    named = [header for header in headers if header]
    twice = next((header for header in named if named.count(header) > 1), "")
    if twice:
        raise _refused(name, _("The column “%(column)s” stands twice. Keep one of them.") % {"column": twice}, 1)
    return headers


# ---------------------------------------------------------------------------------------------------------------- XML
def _xml(name: str, data: bytes) -> Iterator[tuple[int, Row]]:
    """`<root><item><name>…</name><label>…</label></item>…</root>`, as XForms writes a secondary instance."""
    depth, number, cells = 0, 0, 0
    row: Row = {}
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            cells += 1
            if depth > _DEEPEST or cells > 4 * MAX_CELLS:
                raise _refused(name, _("The file is deeper or longer than any list of choices."))
            if event == "start":
                continue
            if depth == 2:
                text = (element.text or "").strip()
                if text and len(row) < MAX_COLUMNS:
                    row[element.tag.split("}")[-1]] = text
            elif depth == 1:
                number += 1
                if row:
                    yield number, row
                row = {}
                element.clear()
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise _refused(name, _("The file cannot be read as XML.")) from None


# ------------------------------------------------------------------------------------------------------------ GeoJSON
def _geojson(name: str, data: bytes) -> Iterator[tuple[int, Row]]:
    """Each feature with its properties, its id, and its place as XForms writes it in `geometry`."""
    try:
        body = json.loads(_text(name, data))
    except (ValueError, RecursionError):
        raise _refused(name, _("The file cannot be read as GeoJSON.")) from None
    features = body.get("features") if isinstance(body, dict) and body.get("type") == "FeatureCollection" else None
    if not isinstance(features, list):
        raise _refused(name, _("The file is no FeatureCollection of GeoJSON."))
    for number, feature in enumerate(features, 1):
        if not isinstance(feature, dict):
            continue
        properties = feature.get("properties")
        row = {
            key: _plain(value)
            for key, value in list((properties if isinstance(properties, dict) else {}).items())[:MAX_COLUMNS]
            if _COLUMN.fullmatch(key) and isinstance(value, str | int | float) and _plain(value)
        }
        if isinstance(feature.get("id"), str | int | float):
            row["id"] = _plain(feature["id"])
        if place := _geometry(feature.get("geometry")):
            row["geometry"] = place
        if row:
            yield number, row


def _plain(value: str | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _geometry(geometry: object) -> str:
    if not isinstance(geometry, dict):
        return ""
    points = geometry.get("coordinates")
    if geometry.get("type") == "Point":
        points = [points]
    elif geometry.get("type") == "Polygon":
        points = points[0] if isinstance(points, list) and points else None
    elif geometry.get("type") != "LineString":
        points = None
    if not isinstance(points, list) or len(points) > MAX_POINTS:
        return ""
    found = []
    for point in points:
        if (
            not isinstance(point, list)
            or len(point) < 2
            or not all(isinstance(part, int | float) for part in point[:2])
        ):
            return ""
        found.append(f"{point[1]} {point[0]} 0 0")
    return "; ".join(found)

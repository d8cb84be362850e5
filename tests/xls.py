"""Writes an .xls (BIFF8 in a compound file) for tests: sheets of text, numbers, truths and errors, and records of one's own."""

import struct
from collections.abc import Sequence

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


class Error(int):
    """A cell that shows an error, by Excel's number: 0x17 is #REF!."""


class Day(float):
    """A cell that is shown as a date: days since 1899-12-30."""


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _text(text: str, size: str) -> bytes:
    return struct.pack(f"<{size}B", len(text), 1) + text.encode("utf-16-le")


def _cell(row: int, column: int, value) -> bytes:
    place = struct.pack("<HHH", row, column, 1 if isinstance(value, Day) else 0)
    if isinstance(value, Error):
        return record(0x0205, place + bytes([value, 1]))
    if isinstance(value, bool):
        return record(0x0205, place + bytes([value, 0]))
    if isinstance(value, int | float):
        return record(0x0203, place + struct.pack("<d", value))
    return record(0x0204, place + _text(str(value), "H"))


def _begin(kind: int) -> bytes:
    return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 1996, 0, 6))


def xls(
    sheets: dict[str, Sequence[Sequence[object]]],
    *,
    globals_: bytes = b"",
    cells: bytes = b"",
    names: Sequence[str] = (),
) -> bytes:
    """`globals_`: records before those of the sheets; `cells`: records at the end of the last sheet; `names`: of further streams."""
    bodies = []
    for lines in sheets.values():
        own = b"".join(
            _cell(row, column, value)
            for row, line in enumerate(lines)
            for column, value in enumerate(line)
            if value is not None and value != ""
        )
        bodies.append(_begin(0x0010) + own)
    bodies[-1] += cells
    bodies = [body + record(0x000A) for body in bodies]
    formats = [record(0x00E0, struct.pack("<HHHBBHIIH", 0, number, 0, 0, 0, 0, 0, 0, 0)) for number in (0, 14)]
    head = _begin(0x0005) + record(0x0042, struct.pack("<H", 1200)) + b"".join(formats) + globals_
    places = [record(0x0085, struct.pack("<IBB", 0, 0, 0) + _text(name, "B")) for name in sheets]
    at = len(head) + sum(map(len, places)) + 4
    listed = b""
    for name, body in zip(sheets, bodies, strict=True):
        listed += record(0x0085, struct.pack("<IBB", at, 0, 0) + _text(name, "B"))
        at += len(body)
    return compound({"Workbook": head + listed + record(0x000A) + b"".join(bodies), **dict.fromkeys(names, b"")})


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file of streams, the first padded to 4,096 bytes at least; empty ones have a name only."""
    (first, data), *others = streams.items()
    data = data.ljust(4096, b"\0")
    count = -(-len(data) // _SECTOR)
    entries = [
        _entry("Root Entry", 5, child=1),
        _entry(first, 2, size=len(data), start=2, right=2 if others else _FREE),
    ]
    for index, (name, _nothing) in enumerate(others, 3):
        entries.append(_entry(name, 1, right=index if index - 2 < len(others) else _FREE, start=_END))
    entries += [_entry("", 0)] * (-len(entries) % 4)
    directory = b"".join(entries)
    assert len(directory) == _SECTOR
    # Sectors: the tables of sectors stand at the end; 0 is unused, 1 the directory, then the stream.
    total, tables = 2 + count, 1
    while tables * 128 < total + tables:
        tables += 1
    chain = [_FREE, _END, *range(3, 2 + count), _END, *[_FAT] * tables]
    chain += [_FREE] * (tables * 128 - len(chain))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", *range(total, total + tables), *[_FREE] * (109 - tables))
    body = b"\0" * _SECTOR + directory + data.ljust(count * _SECTOR, b"\0")
    return header + body + struct.pack(f"<{len(chain)}I", *chain)


def _entry(name: str, kind: int, *, child: int = _FREE, right: int = _FREE, size: int = 0, start: int = _END) -> bytes:
    coded = (name + "\0").encode("utf-16-le") if name else b""
    body = coded.ljust(64, b"\0") + struct.pack("<HBBIII", len(coded), kind, 1, _FREE, right, child)
    return body.ljust(116, b"\0") + struct.pack("<III", start, size, 0)

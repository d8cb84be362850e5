"""Small files that the story brings: one of each kind that evidence may be."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fe0def46b8"
    "0000000049454e44ae426082"
)
JPG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb004300") + bytes([1]) * 64 + bytes.fromhex("ffd9")


def files() -> dict[str, bytes]:
    """A small file of each kind that evidence may be."""

    def packed(*names: str) -> bytes:
        body = io.BytesIO()
        with zipfile.ZipFile(body, "w") as archive:
            for name in names:
                archive.writestr(zipfile.ZipInfo(name), "<x/>")
        return body.getvalue()

    book = io.BytesIO()
    Workbook().save(book)
    office = "[Content_Types].xml"
    return {
        "فهرست.pdf": PDF, "عکس.png": PNG, "عکس.jpg": JPG, "نامه.docx": packed(office, "word/document.xml"),
        "جدول.xlsx": book.getvalue(), "ارقام.csv": "الف,ب\n۱,۲\n".encode(), "همه.zip": packed("a.txt"),
    }  # fmt: skip


def file(name: str = "پیوست.pdf", body: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body)

"""Files beside a workbook on their way in: lists of choices, pictures, sounds and films. Changes nothing."""

from collections.abc import Iterable
from pathlib import PurePath

from django.core.files import File
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.files import FILMS, SOUNDS, clean_name, inspect
from sajad_portal.lib.numbers import local_digits

from ..xlsform import WorkbookRefused
from ..xlsform.datasets import ENDINGS
from ..xlsform.datasets import MAX_BYTES as LIST_BYTES

MAX_FILES = 60
MAX_BYTES = 10 * 1024 * 1024
MAX_TOTAL = 40 * 1024 * 1024
KINDS = {*ENDINGS, ".png", ".jpg", ".jpeg", ".gif", ".webp", *SOUNDS, *FILMS}


def inspected(uploads: Iterable[File]) -> dict[str, bytes]:
    """{name: content}. WorkbookRefused with a line for each file that is none of those, too large or there twice."""
    found: dict[str, bytes] = {}
    errors: list[dict] = []
    total = 0
    for upload in uploads:
        name = clean_name(upload.name or "")
        try:
            if len(found) >= MAX_FILES or total + upload.size > MAX_TOTAL:
                message = _("At most %(n)s files of %(mb)s MB together can come with a form.")
                raise Refused(message % {"n": local_digits(MAX_FILES), "mb": local_digits(MAX_TOTAL // 2**20)})
            if name.lower() in {each.lower() for each in found}:
                raise Refused(_("There are two files of this name. Choose one of them."))
            if PurePath(name).suffix.lower() in (".svg", ".svgz"):
                raise Refused(_("A picture in SVG can carry programs, so the portal shows none. Save it as PNG under the same name (“%(name)s”) and choose that: it stands in its place.") % {"name": f"{PurePath(name).stem}.png"})  # fmt: skip
            most = LIST_BYTES if PurePath(name).suffix.lower() in ENDINGS else MAX_BYTES
            inspect(upload, max_bytes=most, allowed=KINDS)
        except Refused as refusal:
            errors.append({"sheet": name, "row": None, "column": None, "message": refusal.message})
            continue
        upload.seek(0)
        found[name] = upload.read()
        total += upload.size
    if errors:
        raise WorkbookRefused(errors)
    return found


def inspected_from_disk(files: dict[str, bytes]) -> dict[str, bytes]:
    """The same for files that were read from a disk."""
    return inspected(ContentFile(data, name=name) for name, data in files.items())

"""Whose portal this is, kept by administrators."""

import hashlib
import io
from datetime import date
from typing import Literal

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.files import inspect
from sajad_portal.lib.text import normalise

from ..enums import OrganisationVerb
from ..models import Organisation, Person
from ..models.organisation import ONLY_ROW
from ..queries.organisation import forget
from ..rules import can_set_up_portal
from .events import record

EDITABLE = (
    "name", "name_en", "ministry", "ministry_en", "portal_name", "portal_name_en", "portal_title", "portal_title_en",
    "window", "phone", "hours", "hours_en", "address", "address_en", "mail_from",
)  # fmt: skip
LOGO_BYTES = 1024 * 1024
LOGO_SIDE, LOGO_KEPT = 4000, 400  # pixels that are taken, and that are kept


def describe_organisation(
    *,
    by: Person,
    seen: str | None = None,
    logo: File | None = None,
    without_logo: bool = False,
    factor_from: date | Literal["as it is"] | None = "as it is",
    **fields: str,
) -> Organisation:
    """Say whose portal this is, or change it. `fields` as in EDITABLE; what is not given stays. The same again changes nothing.

    `logo`: a PNG or JPEG file, kept as a small PNG; `without_logo` takes the present one away. `seen`: `marked_organisation`
    of what the writer saw. `factor_from`: the day from which `rules.must_have_factor` holds; None: nobody must. Raises Forbidden; Refused (`no-name`, `organisation-changed`, `logo-too-large`, and as lib.files does).
    """
    picture = small_logo(logo) if logo else None
    with transaction.atomic():
        if not can_set_up_portal(by):
            raise Forbidden(_("Whose portal this is, is written by an administrator."))
        row = Organisation.objects.select_for_update().filter(pk=ONLY_ROW).first() or Organisation(pk=ONLY_ROW)
        at = database_now()
        if seen is not None and seen != marked_organisation(row):
            raise _changed()
        before = {name: getattr(row, name) for name in (*EDITABLE, "logo_sha256", "factor_from")}
        for name in EDITABLE:
            setattr(row, name, normalise(str(fields.get(name, before[name]))))
        if not (row.name and row.portal_name):
            raise Refused(_("Write the name of the organization and the short name of the portal."), code="no-name")
        if factor_from != "as it is":
            row.factor_from = factor_from
        _change_logo(row, picture, without_logo)
        changed = {
            name: [_told(old), _told(getattr(row, name))] for name, old in before.items() if getattr(row, name) != old
        }
        if changed:
            row.updated_at = at
            try:
                with transaction.atomic():
                    row.save()
            except IntegrityError as error:  # two wrote the first one at the same instant
                raise _changed() from error
            record(OrganisationVerb.DESCRIBE, noun="organisation", key=row.pk, at=at, by=by, data={"changed": changed})
            transaction.on_commit(forget)
        return row


def marked_organisation(row: Organisation | None) -> str:
    """What tells one state of the row from another; empty where there is none."""
    return row.updated_at.isoformat() if row and row.updated_at else ""


def small_logo(upload: File) -> bytes:
    """The picture made anew as a PNG of at most LOGO_KEPT pixels a side: what else the file held is gone.

    Refused for what is no PNG or JPEG (an SVG may run scripts), is too large, or cannot be read.
    """
    inspect(upload, max_bytes=LOGO_BYTES, allowed={".png", ".jpg", ".jpeg"})
    try:
        with Image.open(upload, formats=("PNG", "JPEG")) as picture:
            if max(picture.size) > LOGO_SIDE:
                said = _("The logo has more than %(n)s pixels a side. Make it smaller and choose it again.")
                raise Refused(said % {"n": LOGO_SIDE}, code="logo-too-large")
            made = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        said = _("The picture cannot be read. Save it again as PNG and choose it once more.")
        raise Refused(said, code="logo-unreadable") from error
    made.thumbnail((LOGO_KEPT, LOGO_KEPT))
    out = io.BytesIO()
    made.save(out, format="PNG", optimize=True)
    return out.getvalue()


def _told(value: str | date | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def _changed() -> Refused:
    said = _("Somebody has changed this page since you opened it. Open it again and enter your changes once more.")
    return Refused(said, code="organisation-changed")


def _change_logo(row: Organisation, picture: bytes | None, without: bool) -> None:
    if picture is not None:
        sha256 = hashlib.sha256(picture).hexdigest()
        if sha256 != row.logo_sha256:
            row.logo_sha256 = sha256
            row.logo.save(f"logo-{sha256[:12]}.png", ContentFile(picture), save=False)
    elif without:
        row.logo, row.logo_sha256 = "", ""

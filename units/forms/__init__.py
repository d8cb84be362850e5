"""The shape of what people type about accounts and units. Rights and meaning are the verbs' business."""

from django.core.exceptions import ValidationError

from sajad_portal.lib.errors import Refused

LATIN = {"dir": "ltr", "autocapitalize": "none", "spellcheck": "false"}


def checked(check, typed: str) -> str:
    """A verb's own check, its refusal as the field's error."""
    try:
        return check(typed) if typed else ""
    except Refused as refusal:
        raise ValidationError(str(refusal), code=refusal.code) from refusal

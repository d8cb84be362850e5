"""The shape of what is sent about a file of units, and about what a retired unit left open."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sajad_portal.lib.carried import KEPT, packed_file, unpacked_file
from sajad_portal.lib.fields import TextField
from sajad_portal.lib.forms import PortalForm
from units.files.units import MAX_BYTES
from units.queries.import_kinds import Answers
from units.queries.import_plan import ImportPlan

from ..enums import Fate


class UnitFileForm(PortalForm):
    """A file, where its rows hang, and what becomes of units that it leaves out."""

    under = TextField(
        label=gettext_lazy("Below the unit"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocapitalize": "none", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "The code of the unit under which rows without a unit above hang. Empty: they are roots."
        ),
    )
    retire_missing = forms.BooleanField(
        label=gettext_lazy("Retire units that the file leaves out"),
        required=False,
        help_text=gettext_lazy(
            "Only what lies below that unit, or below the file’s own roots. The preview names each."
        ),
    )


class UnitPreviewForm(UnitFileForm):
    """A preview that is to be stored: the very bytes that were looked at, and the fingerprint of what they would do."""

    name = forms.CharField(max_length=300, required=False)
    packed = forms.CharField(max_length=KEPT)
    seen = forms.CharField(max_length=64)

    def clean_packed(self) -> bytes:
        data = unpacked_file(self.cleaned_data["packed"], MAX_BYTES)
        if data is None:
            raise ValidationError(_("The preview is broken. Choose the file again."))
        return data


def answers_about_kinds(posted) -> Answers | None:
    """What was typed beside the kinds and attributes that the file brings: `kind-N-key/code/name/name_en`, `attribute-N-key/type`."""
    kinds, types = {}, {}
    for number in range(200):
        if key := posted.get(f"kind-{number}-key", ""):
            code, name, name_en = (
                posted.get(f"kind-{number}-{part}", "")[:200] for part in ("code", "name", "name_en")
            )
            kinds[key] = (code, name, name_en)
        if key := posted.get(f"attribute-{number}-key", ""):
            types[key] = posted.get(f"attribute-{number}-type", "")
    return Answers(kinds, types) if kinds or types else None


def hidden_of(plan: ImportPlan, data: bytes, name: str, under: str, retire_missing: bool) -> dict[str, str]:
    """What the page of a preview posts back."""
    kept = {"name": name[:300], "packed": packed_file(data), "seen": plan.fingerprint, "under": under}
    return kept | ({"retire_missing": "on"} if retire_missing else {})


class EndingForm(PortalForm):
    """Why a unit ends, and which one takes over."""

    code = TextField(
        label=gettext_lazy("Code of the unit that takes over"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocapitalize": "none", "spellcheck": "false"}),
    )
    reason = TextField(label=gettext_lazy("Reason"), max_length=500)


class LeftOpenForm(EndingForm):
    """What becomes of each open matter: `fate-CALL`, or `fate-none` for what belongs to no call; nothing chosen changes nothing."""

    def clean(self):
        cleaned = super().clean() or {}
        fates: dict[int | None, Fate] = {}
        for name, value in self.data.items():
            key = name.removeprefix("fate-")
            if name.startswith("fate-") and value in Fate.values and (key == "none" or key.isdecimal()):
                fates[None if key == "none" else int(key[:18])] = Fate(value)
        return cleaned | {"fates": fates}

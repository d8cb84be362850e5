"""The shape of what is typed about the tree of units."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import TextField

from ..enums import UnitKind
from . import LATIN


class UnitForm(forms.Form):
    """A new unit, or a new name and kind for one."""

    code = TextField(label=_("Code"), max_length=60, widget=forms.TextInput(attrs=LATIN))
    name = TextField(label=_("Name"), max_length=200)
    name_en = TextField(
        label=_("English name"), required=False, max_length=200, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=UnitKind.choices)

    def __init__(self, *args, with_code: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        if not with_code:
            del self.fields["code"]


class PlaceForm(forms.Form):
    """The code of another unit: the one to hang under, or the one that takes over."""

    code = TextField(label=_("Code of the unit"), required=False, max_length=60, widget=forms.TextInput(attrs=LATIN))
    reason = TextField(label=_("Reason"), required=False, max_length=500)

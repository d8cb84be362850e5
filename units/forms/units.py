"""The shape of what is typed about the tree of units."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.fields import TextField, offer
from sajad_portal.lib.forms import PortalForm

from ..enums import AttributeType
from ..models import Unit, UnitAttribute
from ..queries.kinds import open_attributes, open_kinds
from . import LATIN

PREFIX = "attribute-"  # of the fields of attributes


class UnitForm(PortalForm):
    """A new unit, or a new name, kind and attributes for one. `unit`: the one that is changed; it keeps what was closed since."""

    code = TextField(label=_("Code"), max_length=60, widget=forms.TextInput(attrs=LATIN))
    name = TextField(label=_("Name"), max_length=200)
    name_en = TextField(
        label=_("English name"), required=False, max_length=200, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    kind = forms.ChoiceField(label=_("Kind"))

    def __init__(self, *args, unit: Unit | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        if unit:
            del self.fields["code"]
        kinds = open_kinds(unit.kind_id if unit else "")
        self.without_kinds = not kinds
        choices = [(kind.code, kind.name_here) for kind in kinds]
        offer(self, "kind", choices if unit else [("", "—"), *choices])
        self.described = open_attributes(unit.attributes if unit else ())
        for attribute in self.described:
            self.fields[PREFIX + attribute.code] = _field_of(attribute)

    @property
    def attribute_fields(self) -> list:
        return [self[PREFIX + attribute.code] for attribute in self.described]

    def clean(self):
        """`attributes`: {code: as typed}, each checked by what it is."""
        cleaned = super().clean() or {}
        values = {}
        for attribute in self.described:
            name = PREFIX + attribute.code
            try:
                values[attribute.code] = attribute.clean_value(cleaned.pop(name, None) or "")
            except Refused as refusal:
                self.add_error(name, str(refusal))
        return cleaned | {"attributes": values}


def _field_of(attribute: UnitAttribute) -> forms.Field:
    if attribute.type == AttributeType.CHOICE:
        options = [("", "—"), *((choice, choice) for choice in attribute.choices)]
        return forms.ChoiceField(label=attribute.name_here, required=False, choices=options)
    looks = {"inputmode": "decimal", "dir": "ltr"} if attribute.type == AttributeType.NUMBER else {}
    return TextField(label=attribute.name_here, required=False, max_length=300, widget=forms.TextInput(attrs=looks))


def initial_of(unit: Unit) -> dict[str, str]:
    """What the form of a unit begins with."""
    told = {"name": unit.name, "name_en": unit.name_en, "kind": unit.kind_id}
    return told | {PREFIX + code: value for code, value in unit.attributes.items()}


class KindForm(PortalForm):
    """A kind of units, new or changed. Without a code one is made of the name."""

    name = TextField(label=_("Name"), max_length=200)
    name_en = TextField(
        label=_("English name"), required=False, max_length=200, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    code = TextField(
        label=_("Code"), required=False, max_length=60, widget=forms.TextInput(attrs=LATIN),
        help_text=_("Files, forms and exports name it by this code; it never changes. Left empty, one is made of the name."),
    )  # fmt: skip

    def __init__(self, *args, new: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        if not new:
            del self.fields["code"]


class AttributeForm(KindForm):
    """An attribute of units. Its type stays once it is there."""

    type = forms.ChoiceField(label=_("Type"), choices=AttributeType.choices)
    choices = TextField(
        label=_("Values to choose from"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line; only for an attribute of the type “one of some values”."),
    )  # fmt: skip

    def __init__(self, *args, new: bool = True, **kwargs):
        super().__init__(*args, new=new, **kwargs)
        if not new:
            del self.fields["type"]

    def clean_choices(self) -> list[str]:
        return self.cleaned_data["choices"].splitlines()


class PlaceForm(PortalForm):
    """The code of another unit, under which to hang."""

    code = TextField(label=_("Code of the unit"), required=False, max_length=60, widget=forms.TextInput(attrs=LATIN))

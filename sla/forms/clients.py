"""The shape of what is typed about programs."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import JalaliMomentField, TextField, offer_rows
from sajad_portal.lib.forms import PortalForm
from units.models import Membership, Unit

from ..enums import ClientScope
from ..models import Service

LTR = {"dir": "ltr"}


class ClientForm(PortalForm):
    """A program to be admitted."""

    service = forms.ModelChoiceField(Service.objects.none(), label=_("Service"))
    name = TextField(
        label=_("Name of the program"),
        max_length=150,
        help_text=_("By this name people know it, and it stands beside everything that is done through it."),
    )
    organisation = TextField(
        label=_("Whose it is"),
        max_length=200,
        required=False,
        help_text=_("An organization that is no unit of the portal; otherwise choose the unit."),
    )
    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Unit"), required=False)
    scopes = forms.MultipleChoiceField(
        label=_("What it may ask for"), choices=ClientScope.choices, widget=forms.CheckboxSelectMultiple
    )
    expires_at = JalaliMomentField(label=_("The token holds until"), ends=True)

    def __init__(self, *args, services, units, **kwargs):
        super().__init__(*args, **kwargs)
        offer_rows(self, "service", services).empty_label = None
        offer_rows(self, "unit", units).empty_label = "—"


class TokenForm(PortalForm):
    """A new token for a program."""

    expires_at = JalaliMomentField(label=_("The token holds until"), ends=True)


class WebhookForm(PortalForm):
    """An address that a program wants told."""

    address = TextField(label=_("Address"), max_length=500, widget=forms.TextInput(attrs=LTR))


class BindForm(PortalForm):
    """A program to be bound to a seat of one's own."""

    code = TextField(
        label=_("Code of the program"),
        max_length=20,
        widget=forms.TextInput(attrs=LTR),
        help_text=_("Eight letters and digits, which whoever runs the program tells you."),
    )
    seat = forms.ModelChoiceField(Membership.objects.none(), label=_("Your seat"))

    def __init__(self, *args, seats, **kwargs):
        super().__init__(*args, **kwargs)
        field = offer_rows(self, "seat", seats)
        field.empty_label = None
        setattr(field, "label_from_instance", lambda seat: f"{seat.get_role_display()}، {seat.unit.name}")  # noqa: B010 as Django says to

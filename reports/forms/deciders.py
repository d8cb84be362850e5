"""Naming who decides about a unit's reports."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import TextField, offer_rows
from sajad_portal.lib.forms import PortalForm
from units.models import Person

from .reviewers import PersonField


class NamingForm(PortalForm):
    person = PersonField(Person.objects.none(), label=_("Who decides"), empty_label=_("Choose somebody"))
    reason = TextField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        help_text=_("It is kept in the record and told to the person."),
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        offer_rows(self, "person", people)


class EndNamingForm(PortalForm):
    reason = TextField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        help_text=_("It is kept in the record and told to the person."),
    )

"""Assigning reviewers, and taking an assignment back."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import TextField, offer, offer_rows
from sajad_portal.lib.forms import PortalForm
from sajad_portal.lib.language import current_language
from units.models import Person, Unit

from .fields import UnitField, offer_units


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Person) -> str:
        return obj.get_full_name()


class AssignForm(PortalForm):
    """Who, which section (empty: all), which subtree of the call."""

    reviewer = PersonField(Person.objects.none(), label=_("Reviewer"), empty_label=_("Choose a reviewer"))
    section = forms.ChoiceField(label=_("Section"), required=False)
    unit = UnitField(
        label=_("Units"),
        help_text=_("The code or the name of a unit; the reviewer gets it and everything below it."),
    )
    lead = forms.BooleanField(
        label=_("As the lead"),
        required=False,
        help_text=_("A lead looks where reviewers differ or one is silent, and settles."),
    )

    def __init__(self, *args, reviewers, definition, units, provider: Unit, **kwargs):
        super().__init__(*args, initial={"unit": provider}, **kwargs)
        language = "en" if (current_language()).startswith("en") else "fa"
        offer_rows(self, "reviewer", reviewers)
        sections = ((s.name, s.label_in(language)) for s in definition.sections if s.name)
        offer(self, "section", [("", _("All sections")), *sections])
        offer_units(self, "unit", units)


class EndForm(PortalForm):
    """Take an assignment back; with a reviewer, hand it over."""

    to = PersonField(Person.objects.none(), label=_("Hand over to"), required=False, empty_label=_("Nobody yet"))
    reason = TextField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        help_text=_("It is kept in the record. What was handed in stays and counts."),
    )

    def __init__(self, *args, reviewers, **kwargs):
        super().__init__(*args, **kwargs)
        offer_rows(self, "to", reviewers)


class HandOverForm(PortalForm):
    """To whom chosen reviews go, and why."""

    to = PersonField(Person.objects.none(), label=_("Hand over to"), empty_label=_("Choose a reviewer"))
    reason = TextField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        help_text=_("It is kept in the record and told to who gives the reviews up."),
    )

    def __init__(self, *args, reviewers, **kwargs):
        super().__init__(*args, **kwargs)
        offer_rows(self, "to", reviewers)

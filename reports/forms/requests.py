"""The shape of what is typed about a general request."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import TextField
from sajad_portal.lib.forms import PortalForm
from sla.enums import Decision


class RequestForm(PortalForm):
    """A draft. Its files come beside it."""

    reason = TextField(
        label=_("What do you ask for, and why?"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 9}),
    )


CHOICES = (
    (Decision.GRANTED, _("Grant the request")),
    (Decision.PARTLY, _("Grant a part of it")),
    (Decision.REFUSED, _("Refuse the request")),
)


class DecisionForm(PortalForm):
    """What the provider decides."""

    decision = forms.ChoiceField(label=_("Decision"), choices=CHOICES, widget=forms.RadioSelect)
    reason = TextField(
        label=_("Reason"),
        min_length=3,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The unit reads it, and it stays on record. A part grant says here what is granted."),
    )

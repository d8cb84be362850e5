"""Changing a published call, and what is asked of one: each with its reason."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sajad_portal.lib.fields import JalaliMomentField, TextField
from sajad_portal.lib.forms import PortalForm

from .fields import UnitField, offer_units


class CallReasonForm(PortalForm):
    """What every later change of a published call asks for."""

    reason = TextField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text=gettext_lazy("It is kept in the record and shown to those concerned."),
    )

    def clean_reason(self):
        if len(self.cleaned_data["reason"]) < 3:
            raise ValidationError(_("Write the reason in a few words."), code="no-reason")
        return self.cleaned_data["reason"]


class UntilForm(CallReasonForm):
    """A later end, and why."""

    field_order = ("until", "reason")
    until = JalaliMomentField(
        ends=True,
        label=gettext_lazy("New deadline"),
        help_text=gettext_lazy("A date means the end of that day; add a time for another hour."),
    )


class CloseForm(CallReasonForm):
    field_order = ("until", "reason")
    until = JalaliMomentField(
        ends=True,
        required=False,
        label=gettext_lazy("New closing"),
        help_text=gettext_lazy("Leave it empty to close at once."),
    )


class AskForm(CallReasonForm):
    field_order = ("unit", "until", "reason")
    unit = UnitField(label=gettext_lazy("Unit"), help_text=gettext_lazy("Its code or its whole name."))
    until = JalaliMomentField(
        ends=True,
        required=False,
        label=gettext_lazy("A deadline of its own"),
        help_text=gettext_lazy("Needed once the call has closed."),
    )

    def __init__(self, *args, units, **kwargs):
        super().__init__(*args, **kwargs)
        offer_units(self, "unit", units)


class NoteForm(PortalForm):
    note = TextField(
        required=False,
        label=gettext_lazy("A word of your own"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        help_text=gettext_lazy("It comes before the portal’s own text."),
    )


class ExtensionAskForm(UntilForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["until"].label = _("More time until")
        self.fields["reason"].help_text = _("The coordinator decides by it.")


class ExtensionDecisionForm(CallReasonForm):
    """`granted_until()` is None where the request is refused."""

    field_order = ("decision", "until", "reason")
    decision = forms.ChoiceField(
        choices=[
            ("granted", gettext_lazy("Grant as asked")),
            ("partly", gettext_lazy("Grant another date")),
            ("refused", gettext_lazy("Refuse")),
        ],
        widget=forms.RadioSelect,
        label=gettext_lazy("Decision"),
    )
    until = JalaliMomentField(
        ends=True,
        required=False,
        label=gettext_lazy("The other date"),
        help_text=gettext_lazy("Only for another date."),
    )

    def __init__(self, *args, asked, **kwargs):
        super().__init__(*args, **kwargs)
        self.asked = asked

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("decision") == "partly" and not cleaned.get("until") and "until" not in self.errors:
            self.add_error("until", _("Write the date until which the unit has time."))
        return cleaned

    def granted_until(self):
        decision = self.cleaned_data["decision"]
        return {"granted": self.asked.asked_until, "partly": self.cleaned_data["until"], "refused": None}[decision]

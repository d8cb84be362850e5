"""The shape of what is typed about money: filters of the ledger, refunds, statements of a day."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import JalaliDateField, TextField


class LedgerFilterForm(forms.Form):
    """Days are both included."""

    q = TextField(
        label=_("Unit, order number, bank reference or tracking code"), max_length=100, required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Unit, order, reference, tracking code")}),
    )  # fmt: skip
    first = JalaliDateField(
        label=_("From the day"), required=False, widget=forms.TextInput(attrs={"placeholder": _("From the day")})
    )
    last = JalaliDateField(
        label=_("To the day"), required=False, widget=forms.TextInput(attrs={"placeholder": _("To the day")})
    )


class RefundReasonForm(forms.Form):
    reason = TextField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), min_length=3, max_length=1000)


class PayoutForm(forms.Form):
    reference = TextField(
        label=_("Reference of the paying out"),
        max_length=80,
        help_text=_("As the bank or the treasury gave it for the transfer to the payer."),
    )


class StatementForm(forms.Form):
    day = JalaliDateField(label=_("Day"))
    file = forms.FileField(label=_("Statement of the bank"), required=False)

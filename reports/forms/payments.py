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


class StatementForm(forms.Form):
    day = JalaliDateField(label=_("Day"))
    file = forms.FileField(label=_("Statement of the bank"), required=False)

"""The shape of what is typed about money: filters of the ledger, refunds, statements of a day."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import JalaliDateField, TextField, offer_rows
from sajad_portal.lib.forms import PortalForm
from sla.models import Service


class LedgerFilterForm(PortalForm):
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


class ServiceField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Service) -> str:
        return obj.title_here


class StatementForm(PortalForm):
    """`services`: those that the person reconciles; which one is asked where there are several."""

    service = ServiceField(Service.objects.none(), empty_label=None, label=_("Service"))
    day = JalaliDateField(label=_("Day"))
    file = forms.FileField(label=_("Statement of the bank"), required=False)

    def __init__(self, *args, services: list[Service], **kwargs):
        super().__init__(*args, **kwargs)
        if len(services) > 1:
            offer_rows(
                self, "service", Service.objects.filter(pk__in=[one.pk for one in services]).order_by("title", "pk")
            )
        else:
            del self.fields["service"]

"""The shape of what is typed about a new service and its request types."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import JalaliDateField, TextField, WholeField, offer_rows
from units.models import Unit

LTR = {"dir": "ltr"}
DAYS = _("working days")


class NewServiceForm(forms.Form):
    """What an administrator says of a new service; the rest of its card is its coordinators'."""

    provider = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("Provider"),
        help_text=_(
            "The unit that offers the service. Its coordinators keep it and speak for it. It cannot be changed later."
        ),
    )
    title = TextField(label=_("Title"), max_length=200)
    description = TextField(label=_("Definition"), widget=forms.Textarea(attrs={"rows": 4}))
    recipients = TextField(
        label=_("Recipients"), max_length=200, help_text=_("Such as: the offices of the organization.")
    )
    window = TextField(label=_("Single window"), max_length=100, widget=forms.TextInput(attrs=LTR))
    slug = TextField(
        label=_("Address"),
        max_length=48,
        widget=forms.TextInput(attrs=LTR),
        help_text=_("Latin letters, digits, hyphens: the service’s page is /services/…/. It cannot be changed later."),
    )
    code = TextField(
        label=_("Service id"),
        max_length=20,
        widget=forms.TextInput(attrs=LTR),
        help_text=_("The unique id of the national list of services. It cannot be changed later."),
    )
    report_days = WholeField(label=_("Target of a periodic report"), least=1, most=365, affix=DAYS)
    extension_days = WholeField(label=_("Target of an extension request"), least=1, most=365, affix=DAYS)
    objection_days = WholeField(label=_("Target of an objection"), least=1, most=365, affix=DAYS)

    def __init__(self, *args, units, **kwargs):
        super().__init__(*args, **kwargs)
        offer_rows(self, "provider", units).empty_label = "—"


class TypeForm(forms.Form):
    """Another request type of a service."""

    title = TextField(label=_("Title"), max_length=150)
    title_en = TextField(label=_("Title in English"), max_length=150, required=False, widget=forms.TextInput(attrs=LTR))
    code = TextField(
        label=_("Code"),
        max_length=50,
        widget=forms.TextInput(attrs=LTR),
        help_text=_("Tariff tables name the type by it; for example monthly-report. It cannot be changed later."),
    )
    target_working_days = WholeField(label=_("Target"), least=1, most=365, affix=DAYS)


class TypeTitleForm(forms.Form):
    title = TextField(label=_("Title"), max_length=150)
    title_en = TextField(label=_("Title in English"), max_length=150, required=False, widget=forms.TextInput(attrs=LTR))


class TargetForm(forms.Form):
    working_days = WholeField(label=_("New target"), least=1, most=365, affix=DAYS)
    starts = JalaliDateField(label=_("Holds from"))

"""The shape of what is typed about a new service and its request types."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import JalaliDateField, TextField, WholeField, offer_rows
from sajad_portal.lib.forms import PortalForm
from units.models import Unit

from ..actions.request_types import TypeTerms
from ..enums import ADDED_KINDS, Filers

LTR = {"dir": "ltr"}
DAYS = _("working days")


class NewServiceForm(PortalForm):
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


class TermsForm(PortalForm):
    """What a type says of itself; the terms of a general request where `general`."""

    title = TextField(label=_("Title"), max_length=150)
    title_en = TextField(label=_("Title in English"), max_length=150, required=False, widget=forms.TextInput(attrs=LTR))
    description = TextField(
        label=_("Description"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What it is for, and what a request should say. Units read it before they file."),
    )
    description_en = TextField(
        label=_("Description in English"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, **LTR}),
    )
    filers = forms.ChoiceField(label=_("Who files"), choices=Filers.choices)
    needs_files = forms.BooleanField(label=_("At least one file is required"), required=False)
    contest_days = WholeField(
        label=_("Days to contest the decision"),
        required=False,
        least=1,
        most=365,
        affix=_("days"),
        help_text=_("For how many days a refusal or a part grant can be contested. Empty: the decision is final."),
    )

    OF_GENERAL = ("filers", "needs_files", "contest_days")

    def __init__(self, *args, general: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        for name in () if general else self.OF_GENERAL:
            del self.fields[name]

    def terms(self) -> TypeTerms:
        given = self.cleaned_data
        names = [name for name in ("description", "description_en", *self.OF_GENERAL) if name in self.fields]
        return TypeTerms(**{name: given[name] for name in names})


class TypeForm(TermsForm):
    """Another request type of a service."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(kind.value, kind.label) for kind in ADDED_KINDS],
        help_text=_(
            "A report is asked for by a call. A general request is filed by a unit itself. It cannot be changed later."
        ),
    )
    code = TextField(
        label=_("Code"),
        max_length=50,
        widget=forms.TextInput(attrs=LTR),
        help_text=_("Tariff tables name the type by it; for example indicator-revision. It cannot be changed later."),
    )
    target_working_days = WholeField(label=_("Target"), least=1, most=365, affix=DAYS)
    field_order = ("kind", "title", "title_en", "code", "target_working_days")


class TargetForm(PortalForm):
    working_days = WholeField(label=_("New target"), least=1, most=365, affix=DAYS)
    starts = JalaliDateField(label=_("Holds from"))

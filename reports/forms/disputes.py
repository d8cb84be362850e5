"""The shape of what is typed to file a dispute or to make an offer."""

from collections.abc import Iterable

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import JalaliMomentField, TextField, WholeField, offer
from sajad_portal.lib.forms import PortalForm
from sla.models import AgreementVersion
from units.models import Unit

from ..pages.disputes.offered_act import offered_act_label
from ..rules.offered_acts import EXTENSION, FEE
from .fields import UnitField, offer_units


class InterpretationForm(PortalForm):
    """A question about one section of a published agreement. `units`: for whom the person may file."""

    section = forms.ChoiceField(label=_("Section of the agreement"))
    unit = UnitField(label=_("Unit"), help_text=_("Code or whole name of the unit with which the provider differs."))
    text = TextField(
        label=_("How do you read it, and what follows from it?"), widget=forms.Textarea(attrs={"rows": 7}), min_length=3
    )

    def __init__(self, *args, agreements: Iterable[AgreementVersion], units: QuerySet[Unit], **kwargs):
        super().__init__(*args, **kwargs)
        versions = [
            (
                _("Version %(number)s") % {"number": agreement.number},
                [(f"{agreement.pk}:{section.key}", section.heading_here) for section in agreement.sections.all()],
            )
            for agreement in agreements
        ]
        offer(self, "section", [("", "—"), *versions])
        self.only_unit = None
        found = list(units[:2])
        if len(found) == 1:
            self.only_unit = found[0]
            del self.fields["unit"]
        else:
            offer_units(self, "unit", units)

    @property
    def chosen_unit(self) -> Unit:
        return self.only_unit or self.cleaned_data["unit"]


IN_WORDS = "words"


class ActOfferForm(PortalForm):
    """How a dispute is to end: in words, or with one of `acts` (dispute_acts), which accepting performs."""

    act = forms.ChoiceField(widget=forms.RadioSelect, label=_("What accepting does"))
    until = JalaliMomentField(
        ends=True, required=False, label=_("More time until"), help_text=_("Only where the unit gets more time.")
    )
    rials = WholeField(
        required=False, least=0, affix=_("rials"), label=_("New amount"), help_text=_("0 waives the fee.")
    )
    text = TextField(
        label=_("Your offer"),
        widget=forms.Textarea(attrs={"rows": 5}),
        min_length=3,
        help_text=_("The other side reads it beside the offer; it does not change after it is sent."),
    )

    def __init__(self, *args, acts: Iterable[str], **kwargs):
        super().__init__(*args, **kwargs)
        acts = list(acts)
        in_words = (IN_WORDS, _("Nothing by itself: what is written below is agreed"))
        offer(self, "act", [*((act, offered_act_label(act)) for act in acts), in_words])
        self.fields["act"].initial = acts[0] if acts else IN_WORDS
        for name, act in (("until", EXTENSION), ("rials", FEE)):
            if act not in acts:
                del self.fields[name]
        if not acts:
            del self.fields["act"]

    def clean(self):
        super().clean()
        return {"act": IN_WORDS, **self.cleaned_data}

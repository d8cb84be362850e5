"""The shape of what is typed to file a dispute or to make an offer."""

from collections.abc import Iterable

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import TextField
from sla.models import AgreementVersion
from units.models import Unit

from .fields import UnitField


class InterpretationForm(forms.Form):
    """A question about one section of a published agreement. `units`: for whom the person may file."""

    section = forms.ChoiceField(label=_("Section of the agreement"))
    unit = UnitField(label=_("Unit"), help_text=_("Code or whole name of the unit with which the provider differs."))
    text = TextField(
        label=_("How do you read it, and what follows from it?"), widget=forms.Textarea(attrs={"rows": 7}), min_length=3
    )

    def __init__(self, *args, agreements: Iterable[AgreementVersion], units: QuerySet[Unit], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["section"].choices = [("", "—")] + [
            (
                _("Version %(number)s") % {"number": agreement.number},
                [(f"{agreement.pk}:{section.key}", section.heading_here) for section in agreement.sections.all()],
            )
            for agreement in agreements
        ]
        self.only_unit = None
        found = list(units[:2])
        if len(found) == 1:
            self.only_unit = found[0]
            del self.fields["unit"]
        else:
            self.fields["unit"].queryset = units

    @property
    def chosen_unit(self) -> Unit:
        return self.only_unit or self.cleaned_data["unit"]

"""The shape of what is typed about the working calendar's weeks, and a file of days off."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sajad_portal.lib.fields import JalaliDateField, WholeField, offer
from sajad_portal.lib.forms import PortalForm

from ..queries.weeks import day_names

SATURDAY_FIRST = (5, 6, 0, 1, 2, 3, 4)


class WeekForm(PortalForm):
    weekend = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Weekend"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    opens = WholeField(label=gettext_lazy("Work begins at"), least=0, most=23, affix=gettext_lazy("o’clock"))
    closes = WholeField(label=gettext_lazy("Work ends at"), least=1, most=24, affix=gettext_lazy("o’clock"))
    starts = JalaliDateField(label=gettext_lazy("Holds from"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer(self, "weekend", zip(map(str, SATURDAY_FIRST), day_names(range(7)), strict=True))

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        opens, closes = cleaned.get("opens"), cleaned.get("closes")
        if opens is not None and closes is not None and opens >= closes:
            self.add_error("closes", _("Work ends at a later hour than it begins."))
        return cleaned


class DaysOffFileForm(PortalForm):
    days_file = forms.FileField(label=gettext_lazy("File"))

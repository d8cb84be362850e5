"""The shape of what is typed: an agreement's section, a refusal, a document, a day off."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import JalaliDateField, TextField

from .enums import Slot


class SectionForm(forms.Form):
    """One section. The bodies are rich text: paragraphs, lists, bold; everything else is taken out."""

    heading = TextField(label=_("Heading"), max_length=150)
    body = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 6}))
    heading_en = TextField(label=_("Heading in English"), max_length=150, required=False)
    body_en = forms.CharField(
        label=_("Text in English"), widget=forms.Textarea(attrs={"rows": 4, "dir": "ltr"}), required=False
    )


class RefusalForm(forms.Form):
    reason = TextField(
        label=_("Why does the unit refuse?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        min_length=3,
        help_text=_("The organization reads it. The unit may still accept later."),
    )


class DocumentForm(forms.Form):
    slot = forms.ChoiceField(label=_("Kind of document"), choices=Slot.choices)
    title = TextField(label=_("Title"), max_length=200, required=False, help_text=_("Empty: the kind of document."))
    file = forms.FileField(label=_("File"))


class HolidayForm(forms.Form):
    day = JalaliDateField(label=_("Day"))
    title = TextField(label=_("Why is it off?"), max_length=150)
    title_en = TextField(label=_("The same in English"), max_length=150, required=False)

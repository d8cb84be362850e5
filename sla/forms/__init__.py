"""The shape of what is typed: an agreement's section, a service's card, a refusal, a document, a day off, a file of tariffs."""

import base64
import binascii

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import JalaliDateField, TextField, offer
from sajad_portal.lib.forms import PortalForm
from sajad_portal.lib.numbers import local_digits

from ..enums import Beginning, DisputeRule, Nature, Slot
from ..text.richtext import from_typed, rich_text_as_typed


class SectionForm(PortalForm):
    """One section. The bodies are rich text, typed as a letter or as HTML; what they may not hold is taken out."""

    heading = TextField(label=_("Heading"), max_length=150)
    body = forms.CharField(label=_("Text"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 7}))
    heading_en = TextField(
        label=_("Heading in English"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    body_en = forms.CharField(
        label=_("Text in English"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 7, "dir": "ltr"}),
        required=False,
    )

    @classmethod
    def of(cls, section, typed=None) -> "SectionForm":
        """The form of one stored section, its text as one would type it."""
        texts = {"heading": section.heading, "heading_en": section.heading_en}
        texts |= {"body": rich_text_as_typed(section.body), "body_en": rich_text_as_typed(section.body_en)}
        return cls(typed, initial=texts, prefix=section.key, auto_id=f"{section.key}_%s")

    def clean_body(self) -> str:
        return from_typed(self.cleaned_data["body"])

    def clean_body_en(self) -> str:
        return from_typed(self.cleaned_data["body_en"])


class RuleForm(PortalForm):
    dispute_rule = forms.ChoiceField(label=_("How the month of negotiation is counted"), choices=DisputeRule.choices)


class ReminderForm(PortalForm):
    note = TextField(
        label=_("A word to the heads"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class ServiceForm(PortalForm):
    """The service card. What identifies the service (its id, its address, its provider) is not edited."""

    title = TextField(label=_("Title"), max_length=200)
    description = TextField(label=_("Definition"), widget=forms.Textarea(attrs={"rows": 4}))
    recipients = TextField(label=_("Recipients"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=[(kind, kind) for kind in ("G2G", "G2B", "G2C")])
    nature = forms.ChoiceField(label=_("Nature"), choices=Nature.choices)
    begins_with = forms.ChoiceField(label=_("How it starts"), choices=Beginning.choices)
    required_documents = TextField(
        label=_("Required documents"),
        help_text=_("One a line."),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    window = TextField(label=_("Single window"), max_length=100, widget=forms.TextInput(attrs={"dir": "ltr"}))
    hours = TextField(label=_("Hours"), max_length=200, required=False)
    contact = TextField(
        label=_("Telephone"), max_length=200, required=False, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    email = forms.EmailField(label=_("E-mail"), required=False, widget=forms.EmailInput(attrs={"dir": "ltr"}))
    address = TextField(label=_("Address"), max_length=300, required=False)
    title_en = TextField(
        label=_("Title in English"), max_length=200, required=False, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    description_en = TextField(
        label=_("Definition in English"), required=False, widget=forms.Textarea(attrs={"rows": 4, "dir": "ltr"})
    )
    recipients_en = TextField(
        label=_("Recipients in English"), max_length=200, required=False, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    required_documents_en = TextField(
        label=_("Required documents in English"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "ltr"}),
    )
    hours_en = TextField(
        label=_("Hours in English"), max_length=200, required=False, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    address_en = TextField(
        label=_("Address in English"), max_length=300, required=False, widget=forms.TextInput(attrs={"dir": "ltr"})
    )


class RefusalForm(PortalForm):
    reason = TextField(
        label=_("Why does the unit refuse?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        min_length=3,
        help_text=_("The organization reads it. The unit may still accept later."),
    )


class DocumentForm(PortalForm):
    slot = forms.ChoiceField(label=_("Kind of document"), choices=Slot.choices)
    title = TextField(label=_("Title"), max_length=200, required=False, help_text=_("Empty: the kind of document."))
    file = forms.FileField(label=_("File"))


class HolidayForm(PortalForm):
    day = JalaliDateField(label=_("Day"))
    title = TextField(label=_("Why is it off?"), max_length=150)
    title_en = TextField(label=_("The same in English"), max_length=150, required=False)


class TariffFileForm(PortalForm):
    """A file for the present fiscal year or the next."""

    year = forms.TypedChoiceField(label=_("Fiscal year"), coerce=int)
    file = forms.FileField(label=_("File"))

    def __init__(self, *args, year: int, **kwargs):
        super().__init__(*args, **kwargs)
        offer(self, "year", [(one, local_digits(one)) for one in (year, year + 1)])


class TariffPublishForm(PortalForm):
    """A preview that is to be published: the very bytes that were looked at, and the version they were compared with."""

    year = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(max_length=300, widget=forms.HiddenInput)
    preview = forms.CharField(max_length=400_000, widget=forms.HiddenInput)
    after = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def clean_preview(self) -> bytes:
        try:
            return base64.b64decode(self.cleaned_data["preview"], validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValidationError(_("The preview is broken. Choose the file again.")) from error

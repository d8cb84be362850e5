"""The shape of what is typed about whose portal this is."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import JalaliDateField, TextField
from sajad_portal.lib.forms import PortalForm

LTR = {"dir": "ltr"}


class OrganisationForm(PortalForm):
    name = TextField(label=_("Name of the organization"), max_length=150)
    ministry = TextField(label=_("Ministry"), max_length=150, required=False, help_text=_("At the head of letters."))
    portal_name = TextField(
        label=_("Short name of the portal"),
        max_length=40,
        help_text=_("Above every page and in mails; one word is best."),
    )
    portal_title = TextField(
        label=_("Full name of the portal"), max_length=200, required=False, help_text=_("On the agreement’s paper.")
    )
    window = TextField(
        label=_("Address of the single window"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs=LTR),
        help_text=_("Such as my.example.ir; a new service takes it over."),
    )
    phone = TextField(label=_("Telephone"), max_length=100, required=False, widget=forms.TextInput(attrs=LTR))
    hours = TextField(label=_("Hours"), max_length=200, required=False)
    address = TextField(label=_("Address"), max_length=300, required=False)
    mail_from = forms.EmailField(
        label=_("Sender of mails"),
        required=False,
        widget=forms.EmailInput(attrs=LTR),
        help_text=_(
            "Empty: the address that the server was set up with. The mail server must let the portal send as it."
        ),
    )
    factor_from = JalaliDateField(
        label=_("Second factor from"),
        required=False,
        help_text=_(
            "From this day on reviewers, coordinators, auditors and administrators sign in with a second factor; who has none sets it up first. Until then the desk reminds them. Empty: everybody is free to."
        ),
    )
    logo = forms.FileField(
        label=_("Logo"), required=False, help_text=_("PNG or JPEG, up to one megabyte. It is kept as a small PNG.")
    )
    without_logo = forms.BooleanField(label=_("Take the present logo away"), required=False)
    name_en = TextField(
        label=_("Name of the organization in English"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs=LTR),
    )
    ministry_en = TextField(
        label=_("Ministry in English"), max_length=150, required=False, widget=forms.TextInput(attrs=LTR)
    )
    portal_name_en = TextField(
        label=_("Short name of the portal in English"), max_length=40, required=False, widget=forms.TextInput(attrs=LTR)
    )
    portal_title_en = TextField(
        label=_("Full name of the portal in English"), max_length=200, required=False, widget=forms.TextInput(attrs=LTR)
    )
    hours_en = TextField(label=_("Hours in English"), max_length=200, required=False, widget=forms.TextInput(attrs=LTR))
    address_en = TextField(
        label=_("Address in English"), max_length=300, required=False, widget=forms.TextInput(attrs=LTR)
    )

"""The shape of what people type about their own account."""

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import TextField
from sajad_portal.lib.forms import PortalForm
from sajad_portal.lib.national_code import clean_national_code, valid_national_code
from sajad_portal.lib.passwords import normal_password
from sajad_portal.lib.text import latin_digits, normalise

from ..actions.people import checked_mobile
from ..models import LANGUAGES, Person
from . import LATIN, checked


class SignInForm(PortalForm):
    name = TextField(
        label=_("User name or national code"),
        max_length=60,
        widget=forms.TextInput(attrs={**LATIN, "autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "dir": "ltr"}),
    )
    remember = forms.BooleanField(label=_("Stay signed in on this computer when the browser is closed"), required=False)

    def clean_name(self):
        name = latin_digits(normalise(self.cleaned_data["name"]))
        if name.isascii() and name.isdigit() and not valid_national_code(clean_national_code(name)):
            if len(name) != 10:
                raise ValidationError(gettext("A national code has ten digits. Check what you typed."), code="length")
            raise ValidationError(
                gettext("The control digit of this national code does not fit; two digits may have changed places."),
                code="control",
            )
        return name


class ResetForm(PortalForm):
    name = TextField(
        label=_("User name or national code"),
        max_length=60,
        widget=forms.TextInput(attrs={**LATIN, "autocomplete": "username"}),
    )


def _password_rules() -> str:
    return " ".join(password_validators_help_texts())


class PasswordForm(PortalForm):
    """A new password, twice. Whether it is good enough `set_password` says."""

    new = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=128,
        help_text=lazy(_password_rules, str)(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "dir": "ltr"}),
    )
    again = forms.CharField(
        label=_("New password again"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "dir": "ltr"}),
    )

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        new, again = cleaned.get("new"), cleaned.get("again")
        if new and again and normal_password(new) != normal_password(again):
            self.add_error("again", gettext("The two passwords differ. Type the same one twice."))
        return cleaned


class PasswordChangeForm(PasswordForm):
    current = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "dir": "ltr"}),
    )
    field_order = ["current", "new", "again"]


class ProfileForm(PortalForm):
    mobile = TextField(
        label=_("Mobile"),
        required=False,
        max_length=20,
        help_text=_("For example 09123456789."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "dir": "ltr"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        help_text=_("Notices and new passwords go there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    password = forms.CharField(
        label=_("Present password"),
        required=False,
        strip=False,
        max_length=128,
        help_text=_("Only needed where the e-mail changes: whoever reads that mail can set your password."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "dir": "ltr"}),
    )

    def __init__(self, *args, person: Person, **kwargs):
        self.person = person
        super().__init__(*args, **kwargs)

    def clean_mobile(self):
        return checked(checked_mobile, self.cleaned_data["mobile"])

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        moved = "email" in cleaned and cleaned["email"].strip() != self.person.email
        if moved and not self.person.check_password(cleaned.get("password", "")):
            self.add_error("password", gettext("To change the e-mail, type your present password."))
        return cleaned

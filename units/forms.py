"""The shape of what people type about accounts and units. Rights and meaning are the verbs' business."""

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.fields import JalaliMomentField, TextField, offer
from sajad_portal.lib.national_code import clean_national_code, valid_national_code
from sajad_portal.lib.text import latin_digits, normalise

from .actions.people import checked_mobile, checked_national_code, checked_username
from .enums import Role, UnitKind
from .models import LANGUAGES, Person

LATIN = {"dir": "ltr", "autocapitalize": "none", "spellcheck": "false"}


def _reading(check, typed: str) -> str:
    """A verb's own check, its refusal as the field's error."""
    try:
        return check(typed) if typed else ""
    except Refused as refusal:
        raise ValidationError(str(refusal), code=refusal.code) from refusal


class SignInForm(forms.Form):
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
    remember = forms.BooleanField(label=_("Stay signed in on this computer for 12 hours"), required=False)

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


class ResetForm(forms.Form):
    name = TextField(
        label=_("User name or national code"),
        max_length=60,
        widget=forms.TextInput(attrs={**LATIN, "autocomplete": "username"}),
    )


def _password_rules() -> str:
    return " ".join(password_validators_help_texts())


class PasswordForm(forms.Form):
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
        if cleaned.get("new") and cleaned.get("again") and cleaned["new"] != cleaned["again"]:
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


class ProfileForm(forms.Form):
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
        return _reading(checked_mobile, self.cleaned_data["mobile"])

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        moved = "email" in cleaned and cleaned["email"].strip() != self.person.email
        if moved and not self.person.check_password(cleaned.get("password", "")):
            self.add_error("password", gettext("To change the e-mail, type your present password."))
        return cleaned


class InviteForm(forms.Form):
    """Who is to join the unit. One of national code and user name is enough for somebody who has an account."""

    role = forms.ChoiceField(label=_("Role"))
    national_code = TextField(
        label=_("National code"),
        required=False,
        max_length=20,
        help_text=_("Kept encrypted; it signs in as well as the user name."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "dir": "ltr", "autocomplete": "off"}),
    )
    username = TextField(
        label=_("User name"),
        required=False,
        max_length=60,
        help_text=_("Latin letters and digits, such as s.mohammadi. Left empty, the portal makes one."),
        widget=forms.TextInput(attrs={**LATIN, "autocomplete": "off"}),
    )
    first_name = TextField(label=_("First name"), required=False, max_length=80)
    last_name = TextField(label=_("Last name"), required=False, max_length=80)
    mobile = TextField(
        label=_("Mobile"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "dir": "ltr", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        help_text=_("The link that sets the password is mailed there. Without it, you get the link to hand over."),
        widget=forms.EmailInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    ends_at = JalaliMomentField(
        label=_("Until the end of"), ends=True, required=False, help_text=_("Empty: until somebody ends it.")
    )

    def __init__(self, *args, roles: set[str], **kwargs):
        super().__init__(*args, **kwargs)
        offer(self, "role", [(role.value, role.label) for role in Role if role.value in roles])

    def clean_national_code(self):
        return _reading(checked_national_code, self.cleaned_data["national_code"])

    def clean_username(self):
        return _reading(checked_username, self.cleaned_data["username"])

    def clean_mobile(self):
        return _reading(checked_mobile, self.cleaned_data["mobile"])

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        if not self.errors and not (cleaned.get("national_code") or cleaned.get("username")):
            said = gettext("Write a national code or a user name, so that the person can be found.")
            self.add_error("national_code", said)
        return cleaned


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args, roles: set[str], **kwargs):
        super().__init__(*args, **kwargs)
        offer(self, "role", [(role.value, role.label) for role in Role if role.value in roles])


class ReasonForm(forms.Form):
    reason = TextField(label=_("Reason"), required=False, max_length=500)


class UnitForm(forms.Form):
    """A new unit, or a new name and kind for one."""

    code = TextField(label=_("Code"), max_length=60, widget=forms.TextInput(attrs=LATIN))
    name = TextField(label=_("Name"), max_length=200)
    name_en = TextField(
        label=_("English name"), required=False, max_length=200, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=UnitKind.choices)

    def __init__(self, *args, with_code: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        if not with_code:
            del self.fields["code"]


class PlaceForm(forms.Form):
    """The code of another unit: the one to hang under, or the one that takes over."""

    code = TextField(label=_("Code of the unit"), required=False, max_length=60, widget=forms.TextInput(attrs=LATIN))
    reason = TextField(label=_("Reason"), required=False, max_length=500)

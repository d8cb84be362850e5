"""The shape of what is typed about the people of a unit."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.fields import JalaliMomentField, TextField, offer, offer_rows
from sajad_portal.lib.forms import PortalForm

from ..actions.people import checked_mobile, checked_name, checked_national_code, checked_username
from ..enums import Role
from ..models import Person
from . import LATIN, checked


class InviteForm(PortalForm):
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
    starts_at = JalaliMomentField(label=_("From"), required=False, help_text=_("Empty: from when it is accepted."))
    ends_at = JalaliMomentField(
        label=_("Until the end of"), ends=True, required=False, help_text=_("Empty: until somebody ends it.")
    )

    def __init__(self, *args, roles: set[str], **kwargs):
        super().__init__(*args, **kwargs)
        offer(self, "role", [(role.value, role.label) for role in Role if role.value in roles])

    def clean_national_code(self):
        return checked(checked_national_code, self.cleaned_data["national_code"])

    def clean_username(self):
        return checked(checked_username, self.cleaned_data["username"])

    def clean_first_name(self):
        return checked(checked_name, self.cleaned_data["first_name"])

    def clean_last_name(self):
        return checked(checked_name, self.cleaned_data["last_name"])

    def clean_mobile(self):
        return checked(checked_mobile, self.cleaned_data["mobile"])

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        if not self.errors and not (cleaned.get("national_code") or cleaned.get("username")):
            said = gettext("Write a national code or a user name, so that the person can be found.")
            self.add_error("national_code", said)
        return cleaned


class RoleForm(PortalForm):
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args, roles: set[str], **kwargs):
        super().__init__(*args, **kwargs)
        offer(self, "role", [(role.value, role.label) for role in Role if role.value in roles])


class DatesForm(PortalForm):
    """When a seat begins and ends. Of one that has begun, or of a deputy, not everything can be left open."""

    starts_at = JalaliMomentField(label=_("From"))
    ends_at = JalaliMomentField(
        label=_("Until the end of"), ends=True, required=False, help_text=_("Empty: until somebody ends it.")
    )
    reason = TextField(label=_("Reason"), required=False, max_length=500)

    def __init__(self, *args, begun: bool, deputy: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if begun:  # its first day stays
            del self.fields["starts_at"]
        if deputy:
            self.fields["ends_at"].required, self.fields["ends_at"].help_text = True, ""


class DeputyForm(PortalForm):
    """Who stands in for a seat, from when until when."""

    person = forms.ModelChoiceField(
        queryset=Person.objects.none(), label=_("Who stands in for you"), empty_label=_("Choose somebody")
    )
    starts_at = JalaliMomentField(label=_("From"))
    ends_at = JalaliMomentField(label=_("Until the end of"), ends=True)

    def __init__(self, *args, people: QuerySet[Person], **kwargs):
        super().__init__(*args, **kwargs)
        offer_rows(self, "person", people)


class ReasonForm(PortalForm):
    reason = TextField(label=_("Reason"), required=False, max_length=500)


class AccountForm(PortalForm):
    """What an administrator corrects of an account; without mobile and e-mail (`address`) where those are not theirs to correct."""

    first_name = TextField(label=_("First name"), max_length=80)
    last_name = TextField(label=_("Last name"), max_length=80)
    mobile = TextField(
        label=_("Mobile"),
        required=False,
        max_length=20,
        help_text=_("For example 09123456789."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "dir": "ltr", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        help_text=_("Notices and new passwords go there. Links that went to the former address stop working."),
        widget=forms.EmailInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )

    def __init__(self, *args, person: Person, address: bool, **kwargs):
        self.stands = {field: getattr(person, field) for field in ("first_name", "last_name", "mobile", "email")}
        super().__init__(*args, initial=self.stands, **kwargs)
        if not address:
            del self.fields["mobile"], self.fields["email"]

    def clean_first_name(self):
        return checked(checked_name, self.cleaned_data["first_name"])

    def clean_last_name(self):
        return checked(checked_name, self.cleaned_data["last_name"])

    def clean_mobile(self):
        return checked(checked_mobile, self.cleaned_data["mobile"])

    def told(self) -> dict[str, str]:
        """All four, those that were not asked as they stand."""
        return self.stands | self.cleaned_data


class AccountClosingForm(PortalForm):
    reason = TextField(
        label=_("Reason"), max_length=500, help_text=_("It stands in the history of the account, for administrators.")
    )

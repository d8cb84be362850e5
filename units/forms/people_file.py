"""The shape of what is sent about a file of people."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from sajad_portal.lib.carried import KEPT, unpacked_file
from sajad_portal.lib.forms import PortalForm

from ..files.people import MAX_BYTES


class PeoplePreviewForm(PortalForm):
    """A preview that is to be stored: the very bytes that were looked at, and the fingerprint of what they would do."""

    name = forms.CharField(max_length=300, required=False)
    packed = forms.CharField(max_length=KEPT)
    seen = forms.CharField(max_length=64)

    def clean_packed(self) -> bytes:
        data = unpacked_file(self.cleaned_data["packed"], MAX_BYTES)
        if data is None:
            raise ValidationError(_("The preview is broken. Choose the file again."))
        return data

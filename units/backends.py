"""Sign-in by user name or national code."""

from django.contrib.auth.backends import ModelBackend

from sajad_portal.lib.secrets import clean_national_code, keyed_hash, valid_national_code
from sajad_portal.lib.text import latin_digits, normalise

from .models import Person


class NameOrNationalCodeBackend(ModelBackend):
    def authenticate(self, request, username=None, password=None, **kwargs):
        if not username or password is None:
            return None
        name = latin_digits(normalise(username))
        code = clean_national_code(name)
        where = {"national_code_hash": keyed_hash(code)} if valid_national_code(code) else {"username__iexact": name}
        person = Person.objects.filter(**where).first()
        if person is None:
            Person().set_password(password)  # the same work for an unknown name: timing tells nobody who exists
            return None
        return person if person.check_password(password) and self.user_can_authenticate(person) else None

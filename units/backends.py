"""Sign-in by user name or national code."""

from django.contrib.auth.backends import ModelBackend

from .models import Person
from .queries import person_named


class NameOrNationalCodeBackend(ModelBackend):
    def authenticate(self, request, username=None, password=None, **kwargs):
        if not username or password is None:
            return None
        person = person_named(username)
        if person is None:
            Person().set_password(password)  # the same work for an unknown name: timing tells nobody who exists
            return None
        return person if person.check_password(password) and self.user_can_authenticate(person) else None

"""Passwords: the one form of what can be typed in several ways, and which are refused, in the reader's language."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import password_validation as django_rules
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .numbers import local_number
from .text import ZWNJ, latin_digits, normalise, search_key

# What must be left of a password besides names. Eight letters or digits of one's own are a password; `1405` is none.
OWN_LENGTH = 8
# Shorter words stand in too many others.
SHORTEST_NAME = 3
_WORDS = re.compile(r"[^\W_]+")


def normal_password(typed: str) -> str:
    """What is stored of a password: Latin digits, Persian ی and ک, no ZWNJ, no blanks at the ends and single ones within.

    All of it depends on the keyboard and is not seen while it is typed.
    """
    return latin_digits(normalise(typed)).replace(ZWNJ, "")


class LongEnough(django_rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return ngettext(
            "A password has at least %(n)s character. This one is too short.",
            "A password has at least %(n)s characters. This one is too short.",
            self.min_length,
        ) % {"n": local_number(self.min_length)}

    def get_help_text(self) -> str:
        return ngettext("At least %(n)s character.", "At least %(n)s characters.", self.min_length) % {
            "n": local_number(self.min_length)
        }


class NotCommon(django_rules.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _("Many people use this password, and whoever guesses begins with it. Choose another.")

    def get_help_text(self) -> str:
        return _("None that many people use.")


class NotOnlyDigits(django_rules.NumericPasswordValidator):
    def get_error_message(self) -> str:
        return _("This password has digits only. Add words or other signs.")

    def get_help_text(self) -> str:
        return _("Not digits only.")


class NoNames(django_rules.UserAttributeSimilarityValidator):
    """Refuses a password that is like a name, or little more than names: the person's own (user name, first and last name,
    e-mail, national code, mobile), the portal's (settings.PORTAL_NAMES), and those in its address.
    """

    def validate(self, password: str, user=None) -> None:
        names = _words_of([*settings.PORTAL_NAMES, *_labels(settings.SITE_URL), *_told_of(user)])
        rest = plain = _joined(password)
        # The longest first, so that `sajad` does not break `sajadportal`.
        for name in sorted(names, key=lambda name: (-len(name), name)):
            rest = rest.replace(name, " ")
        if rest != plain and len(rest.replace(" ", "")) < OWN_LENGTH:
            raise ValidationError(self.get_error_message(), code="names")
        super().validate(password, user)

    def get_error_message(self) -> str:
        return _(
            "This password is little more than your name, your user name or the portal’s name. Choose words that have nothing to do with you or the portal."
        )

    def get_help_text(self) -> str:
        return _("Neither your name nor the portal’s.")


def _told_of(user) -> list[str]:
    fields = ("username", "first_name", "last_name", "email", "national_code", "mobile")
    return [str(getattr(user, field, "") or "") for field in fields]


def _labels(address: str) -> list[str]:
    """`portal`, `example` of https://portal.example.ir; what is short or a number is no name."""
    host = urlsplit(address).hostname or ""
    return [label for label in host.split(".") if len(label) > SHORTEST_NAME and not label.isdigit()]


def _joined(text: str) -> str:
    """Letters and digits only, as they are compared: `Hana-Rostami ۱` as `hanarostami1`."""
    return "".join(_WORDS.findall(search_key(text)))


def _words_of(names: Iterable[str]) -> set[str]:
    """The words of the names, parts joined by ZWNJ too, and each name as one word."""
    found = set()
    for name in names:
        words = _WORDS.findall(search_key(name.replace(ZWNJ, " ")))
        found |= {*words, "".join(words)}
    return {word for word in found if len(word) >= SHORTEST_NAME}

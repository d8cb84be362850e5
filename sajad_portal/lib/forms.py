"""A form whose every refusal names the field and says what to do, in the reader's language.

Django's own sentences say less (“This field is required.”), some of them only in English. Whatever a field or a form says in
words of its own stays as it is.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .numbers import local_number

Says = Callable[[forms.Field, str, Mapping[str, Any]], str]


def _required(field: forms.Field, label: str, params: Mapping[str, Any]) -> str:
    if isinstance(field, forms.FileField):
        return _("Choose a file for “%(field)s”.") % {"field": label}
    if isinstance(field, forms.BooleanField):
        return _("Tick “%(field)s” to go on.") % {"field": label}
    if isinstance(field, forms.ChoiceField):  # ModelChoiceField among them
        return _("Choose one of the answers for “%(field)s”.") % {"field": label}
    return _("“%(field)s” is empty. Fill it in.") % {"field": label}


def _too_long(field: forms.Field, label: str, params: Mapping[str, Any]) -> str:
    most, has = int(params["limit_value"]), int(params["show_value"])
    return ngettext(
        "“%(field)s” may have %(most)s character and has %(has)s. Shorten it.",
        "“%(field)s” may have %(most)s characters and has %(has)s. Shorten it.",
        most,
    ) % {"field": label, "most": local_number(most), "has": local_number(has)}


def _too_short(field: forms.Field, label: str, params: Mapping[str, Any]) -> str:
    least, has = int(params["limit_value"]), int(params["show_value"])
    return ngettext(
        "“%(field)s” needs at least %(least)s character and has %(has)s. Write more.",
        "“%(field)s” needs at least %(least)s characters and has %(has)s. Write more.",
        least,
    ) % {"field": label, "least": local_number(least), "has": local_number(has)}


def _unreadable(field: forms.Field, label: str, params: Mapping[str, Any]) -> str:
    if isinstance(field, forms.EmailField):
        return _("This is no e-mail address. Write it as name@example.ir.")
    if isinstance(field, forms.FileField):
        return _("The file for “%(field)s” did not arrive. Choose it again.") % {"field": label}
    return _("“%(field)s” cannot be read. Correct it.") % {"field": label}


def _no_choice(field: forms.Field, label: str, params: Mapping[str, Any]) -> str:
    return _("What was chosen for “%(field)s” is not offered here, or not any more. Choose again.") % {"field": label}


def _signs(field: forms.Field, label: str, params: Mapping[str, Any]) -> str:
    return _("“%(field)s” holds signs that are no text. Type it anew.") % {"field": label}


def _empty_file(field: forms.Field, label: str, params: Mapping[str, Any]) -> str:
    return _("The file for “%(field)s” is empty. Choose another.") % {"field": label}


def _file_name(field: forms.Field, label: str, params: Mapping[str, Any]) -> str:
    return _("The name of the file for “%(field)s” is too long. Give it a shorter one.") % {"field": label}


# By the code of the error, whoever of Django found it.
WORDS: dict[str, Says] = {
    "required": _required,
    "missing": _required,
    "max_length": _too_long,
    "min_length": _too_short,
    "invalid": _unreadable,
    "invalid_choice": _no_choice,
    "invalid_list": _no_choice,
    "invalid_pk_value": _no_choice,
    "null_characters_not_allowed": _signs,
    "surrogate_characters_not_allowed": _signs,
    "empty": _empty_file,
}


def _frameworks() -> set[int]:
    """Which messages are Django's own: the very objects that its fields and validators hold."""
    holders = [kind for kind in vars(forms.fields).values() if isinstance(kind, type) and issubclass(kind, forms.Field)]
    holders += [forms.ModelChoiceField, forms.ModelMultipleChoiceField]
    found = {id(text) for kind in holders for text in kind.default_error_messages.values()}
    said = [getattr(kind, "message", None) for kind in vars(validators).values() if isinstance(kind, type)]
    return found | {id(text) for text in said if isinstance(text, (str, Promise))}


_FRAMEWORKS = _frameworks()


class PortalForm(forms.Form):
    """What every form of the portal is made of."""

    def add_error(self, field: str | None, error: Any) -> None:
        if field in self.fields and isinstance(error, ValidationError) and hasattr(error, "error_list"):
            error = ValidationError([self._in_our_words(field, each) for each in error.error_list])
        super().add_error(field, error)

    def _in_our_words(self, name: str, error: ValidationError) -> ValidationError:
        says = WORDS.get(error.code or "")
        if says is None or id(error.message) not in _FRAMEWORKS:
            return error
        field = self.fields[name]
        if error.code == "max_length" and isinstance(field, forms.FileField):
            says = _file_name
        words = says(field, str(self[name].label), error.params or {})
        return ValidationError(words, code=error.code)

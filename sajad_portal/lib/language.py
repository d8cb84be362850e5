"""The language that words, numbers and dates are written in now. Which one a page has: `sajad_portal.middleware`."""

from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import get_language

# A text for people: as it is, or translated when it is read (`gettext_lazy`).
if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as Words
else:
    Words = str | Promise


def current_language() -> str:
    """`fa` or `en`; Persian where no language is active."""
    return language_of(get_language())


def language_of(code: str | None) -> str:
    """The portal's language for a code such as `fa-ir`; Persian for none and for one that it does not speak."""
    return "en" if (code or "").startswith("en") else "fa"


def in_language(persian: str, english: str) -> str:
    """The text of the page's language; Persian where no English one was written."""
    return english if english and current_language() == "en" else persian

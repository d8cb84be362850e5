"""The language that words, numbers and dates are written in now. Which one a page has: `sajad_portal.middleware`."""

from django.utils.translation import get_language


def current_language() -> str:
    """`fa` or `en`; Persian where no language is active."""
    return language_of(get_language())


def language_of(code: str | None) -> str:
    """The portal's language for a code such as `fa-ir`; Persian for none and for one that it does not speak."""
    return "en" if (code or "").startswith("en") else "fa"

"""Passwords: one form for what keyboards write in several ways; which are refused, in the reader's language."""

import pytest
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils import translation

from sajad_portal.lib.national_code import encrypt
from sajad_portal.lib.passwords import normal_password
from units.models import Person

HANA = {
    "username": "h.rostami",
    "first_name": "هانا",
    "last_name": "رستمی‌نژاد",
    "email": "hana.rostami@uni.example.ir",
    "mobile": "09123456789",
}


def hana() -> Person:
    return Person(**HANA, national_code_cipher=encrypt("0012345679"))


def refused(password: str, person: Person | None = None) -> list[str]:
    """The codes of the reasons; empty for a password that is taken."""
    try:
        validate_password(normal_password(password), person)
    except ValidationError as error:
        return [reason.code for reason in error.error_list]
    return []


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("namak-1405", "namak-1405"),
        ("namak-۱۴۰۵", "namak-1405"),
        ("namak-١٤٠٥", "namak-1405"),
        ("  namak-1405 \u00a0", "namak-1405"),
        ("\u200fنمک\u200cدان ۱۴۰۵\u200c", "نمکدان 1405"),
        ("كيك  زرد", "کیک زرد"),
        (" Namak-O ", "Namak-O"),
    ],
)
def test_the_normal_form_does_not_depend_on_the_keyboard(typed, normal):
    assert normal_password(typed) == normal_password(normal) == normal


@pytest.mark.parametrize(
    "password",
    [
        "h.rostami-1405",
        "ROSTAMI.H.140514",
        "hana-rostami",
        "هانا رستمی نژاد",
        "هانارستمي‌نژاد۱۲۳۴",
        "رستمی-رستمی-هانا",
        "0012345679-hana",
        "۰۹۱۲۳۴۵۶۷۸۹-هانا",
        "rostami2-rostami",
    ],
)
def test_a_password_of_the_persons_own_names_is_refused(password):
    assert refused(password, hana()) == ["names"]


@pytest.mark.parametrize(
    "password", ["sajadsajad", "Sajad-140514", "سجاد سجاد ۱۴", "سازمان‌امور‌دانشجویان", "saorg-sajad-1"]
)
def test_a_password_of_the_portals_names_is_refused(password):
    assert refused(password) == ["names"]


def test_names_of_another_portal_are_a_setting_and_its_address_counts_too(settings):
    settings.PORTAL_NAMES, settings.SITE_URL = ["amozesh"], "https://karname.example.ir"

    assert [refused(word) for word in ("amozesh-1405", "karname-1405", "sajad-sajad")] == [["names"], ["names"], []]


@pytest.mark.parametrize(
    "password", ["sajad-demo-1405", "hana-va-derakht-e-anar", "namak-o-felfel-1405", "کتابخانه‌ی سبز ۱۴۰۵"]
)
def test_a_name_among_enough_words_of_ones_own_is_taken(password):
    assert refused(password, hana()) == []


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("short-1", ["password_too_short"]),
        ("       ۱۲۳۴۵۶۷۸۹       ", ["password_too_short", "password_too_common", "password_entirely_numeric"]),
        ("۹۸۰۷۶۵۴۳۲۱۶۵", ["password_entirely_numeric"]),
        ("qwertyuiop", ["password_too_common"]),
    ],
)
def test_the_normal_form_is_judged_and_every_reason_told(password, codes):
    assert refused(password) == codes


@pytest.mark.parametrize(("language", "word"), [("fa", "گذرواژه"), ("en", "password")])
def test_reasons_and_rules_are_in_the_readers_language(language, word):
    with translation.override(language):
        reasons = []
        for password in ("short-1", "hana-rostami", "qwertyuiop", "۹۸۰۷۶۵۴۳۲۱۶۵"):
            with pytest.raises(ValidationError) as error:
                validate_password(normal_password(password), hana())
            reasons += error.value.messages
        rules = password_validators_help_texts()

    persian = [any("\u0600" <= letter <= "\u06ff" for letter in text) for text in (*reasons, *rules)]
    assert set(persian) == {language == "fa"}
    assert [text for text in reasons if word not in text.lower()] == []

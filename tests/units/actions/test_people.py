"""Accounts: invited, found by national code, opened by a link, closed to everybody else."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.national_code import clean_national_code, valid_national_code
from tests.factories import make_person, national_code
from units.actions.people import (
    NewPerson,
    ask_for_reset,
    change_profile,
    checked_mobile,
    checked_name,
    checked_national_code,
    checked_username,
    create_person,
    invite_person,
    renew_invitation,
    set_password,
)
from units.enums import Role
from units.models import Event, Membership, Notice, Person
from units.notices.links import password_link, read_password_link

GOOD = "zard-alu-1405-sard"


# ------------------------------------------------------------------------------------ national code
@given(st.integers(min_value=0, max_value=10**9 - 1))
def test_of_ten_control_digits_exactly_one_fits(number):
    body = f"{number:09d}"
    fitting = [d for d in range(10) if valid_national_code(f"{body}{d}")]

    assert len(fitting) == (0 if len(set(body)) == 1 and fitting == [] else 1)


def share_a_control_digit(code: str, other: str) -> bool:
    """The one weakness of the scheme: remainders 1 and 10 both give the control digit 1."""
    return {sum(int(d) * (10 - i) for i, d in enumerate(c[:9])) % 11 for c in (code, other)} == {1, 10}


@given(st.integers(min_value=1, max_value=10**6), st.integers(min_value=0, max_value=7))
def test_two_neighbours_that_changed_places_are_noticed(number, place):
    code = national_code(number)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]

    assert valid_national_code(swapped) == (swapped == code or share_a_control_digit(code, swapped))


@given(st.integers(min_value=1, max_value=10**6), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number, place, shift):
    code = national_code(number)
    wrong = code[:place] + str((int(code[place]) + shift) % 10) + code[place + 1 :]

    assert valid_national_code(wrong) == share_a_control_digit(code, wrong)


@pytest.mark.parametrize("code", ["0000000000", "1111111111", "123456780", "12345678901", "abcdefghij", "", "۰۰"])
def test_what_is_no_national_code_is_refused(code):
    with pytest.raises(Refused):
        checked_national_code(code)


def test_a_code_is_read_in_persian_digits_with_dashes_and_without_its_zeros():
    code = national_code(1)
    assert code.startswith("00")

    assert checked_national_code(code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))) == code
    assert checked_national_code(f"{code[:3]}-{code[3:9]}-{code[9]}") == code
    assert clean_national_code(code[1:] if code[0] == "0" else code) == code


@pytest.mark.django_db
def test_the_national_code_is_stored_as_ciphertext_and_found_by_its_hash():
    person = create_person(
        new=NewPerson(username="zahra", national_code=national_code(9), first_name="زهرا", last_name="نوری"), by=None
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM units_person WHERE id = %s", [person.pk])
        stored = " ".join(map(str, cursor.fetchone()))
    assert national_code(9) not in stored
    assert Person.objects.get(pk=person.pk).national_code == national_code(9)


@pytest.mark.django_db
def test_the_database_keeps_a_national_code_to_one_person():
    make_person("one", code=national_code(9))

    with pytest.raises(IntegrityError), transaction.atomic():
        make_person("two", code=national_code(9))


# ---------------------------------------------------------------------------------- names and numbers
@pytest.mark.parametrize(
    ("typed", "kept"),
    [("09123456789", "09123456789"), ("۰۹۱۲ ۳۴۵ ۶۷۸۹", "09123456789"), ("+98 912 345 6789", "09123456789"), ("", "")],
)
def test_mobile_numbers_are_read_as_people_write_them(typed, kept):
    assert checked_mobile(typed) == kept


@pytest.mark.parametrize("typed", ["0912345678", "02112345678", "0912345678x"])
def test_other_numbers_are_no_mobile(typed):
    with pytest.raises(Refused):
        checked_mobile(typed)


@pytest.mark.parametrize("typed", ["ab", "سارا", "a b c", "-abc", "1234567890", "a" * 61, "a'b--"])
def test_user_names_are_latin_and_hold_a_letter(typed):
    with pytest.raises(Refused):
        checked_username(typed)


@pytest.mark.parametrize(
    "name",
    ["علی‌رضا", "سید محمد", "نَجمه", "O’Brien", "Jean-Luc", "م. ر.", "Müller", "مؤمنی‌زاده", "ابوالقاسم پور اصل"],
)
def test_names_are_read_as_people_bear_them(name):
    assert checked_name(f" {name} ") == name


@pytest.mark.parametrize(
    "name",
    [
        "حساب شما مسدود شد، همین حالا بروید به https://evil.example/", "evil.example", "a/b", "a@b", "سارا۲", "x1", "a:b",
        "<b>", "الف!", "-", ".", "سارا، بیا", "یک دو سه چهار پنج شش هفت", "ا" * 61, "a_b", "",
    ],
)  # fmt: skip
def test_what_is_no_name_is_refused(name):
    with pytest.raises(Refused) as refused:
        checked_name(name)

    assert refused.value.code == "bad-name"


@pytest.mark.django_db
def test_a_strangers_name_carries_no_sentence_into_a_mail(cast):
    new = somebody(first_name="حساب شما مسدود شد، بروید به https://evil.example/", email="victim@outside.example")

    with pytest.raises(Refused):
        invite_person(unit=cast.a, role=Role.REPORTER, new=new, by=cast.reza)

    assert Notice.objects.count() == Person.objects.filter(username="zahra").count() == 0


# --------------------------------------------------------------------------------------- invitations
def somebody(**told) -> NewPerson:
    return NewPerson(**{"username": "zahra", "first_name": "زهرا", "last_name": "نوری", **told})


@pytest.mark.django_db
def test_somebody_new_with_an_e_mail_is_invited_by_mail_and_no_link_is_shown(cast):
    invitation = invite_person(unit=cast.a, role=Role.REPORTER, new=somebody(email="z@example.ir"), by=cast.reza)

    mail = Notice.objects.get(person=invitation.person, channel="email", urgent=True)
    assert (invitation.created, invitation.link) == (True, "")
    assert "http" not in mail.body  # the link is made when the mail is sent
    assert not invitation.person.has_usable_password()


@pytest.mark.django_db
def test_somebody_new_without_an_e_mail_gets_a_link_to_hand_over(cast):
    invitation = invite_person(unit=cast.a, role=Role.REPORTER, new=somebody(), by=cast.reza)

    uid, token = invitation.link.rstrip("/").split("/")[-2:]
    opened = read_password_link(uid, token)

    assert (opened.person, opened.seat) == (invitation.person, invitation.membership.pk)


@pytest.mark.django_db
def test_somebody_known_just_joins_and_stays_as_they_are(cast):
    known = make_person("zahra", "زهرا نوری", code=national_code(9), email="")
    new = somebody(username="other", national_code=national_code(9), first_name="نام دیگر")

    invitation = invite_person(unit=cast.a, role=Role.REPORTER, new=new, by=cast.reza)

    assert (invitation.person, invitation.created, invitation.link) == (known, False, "")
    assert invitation.person.first_name == "زهرا"


@pytest.mark.django_db
def test_who_is_not_known_needs_a_name(cast):
    with pytest.raises(Refused) as refused:
        invite_person(unit=cast.a, role=Role.REPORTER, new=NewPerson(username="zahra"), by=cast.reza)

    assert refused.value.code == "no-name"
    assert not Person.objects.filter(username="zahra").exists()


@pytest.mark.django_db
def test_an_invitation_that_may_not_be_made_leaves_no_account(cast):
    with pytest.raises(Forbidden):
        invite_person(unit=cast.b, role=Role.REPORTER, new=somebody(), by=cast.reza)

    assert not Person.objects.filter(username="zahra").exists()


@pytest.mark.django_db
def test_without_a_user_name_the_portal_makes_one(cast):
    new = somebody(username="", national_code=national_code(9))

    person = invite_person(unit=cast.a, role=Role.REPORTER, new=new, by=cast.reza).person

    assert checked_username(person.username) == person.username


@pytest.mark.django_db
def test_the_link_of_an_invitation_is_renewed_until_a_password_is_set(cast):
    invitation = invite_person(unit=cast.a, role=Role.REPORTER, new=somebody(), by=cast.reza)
    person, seat = invitation.person, invitation.membership

    assert renew_invitation(membership=seat, by=cast.reza)

    set_password(person=person, password=GOOD, by=person, how="link")
    with pytest.raises(Forbidden):
        renew_invitation(membership=Membership.objects.get(pk=seat.pk), by=cast.reza)


@pytest.mark.django_db
def test_nobody_but_an_administrator_gets_a_link_into_an_account_in_use(cast):
    for by in (cast.reza, cast.laleh, cast.sara):
        with pytest.raises(Forbidden):
            renew_invitation(membership=cast.membership(cast.mina), by=by)

    cast.mina.email = ""
    cast.mina.save()
    assert renew_invitation(membership=cast.membership(cast.mina), by=cast.admin)


# ---------------------------------------------------------------------------------------- passwords
@pytest.mark.django_db
@pytest.mark.parametrize("weak", ["12345678901", "password123", "short", "sara-mohammadi"])
def test_a_weak_password_is_refused(cast, weak):
    cast.sara.username = "sara-mohammadi"
    cast.sara.save()

    with pytest.raises(ValidationError):
        set_password(person=cast.sara, password=weak, by=cast.sara)


@pytest.mark.django_db
def test_nobody_sets_the_password_of_somebody_else(cast):
    with pytest.raises(Forbidden):
        set_password(person=cast.sara, password=GOOD, by=cast.admin)


@pytest.mark.django_db
def test_a_link_works_once(cast):
    uid, token = password_link(cast.sara).rstrip("/").split("/")[-2:]
    set_password(person=cast.sara, password=GOOD, by=cast.sara, how="link")

    assert read_password_link(uid, token) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("uid", "token"), [("x", "y"), ("MTIz", "a-b"), ("4pyT", "c"), ("OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "z")]
)
def test_an_invented_link_opens_nothing(uid, token):
    assert read_password_link(uid, token) is None


@pytest.mark.django_db
def test_a_closed_account_gets_no_link(cast):
    cast.sara.is_active = False
    cast.sara.save()

    assert ask_for_reset(name="sara") == 0


@pytest.mark.django_db
def test_changing_the_profile_is_recorded_without_what_it_says(cast):
    change_profile(person=cast.sara, mobile="09120000000", email=cast.sara.email, language="en", by=cast.sara)

    event = Event.objects.get(verb="change_profile")
    assert event.data == {"changed": ["language", "mobile"]}


@pytest.mark.django_db
def test_everybody_changes_only_their_own_profile(cast):
    with pytest.raises(Forbidden):
        change_profile(person=cast.sara, mobile="", email="x@example.ir", language="fa", by=cast.admin)


# -------------------------------------------------------------------------------------- createadmin
@pytest.mark.django_db
def test_createadmin_makes_the_first_account(monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", GOOD)

    call_command("createadmin", "--username=root1", "--first-name=راهبر", "--last-name=سامانه", "--no-input")

    admin = Person.objects.get(username="root1")
    assert (admin.is_superuser, admin.is_staff, admin.check_password(GOOD)) == (True, True, True)
    assert Event.objects.get(verb="create").data == {"username": "root1", "superuser": True}


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["", "short", "1234567890123", "password1234"])
def test_createadmin_refuses_a_weak_password_and_stores_nothing(monkeypatch, password):
    monkeypatch.setenv("ADMIN_PASSWORD", password)

    with pytest.raises(CommandError):
        call_command("createadmin", "--username=root1", "--first-name=ر", "--last-name=س", "--no-input")

    assert Person.objects.count() == 0


@pytest.mark.django_db
def test_createadmin_refuses_a_name_that_is_taken(cast, monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", GOOD)

    with pytest.raises(CommandError) as refused:
        call_command("createadmin", "--username=SARA", "--first-name=ر", "--last-name=س", "--no-input")

    assert "گرفته شده است" in str(refused.value)

"""What an administrator does about accounts: found, corrected, closed at once, opened again."""

import pytest

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from tests.factories import make_membership, make_person, national_code
from units.actions.accounts import close_account, correct_account, reopen_account
from units.actions.memberships import grant_membership
from units.actions.notices import MAX_ATTEMPTS
from units.actions.outbox import send_urgent
from units.actions.people import ask_for_reset, set_password
from units.actions.sessions import end_sessions
from units.enums import Role
from units.models import AccountSession, Event, Notice, Person
from units.notices.links import password_link, read_password_link
from units.queries import memberships_of
from units.queries.accounts import accounts_matching, accounts_visible_to, headed_alone

pytestmark = pytest.mark.django_db
WHY = "از سازمان رفته است."


@pytest.fixture
def second(cast):
    return make_person("admin2", "راهبر دوم", is_superuser=True, is_staff=True)


def corrected(cast, person, **changes):
    now = {field: getattr(person, field) for field in ("first_name", "last_name", "mobile", "email")}
    return correct_account(person=person, by=cast.admin, **{**now, **changes})


def names(words: str, cast) -> list[str]:
    return list(accounts_matching(accounts_visible_to(cast.admin), words).values_list("username", flat=True))


# ------------------------------------------------------------------------------------------------------- found
@pytest.mark.parametrize("words", ["محمدي", "سارا محمدی", "sara", "SARA"])
def test_people_are_found_by_name_in_any_spelling(cast, words):
    assert names(words, cast) == ["sara"]


@pytest.mark.parametrize(
    "words", ["09121112233", "۰۹۱۲۱۱۱۲۲۳۳", "٠٩١٢١١١٢٢٣٣", "+98 912 111 2233", "9121112233", "0912-111-2233", "۱۱۱۲۲۳۳"]
)
def test_people_are_found_by_mobile_however_it_is_typed(cast, words):
    Person.objects.filter(pk=cast.sara.pk).update(mobile="09121112233")

    assert names(words, cast) == ["sara"]


def test_people_are_found_by_the_whole_national_code_and_by_no_part_of_it(cast):
    code = national_code(77)
    make_person("coded", "دارای کد", code=code)

    assert names(code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")), cast) == ["coded"]
    assert names(code[:9], cast) == []


def test_nobody_but_an_open_administrator_sees_accounts(cast):
    for person in cast.people:
        assert not accounts_visible_to(person).exists(), person
    cast.admin.is_active = False
    assert not accounts_visible_to(cast.admin).exists()


# --------------------------------------------------------------------------------------------------- corrected
def test_a_correction_is_recorded_told_and_found_under_the_new_name(cast):
    corrected(cast, cast.sara, last_name="احمدی", mobile="۰۹۱۲ ۱۱۱ ۲۲۳۳")

    cast.sara.refresh_from_db()
    event = Event.objects.get(verb="correct")
    assert (cast.sara.get_full_name(), cast.sara.mobile) == ("سارا احمدی", "09121112233")
    assert event.data == {"changed": ["last_name", "mobile"], "name": ["سارا محمدی", "سارا احمدی"]}
    assert (event.person, event.key) == (cast.admin, str(cast.sara.pk))
    assert Notice.objects.filter(event=event, person=cast.sara).count() == 2
    assert names("احمدی", cast) == ["sara"]


def test_what_is_not_different_is_no_correction(cast):
    assert corrected(cast, cast.sara)[1] == []
    assert not Event.objects.filter(verb="correct").exists()


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("first_name", "", "no-name"),
        ("last_name", "به evil.example بروید", "bad-name"),
        ("mobile", "123", "bad-mobile"),
        ("email", "نشانی", "bad-email"),
    ],
)
def test_a_bad_correction_changes_nothing(cast, field, typed, code):
    with pytest.raises(Refused) as refused:
        corrected(cast, cast.sara, **{field: typed})

    assert refused.value.code == code
    assert not Event.objects.filter(verb="correct").exists()


def test_a_new_address_ends_the_links_that_went_to_the_former_one_and_their_mails(cast):
    link = password_link(cast.sara)
    ask_for_reset(name="sara")
    corrected(cast, Person.objects.get(pk=cast.sara.pk), email="sara.new@example.ir")

    assert read_password_link(*link.rstrip("/").split("/")[-2:]) is None
    mail = Notice.objects.get(event__verb="ask_for_reset", channel="email")
    assert mail.attempts == MAX_ATTEMPTS


@pytest.mark.parametrize("field", ["mobile", "email"])
def test_no_administrator_changes_the_addresses_of_another_one(cast, second, field):
    with pytest.raises(Forbidden):
        corrected(cast, second, **{field: {"mobile": "09120000001", "email": "mine@example.ir"}[field]})
    assert corrected(cast, second, first_name="راهبری")[1] == ["first_name"]


@pytest.mark.parametrize("who", ["laleh", "reza", "sara", "omid", "nader", "stranger"])
def test_only_an_administrator_looks_after_accounts(cast, who):
    by = getattr(cast, who)
    acts = [
        lambda: correct_account(person=cast.mina, first_name="م", last_name="ص", mobile="", email="", by=by),
        lambda: close_account(person=cast.mina, reason=WHY, by=by),
        lambda: reopen_account(person=cast.mina, by=by),
        lambda: end_sessions(person=cast.mina, by=by),
    ]
    for act in acts:
        with pytest.raises(Forbidden):
            act()


# ------------------------------------------------------------------------------------------------------ closed
def test_closing_ends_sessions_links_and_mails_and_keeps_the_seats(cast, client_for):
    client, link = client_for(cast.reza), password_link(cast.reza)
    ask_for_reset(name="reza")
    link_of_mail = password_link(cast.reza, number=1)

    close_account(person=cast.reza, reason=WHY, by=cast.admin)

    assert client.get("/desk/").status_code == 302
    assert AccountSession.objects.filter(person=cast.reza, ended_at=None).count() == 0
    for void in (link, link_of_mail):
        assert read_password_link(*void.rstrip("/").split("/")[-2:]) is None
    assert send_urgent() == 0
    assert cast.membership(cast.reza).ends_at is None
    assert memberships_of(Person.objects.get(pk=cast.reza.pk), database_now()) == []
    event = Event.objects.get(verb="close", noun="person")
    assert (event.person, event.data) == (cast.admin, {"reason": WHY, "sessions": 1})


def test_a_closed_account_is_told_nothing_more(cast):
    close_account(person=cast.reza, reason=WHY, by=cast.admin)
    grant_membership(unit=cast.a, person=cast.stranger, role=Role.REPORTER, by=cast.laleh)

    assert not Notice.objects.filter(person=cast.reza).exists()
    assert Notice.objects.filter(person=cast.sara).exists()


def test_opening_again_gives_back_the_seats_and_none_of_the_sessions_and_links(cast, client_for, client):
    old, link = client_for(cast.reza), password_link(cast.reza)
    close_account(person=cast.reza, reason=WHY, by=cast.admin)
    reopen_account(person=cast.reza, by=cast.admin)

    assert old.get("/desk/").status_code == 302
    assert read_password_link(*link.rstrip("/").split("/")[-2:]) is None
    assert client_for(Person.objects.get(pk=cast.reza.pk)).get("/desk/").status_code == 200
    assert Notice.objects.filter(person=cast.reza, event__verb="reopen").count() == 2
    with pytest.raises(Refused):
        reopen_account(person=cast.reza, by=cast.admin)


def test_a_password_is_not_set_from_a_page_that_was_open_before_the_closing(cast):
    close_account(person=cast.reza, reason=WHY, by=cast.admin)

    with pytest.raises(Forbidden):
        set_password(person=cast.reza, password="zard-alu-1405-sard", by=cast.reza, how="link")


def test_closing_is_refused_twice_without_a_reason_and_for_oneself(cast, second):
    for person, reason, code in ((cast.sara, " ", "no-reason"), (cast.admin, WHY, "oneself")):
        with pytest.raises(Refused) as refused:
            close_account(person=person, reason=reason, by=cast.admin)
        assert refused.value.code == code
    close_account(person=cast.sara, reason=WHY, by=cast.admin)
    with pytest.raises(Refused) as refused:
        close_account(person=cast.sara, reason=WHY, by=cast.admin)
    assert refused.value.code == "already-closed"


def test_who_was_closed_a_moment_ago_closes_nobody(cast, second):
    close_account(person=second, reason=WHY, by=cast.admin)

    with pytest.raises(Forbidden):
        close_account(person=cast.admin, reason=WHY, by=second)  # the object still says that it is open
    assert Person.objects.filter(is_superuser=True, is_active=True).get() == cast.admin


def test_an_administrator_grants_themselves_no_seat(cast):
    with pytest.raises(Forbidden):
        grant_membership(unit=cast.provider, person=cast.admin, role=Role.COORDINATOR, by=cast.admin)


def test_the_units_that_only_the_person_heads_are_named(cast):
    assert [seat.unit for seat in headed_alone(cast.reza, database_now())] == [cast.a]

    make_membership(cast.stranger, cast.a, Role.HEAD)
    assert headed_alone(cast.reza, database_now()) == []
    close_account(person=cast.stranger, reason=WHY, by=cast.admin)
    assert [seat.unit for seat in headed_alone(cast.reza, database_now())] == [cast.a]

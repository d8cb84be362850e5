"""Second factors: what is stored of them, who may set one up or remove it, and which code is good how often."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.national_code import is_of_key
from tests.factories import make_person
from units.actions.factor_resets import confirm_factor_reset, propose_factor_reset, withdraw_factor_reset
from units.actions.factors import STEP, add_app, prove_code, remove_factor, rename_key, renew_codes
from units.actions.field_keys import rotate_factors
from units.actions.organisation import describe_organisation
from units.models import Event, FactorReset, Notice
from units.queries.factors import APP, CODES, KEY, codes_left, factors_of, has_factor
from units.queries.organisation import forget
from units.rules import is_asked_for_factor, must_have_factor

pytestmark = pytest.mark.django_db
WHY = "تلفن گم شده است؛ تلفنی پرسیدم."


def code_of(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(database_now().timestamp()) // STEP + steps))


def with_app(person) -> str:
    """The secret of an app that the person has set up just now, by the code of the step before."""
    secret = generate_totp_secret()
    add_app(person=person, secret=secret, code=code_of(secret, -1), by=person)
    return secret


def events(verb: str) -> list[dict]:
    return list(Event.objects.filter(verb=verb).values_list("data", flat=True))


# ------------------------------------------------------------------------------------------- set up
def test_an_app_is_set_up_by_its_code_with_recovery_codes_an_event_and_a_notice(cast):
    with_app(cast.omid)

    assert [factor.type for factor in factors_of(cast.omid)] == [APP, CODES]
    assert codes_left(factors_of(cast.omid)) == 10
    assert [data["kind"] for data in events("add_factor")] == ["totp"]
    assert {n.channel for n in Notice.objects.filter(person=cast.omid)} == {"portal", "email"}


def test_nothing_of_it_is_stored_in_the_clear(cast):
    secret = with_app(cast.omid)
    app, codes = factors_of(cast.omid)

    assert secret not in str(app.data)
    assert [is_of_key(app.data["secret"]), is_of_key(codes.data["seed"])] == [True, True]


def test_a_wrong_code_sets_up_nothing(cast):
    with pytest.raises(Refused) as refused:
        add_app(person=cast.omid, secret=generate_totp_secret(), code="000000", by=cast.omid)

    assert refused.value.code == "wrong-code"
    assert not has_factor(cast.omid)


def test_a_second_app_and_somebody_elses_are_refused(cast):
    with_app(cast.omid)
    secret = generate_totp_secret()
    with pytest.raises(Refused) as refused:
        add_app(person=cast.omid, secret=secret, code=code_of(secret), by=cast.omid)
    assert refused.value.code == "has-app"
    with pytest.raises(Forbidden):
        add_app(person=cast.omid, secret=secret, code=code_of(secret), by=cast.admin)


# ------------------------------------------------------------------------------------------- proved
def test_a_code_is_good_once_and_none_before_it_is_good_after(cast):
    secret = with_app(cast.omid)
    assert prove_code(person=cast.omid, code=code_of(secret)).type == APP
    for steps in (0, -1):
        with pytest.raises(Refused):
            prove_code(person=cast.omid, code=code_of(secret, steps))


def test_a_code_typed_with_persian_digits_and_a_space_is_taken(cast):
    secret = with_app(cast.omid)
    code = code_of(secret).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))

    assert prove_code(person=cast.omid, code=f"{code[:3]} {code[3:]}").type == APP


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_a_code_of_more_than_half_a_minute_away_is_refused(cast, steps):
    secret = with_app(cast.omid)
    with pytest.raises(Refused):
        prove_code(person=cast.omid, code=code_of(secret, steps))


def test_a_recovery_code_is_good_once_and_the_person_hears_of_it(cast):
    with_app(cast.omid)
    code = factors_of(cast.omid)[1].wrap().get_unused_codes()[3]
    assert prove_code(person=cast.omid, code=code).type == CODES
    with pytest.raises(Refused):
        prove_code(person=cast.omid, code=code)

    assert codes_left(factors_of(cast.omid)) == 9
    assert events("use_code") == [{"left": 9}]


def test_five_wrong_codes_close_it_also_for_the_right_one_and_the_person_hears_of_it_once(cast, clock):
    secret = with_app(cast.omid)
    said = []
    for code in ["000000"] * 5 + [code_of(secret)] * 2:
        with pytest.raises(Refused) as refused:
            prove_code(person=cast.omid, code=code)
        said.append(refused.value.code)
    assert said == ["wrong-code"] * 5 + ["too-many-tries"] * 2
    assert len(events("close_factor")) == 1
    clock.move(minutes=16)

    assert prove_code(person=cast.omid, code=code_of(secret)).type == APP


def test_a_secret_that_no_key_reads_has_no_codes(cast, settings):
    with_app(cast.omid)
    settings.FIELD_KEY = "another key than the one it was stored under"
    with pytest.raises((Refused, ValueError)):
        prove_code(person=cast.omid, code=format_hotp_value(hotp_value("", int(database_now().timestamp()) // STEP)))


def test_secrets_come_under_a_new_field_key_with_national_codes(cast, settings):
    secret = with_app(cast.omid)
    codes = factors_of(cast.omid)[1].wrap().get_unused_codes()
    settings.FIELD_KEY_FALLBACKS, settings.FIELD_KEY = [settings.FIELD_KEY], "a new key, which nobody has seen yet"
    assert rotate_factors(after=0, portion=1).changed == 1
    assert rotate_factors(after=factors_of(cast.omid)[0].pk, portion=5).changed == 1
    settings.FIELD_KEY_FALLBACKS = []

    assert prove_code(person=cast.omid, code=code_of(secret)).type == APP
    assert factors_of(cast.omid)[1].wrap().get_unused_codes() == codes


# ------------------------------------------------------------------------------------------- renamed, removed, renewed
def key_of(person, name="کلید آبی") -> Authenticator:
    return Authenticator.objects.create(user=person, type=KEY, data={"name": name, "credential": {}})


def test_a_key_is_renamed_by_its_owner_only(cast):
    key = key_of(cast.omid)
    rename_key(factor=key, name="کلید سبز", by=cast.omid)
    with pytest.raises(Forbidden):
        rename_key(factor=key, name="کلید من", by=cast.laleh)

    key.refresh_from_db()
    assert key.data["name"] == "کلید سبز"
    assert events("rename_factor") == [{"name": ["کلید آبی", "کلید سبز"]}]


def test_recovery_codes_go_with_the_last_factor(cast):
    with_app(cast.omid)
    app, _codes = factors_of(cast.omid)
    remove_factor(factor=app, by=cast.omid)

    assert factors_of(cast.omid) == []
    assert [data["kind"] for data in events("remove_factor")] == ["totp"]


def test_the_last_one_stays_where_the_role_needs_one(cast):
    with_app(cast.omid)
    demand(cast, days=0)
    with pytest.raises(Refused) as refused:
        remove_factor(factor=factors_of(cast.omid)[0], by=cast.omid)
    assert refused.value.code == "last-factor"
    key_of(cast.omid)
    remove_factor(factor=factors_of(cast.omid)[0], by=cast.omid)

    assert has_factor(cast.omid)


def test_new_recovery_codes_make_the_former_ones_worthless(cast):
    with_app(cast.omid)
    former = factors_of(cast.omid)[1].wrap().get_unused_codes()[0]
    renew_codes(person=cast.omid, by=cast.omid)
    with pytest.raises(Refused):
        prove_code(person=cast.omid, code=former)


def test_recovery_codes_alone_are_no_factor(cast):
    with pytest.raises(Refused) as refused:
        renew_codes(person=cast.omid, by=cast.omid)

    assert refused.value.code == "no-factor"


# ------------------------------------------------------------------------------------------- demanded
def demand(cast, days: int) -> None:
    describe_organisation(by=cast.admin, factor_from=tehran_date(database_now()) + timedelta(days=days))
    forget()


def test_from_the_organisations_day_on_it_is_needed_by_who_judges_oversees_or_administers(cast):
    at = database_now()
    people = [*cast.people, cast.admin]
    assert [is_asked_for_factor(person, at) for person in people] == [False] * 9
    demand(cast, days=1)
    assert [p.username for p in people if is_asked_for_factor(p, at)] == ["omid", "laleh", "nader", "admin"]
    assert [p.username for p in people if must_have_factor(p, at)] == []
    demand(cast, days=0)
    assert [p.username for p in people if must_have_factor(p, at)] == ["omid", "laleh", "nader", "admin"]


def test_the_demo_never_demands_it(cast, settings):
    demand(cast, days=0)
    settings.DEMO = True

    assert not must_have_factor(cast.admin, database_now())


def test_the_day_is_recorded_with_who_set_it(cast):
    demand(cast, days=0)

    event = Event.objects.get(noun="organisation")
    assert (event.person, list(event.data["changed"])) == (cast.admin, ["factor_from"])
    describe_organisation(by=cast.admin, phone="۰۲۱")
    assert Event.objects.filter(noun="organisation").latest("pk").data["changed"].keys() == {"phone"}


# ------------------------------------------------------------------------------------------- lost
@pytest.fixture
def second(cast):
    return make_person("second", "راهبر دوم", is_superuser=True)


def test_two_administrators_remove_what_is_lost_and_the_person_is_out_and_told(cast, second, client_for):
    with_app(cast.omid)
    client = client_for(cast.omid)
    assert client.get("/account/").status_code == 200
    reset = propose_factor_reset(person=cast.omid, reason=WHY, by=cast.admin)
    assert has_factor(cast.omid)
    confirm_factor_reset(reset=reset, by=second)

    assert factors_of(cast.omid) == []
    assert client.get("/account/").status_code == 302
    told = Event.objects.get(verb="reset_factor")
    assert (told.person, told.data["proposed_by"], told.data["reason"]) == (second, cast.admin.pk, WHY)
    assert Notice.objects.filter(event=told, person=cast.omid).count() == 2


@pytest.mark.parametrize("who", ["admin", "omid", "laleh"])
def test_nobody_but_a_second_administrator_confirms(cast, second, who):
    with_app(cast.omid)
    reset = propose_factor_reset(person=cast.omid, reason=WHY, by=cast.admin)
    with pytest.raises(Forbidden):
        confirm_factor_reset(reset=reset, by=getattr(cast, who))

    assert has_factor(cast.omid)


def test_only_an_administrator_proposes_with_a_reason_not_for_themselves_and_once(cast, second):
    with_app(cast.omid)
    with_app(cast.admin)
    for by, person in ((cast.laleh, cast.omid), (cast.admin, cast.admin)):
        with pytest.raises(Forbidden):
            propose_factor_reset(person=person, reason=WHY, by=by)
    said = []
    for reason in ("", WHY, WHY):
        try:
            propose_factor_reset(person=cast.omid, reason=reason, by=cast.admin)
        except Refused as refused:
            said.append(refused.code)
    assert said == ["no-reason", "already-proposed"]
    with pytest.raises(Refused) as refused:
        propose_factor_reset(person=cast.sara, reason=WHY, by=cast.admin)
    assert refused.value.code == "no-factor"


def test_the_other_administrators_and_the_person_hear_of_a_proposal(cast, second):
    with_app(cast.omid)
    propose_factor_reset(person=cast.omid, reason=WHY, by=cast.admin)
    told = Event.objects.get(verb="propose_factor_reset")

    assert set(Notice.objects.filter(event=told).values_list("person__username", flat=True)) == {"omid", "second"}


def test_a_proposal_taken_back_confirms_nothing_any_more(cast, second):
    with_app(cast.omid)
    reset = propose_factor_reset(person=cast.omid, reason=WHY, by=cast.admin)
    withdraw_factor_reset(reset=reset, by=cast.admin)
    with pytest.raises(Refused):
        confirm_factor_reset(reset=reset, by=second)

    assert has_factor(cast.omid)
    assert FactorReset.objects.get().confirmed_by is None

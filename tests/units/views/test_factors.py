"""Second factors by the pages: set up, asked at signing in, demanded, removed, reset by two."""

import pytest
from django.test import Client
from django.urls import reverse

from sajad_portal.lib.national_code import decrypt
from tests.factories import PASSWORD, make_person
from tests.links import set_by_link
from tests.units.actions.test_factors import WHY, code_of, demand, with_app
from units.models import Event
from units.notices.links import password_link
from units.queries.factors import CODES, factors_of, has_factor
from units.views.factors import SETTING_UP

pytestmark = pytest.mark.django_db
STEP, DESK, FACTORS = "/sign-in/factor/", reverse("reports:desk"), reverse("units:factors")


def sign_in(client, name="omid", **more):
    return client.post("/sign-in/", {"name": name, "password": PASSWORD, **more})


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


# ------------------------------------------------------------------------------------------- asked at signing in
def test_after_the_password_the_code_is_asked_for_and_leads_where_the_person_was_going(cast, client):
    secret = with_app(cast.omid)
    assert sign_in(client, next="/notices/").url == STEP
    assert not is_in(client)
    assert client.get("/desk/").status_code == 302
    assert client.get(STEP).status_code == 200
    answer = client.post(STEP, {"proof:code": code_of(secret)})

    assert answer.url == "/notices/"
    assert is_in(client)
    assert Event.objects.filter(verb="sign_in", person=cast.omid).count() == 1


def test_without_a_factor_nothing_is_asked_for(cast, client):
    assert sign_in(client).url == DESK


def test_a_link_that_sets_the_password_asks_for_it_too(cast, client):
    with_app(cast.omid)
    assert set_by_link(client, password_link(cast.omid), "zard-alu-1405-sard").url == STEP
    assert not is_in(client)


def test_a_wrong_code_says_so_and_lets_nobody_in(cast, client):
    with_app(cast.omid)
    sign_in(client)
    page = client.post(STEP, {"proof:code": "000000"})

    assert (page.status_code, page.context["refusal"].code) == (400, "wrong-code")
    assert not is_in(client)


def test_after_five_wrong_codes_in_any_browser_the_right_one_is_refused(cast):
    secret = with_app(cast.omid)
    for _n in range(5):
        client = Client()
        sign_in(client)
        client.post(STEP, {"proof:code": "000000"})
    client = Client()
    sign_in(client)

    assert client.post(STEP, {"proof:code": code_of(secret)}).status_code == 429
    assert not is_in(client)


@pytest.mark.parametrize(
    "given", [{}, {"proof:code": ""}, {"proof:key": "{"}, {"proof:key": "[]"}, {"proof:key": '{"id": 1}'}]
)
def test_nonsense_for_an_answer_is_refused_in_words(cast, client, given):
    with_app(cast.omid)
    sign_in(client)

    assert client.post(STEP, given).status_code == 400
    assert not is_in(client)


def test_without_a_right_password_there_is_no_second_step(cast, client):
    assert client.get(STEP).url == "/sign-in/"
    assert client.post(STEP, {"proof:code": "000000"}).url == "/sign-in/"


def test_signing_in_in_place_says_that_a_step_is_missing(cast, client):
    with_app(cast.omid)
    answer = client.post("/sign-in/", {"name": "omid", "password": PASSWORD}, headers={"X-In-Place": "1"})

    assert (answer.status_code, answer.json()["code"]) == (409, "another-step")


def test_an_account_closed_between_the_steps_is_closed(cast, client):
    secret = with_app(cast.omid)
    sign_in(client)
    type(cast.omid).objects.filter(pk=cast.omid.pk).update(is_active=False)
    client.post(STEP, {"proof:code": code_of(secret)})

    assert client.get("/desk/").status_code == 302


# ------------------------------------------------------------------------------------------- set up
def test_an_app_is_set_up_by_the_pages_and_its_codes_are_shown_until_put_away(cast, client_for):
    client = client_for(cast.sara)
    page = client.get(reverse("units:factor_app"))
    assert page.context["address"].startswith("otpauth://totp/sara?secret=")
    secret = decrypt(client.session[SETTING_UP])
    assert secret not in str(dict(client.session))
    answer = client.post(reverse("units:factor_app"), {"code": code_of(secret)})
    assert answer.url == reverse("units:factor_codes")
    codes = client.get(answer.url).context["codes"]
    assert len(codes) == 10
    text = client.get(reverse("units:factor_codes_file"))
    assert all(code in text.content.decode() for code in codes)
    client.post(reverse("units:factor_codes_kept"))

    assert client.get(reverse("units:factor_codes")).url == FACTORS
    assert client.get(reverse("units:factor_codes_file")).url == FACTORS
    assert codes[0] not in client.get(FACTORS).content.decode()


def test_a_mistyped_code_keeps_the_secret_that_was_scanned(cast, client_for):
    client = client_for(cast.sara)
    address = client.get(reverse("units:factor_app")).context["address"]
    page = client.post(reverse("units:factor_app"), {"code": "000000"})

    assert (page.status_code, page.context["address"]) == (400, address)


def test_a_key_that_answers_nonsense_is_not_added(cast, client_for):
    client = client_for(cast.sara)
    assert client.get(reverse("units:factor_key")).context["asking"]["publicKey"]["rp"]["id"] == "testserver"
    for credential in ("", "{", "[]", '{"id": "x"}'):
        page = client.post(reverse("units:factor_key"), {"name": "کلید", "credential": credential})
        assert (page.status_code, page.context["refusal"].code) == (400, "wrong-key")

    assert not has_factor(cast.sara)


def test_nobody_removes_or_renames_a_factor_of_somebody_else(cast, client_for):
    with_app(cast.omid)
    app = factors_of(cast.omid)[0]
    for name in ("factor_remove", "factor_rename"):
        assert client_for(cast.laleh).post(reverse(f"units:{name}", args=[app.pk])).status_code == 404

    assert has_factor(cast.omid)


def test_an_app_is_removed_with_its_codes_by_its_owner(cast, client_for):
    with_app(cast.omid)
    client_for(cast.omid).post(reverse("units:factor_remove", args=[factors_of(cast.omid)[0].pk]))

    assert factors_of(cast.omid) == []


def test_the_confirmation_takes_a_code_in_place_of_the_password(cast, client_for, stale):
    secret = with_app(cast.admin)
    client = stale(client_for(cast.admin), hours=1)
    page = client.post("/organisation/", {"name": "سازمان", "portal_name": "سنجه"})
    assert (page.context["has_second"], page.status_code) == (True, 403)
    answer = client.post(
        "/organisation/", {**dict(page.context["carried"]), "proof:code": code_of(secret), "seen": seen()}
    )

    assert answer.status_code == 302


def seen() -> str:
    from units.actions.organisation import marked_organisation
    from units.queries.organisation import stored_organisation

    return marked_organisation(stored_organisation())


# ------------------------------------------------------------------------------------------- demanded
def test_before_the_day_the_desk_reminds_and_everything_is_open(cast, client_for):
    demand(cast, days=3)
    assert FACTORS in client_for(cast.omid).get(DESK).content.decode()
    assert FACTORS not in client_for(cast.sara).get(DESK).content.decode()
    with_app(cast.omid)

    assert FACTORS not in client_for(cast.omid).get(DESK).content.decode()


def test_from_the_day_on_who_lacks_one_can_do_nothing_but_set_it_up(cast, client):
    demand(cast, days=0)
    sign_in(client)
    for address in (DESK, "/account/", "/review/", "/services/", reverse("units:password_change")):
        assert client.get(address).url == FACTORS
    answer = client.get(DESK, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (403, "factor-needed")
    client.get(reverse("units:factor_app"))
    client.post(reverse("units:factor_app"), {"code": code_of(decrypt(client.session[SETTING_UP]))})

    assert client.get(DESK).status_code == 200


def test_whom_it_does_not_concern_and_who_has_one_notice_nothing(cast, client_for, client):
    secret = with_app(cast.omid)
    demand(cast, days=0)
    assert client_for(cast.sara).get(DESK).status_code == 200
    assert client_for(cast.omid).get(DESK).status_code == 200
    sign_in(client)
    client.post(STEP, {"proof:code": code_of(secret)})

    assert client.get(DESK).status_code == 200


def test_signing_out_stays_open_to_who_lacks_one(cast, client):
    demand(cast, days=0)
    sign_in(client)
    client.post("/sign-out/")

    assert not is_in(client)


def test_the_day_is_written_on_the_organisations_page(cast, client_for):
    typed = {"name": "سازمان", "portal_name": "سنجه", "seen": seen(), "factor_from": "۱۴۰۶/۰۱/۱۵"}
    client = client_for(cast.admin)
    assert client.post("/organisation/", typed).status_code == 302

    assert "۱۴۰۶/۰۱/۱۵" in client.get("/organisation/").content.decode()


# ------------------------------------------------------------------------------------------- lost
def test_two_administrators_reset_it_by_their_pages(cast, client_for):
    second = make_person("second", "راهبر دوم", is_superuser=True)
    with_app(cast.omid)
    one, other = client_for(cast.admin), client_for(second)
    page = reverse("units:person", args=[cast.omid.pk])
    propose, confirm = (reverse(f"units:factor_reset_{verb}", args=[cast.omid.pk]) for verb in ("propose", "confirm"))
    assert propose in one.get(page).content.decode()
    one.post(propose, {"reason": WHY})
    assert confirm not in one.get(page).content.decode()
    assert one.post(confirm).status_code == 403
    assert confirm in other.get(page).content.decode()
    other.post(confirm)

    assert not has_factor(cast.omid)
    assert "راهبر دوم" in other.get(page).content.decode()


def test_whoever_is_no_administrator_finds_no_way_to_it(cast, client_for):
    with_app(cast.omid)
    for verb in ("propose", "confirm", "withdraw"):
        address = reverse(f"units:factor_reset_{verb}", args=[cast.omid.pk])
        assert client_for(cast.laleh).post(address, {"reason": WHY}).status_code == 403

    assert [factor.type for factor in factors_of(cast.omid)][1:] == [CODES]

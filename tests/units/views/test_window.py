"""Single sign-on by OpenID Connect, against a provider that runs: who comes in, who does not, and what is not believed."""

import time
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.urls import reverse

from sajad_portal.lib.national_code import encrypt, keyed_hash
from tests.factories import PASSWORD, national_code
from tests.units.actions.test_factors import code_of, demand, with_app
from units.gateways.window import AuthorizationRequest, WindowRefused, read_token
from units.models import Event, Membership, Person
from units.views.window import ASKED

pytestmark = pytest.mark.django_db
AWAY, BACK, DESK = "/sign-in/window/", "/sign-in/window/back/", reverse("reports:desk")
CODE, UNKNOWN = national_code(11), national_code(12)


@pytest.fixture
def omid(cast, provider):
    """Omid, whom the provider knows by the same national code."""
    known = {"national_code_cipher": encrypt(CODE), "national_code_hash": keyed_hash(CODE)}
    Person.objects.filter(pk=cast.omid.pk).update(**known)
    provider.knows("omid", national_code=CODE)
    provider.knows("nobody", national_code=UNKNOWN)
    cast.omid.refresh_from_db()
    return cast.omid


def away(client, next_: str = "/notices/") -> str:
    return client.get(AWAY, {"next": next_}).url


def back(client, provider, sub="omid", **changed):
    """The whole way: away, who they are there, and back; `changed`: of the answer's query."""
    found = urlsplit(provider.answer_to(away(client), sub))
    query = {name: values[0] for name, values in parse_qs(found.query).items()}
    assert found.path == BACK
    return client.get(BACK, {**query, **changed})


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


# ------------------------------------------------------------------------------------------- in
def test_whom_the_provider_knows_by_a_national_code_comes_in_to_where_they_were_going(client, omid, provider):
    people, seats = Person.objects.count(), Membership.objects.count()
    answer = back(client, provider)

    assert answer.url == "/notices/"
    assert client.session["_auth_user_id"] == str(omid.pk)
    assert (Person.objects.count(), Membership.objects.count()) == (people, seats)
    assert Event.objects.filter(verb="sign_in", person=omid).count() == 1


def test_it_is_asked_with_state_nonce_and_a_challenge_and_nothing_secret(client, omid, provider):
    query = {name: values[0] for name, values in parse_qs(urlsplit(away(client)).query).items()}
    state, nonce, verifier = client.session[ASKED]

    assert (query["state"], query["nonce"]) == (state, nonce)
    assert (query["code_challenge"], query["code_challenge_method"]) == (
        AuthorizationRequest(state, nonce, verifier).challenge,
        "S256",
    )
    assert verifier not in str(query)
    assert "a-secret" not in str(query)


def test_the_second_factor_is_asked_for_after_it(client, omid, provider):
    secret = with_app(omid)
    assert back(client, provider).url == "/sign-in/factor/"
    assert not is_in(client)
    client.post("/sign-in/factor/", {"proof:code": code_of(secret)})

    assert is_in(client)


@pytest.mark.parametrize(
    ("taken", "said", "enough"), [(["mfa"], ["pwd", "mfa"], True), (["mfa"], ["pwd"], False), ([], ["mfa"], False)]
)
def test_two_factors_of_the_provider_count_where_the_settings_say_so(
    client, omid, provider, settings, taken, said, enough
):
    with_app(omid)
    settings.OIDC_FACTORS = taken
    provider.knows("omid", national_code=CODE, amr=said)
    back(client, provider)

    assert is_in(client) is enough


def test_whose_role_needs_a_factor_and_has_the_providers_is_not_led_to_setting_one_up(
    client, cast, omid, provider, settings
):
    settings.OIDC_FACTORS = ["mfa"]
    provider.knows("omid", national_code=CODE, amr=["mfa"])
    demand(cast, days=0)
    back(client, provider)

    assert client.get(DESK).status_code == 200


def test_signing_out_ends_the_providers_session_too(client, omid, provider):
    back(client, provider)
    answer = client.post("/sign-out/")

    assert answer.context["address"].startswith(f"{provider.issuer}/oauth2/end_session?id_token_hint=")
    assert answer["Refresh"] == f"0; url={answer.context['address']}"
    assert not is_in(client)


def test_who_came_in_with_a_password_signs_out_here(client, omid, provider):
    client.post("/sign-in/", {"name": "omid", "password": PASSWORD})

    assert client.post("/sign-out/").url == "/sign-in/"


# ------------------------------------------------------------------------------------------- not in
def test_an_unknown_national_code_opens_no_account_and_is_told_the_way(client, omid, provider):
    people = Person.objects.count()
    page = back(client, provider, "nobody")

    assert page.status_code == 403
    assert "کد ملی" in page.content.decode()
    assert (is_in(client), Person.objects.count()) == (False, people)


@pytest.mark.parametrize("claims", [{}, {"national_code": ""}, {"national_code": "omid"}, {"national_code": ["1"]}])
def test_without_a_national_code_nobody_comes_in(client, omid, provider, claims):
    provider.knows("odd", **claims)

    assert back(client, provider, "odd").status_code == 403
    assert not is_in(client)


def test_a_closed_account_stays_closed(client, omid, provider):
    Person.objects.filter(pk=omid.pk).update(is_active=False)

    assert back(client, provider).status_code == 403
    assert not is_in(client)


@pytest.mark.parametrize(
    "changed", [{"state": "another"}, {"code": "another"}, {"code": ""}, {"error": "access_denied"}]
)
def test_an_answer_that_was_changed_on_the_way_is_refused(client, omid, provider, changed):
    assert back(client, provider, **changed).status_code == 400
    assert not is_in(client)


def test_a_word_for_another_sign_in_is_refused_by_its_nonce(client, omid, provider):
    answer = provider.answer_to(away(client), "omid")
    session = client.session
    session[ASKED] = [session[ASKED][0], "another nonce", session[ASKED][2]]
    session.save()

    assert client.get(answer).status_code == 400
    assert not is_in(client)


def test_an_answer_counts_once_and_in_its_own_browser_only(client, omid, provider, client_for, cast):
    answer = provider.answer_to(away(client), "omid")
    other = client_for(cast.sara)
    assert other.get(answer).status_code == 400
    assert client.get(answer).status_code == 302
    client.post("/sign-out/")

    assert client.get(answer).status_code == 400


# ------------------------------------------------------------------------------------------- what is not believed
@pytest.fixture(scope="module")
def keys():
    return [rsa.generate_private_key(65537, 2048) for _n in range(2)]


def read(settings, keys, *, signed_by=0, algorithm="RS256", **changed):
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = "https://window.example.ir", "portal"
    now = int(time.time())
    claims = {
        "iss": settings.OIDC_ISSUER, "aud": "portal", "sub": "1", "iat": now, "exp": now + 300, "nonce": "this one", **changed,
    }  # fmt: skip
    claims = {name: value for name, value in claims.items() if value is not None}
    public = jwt.algorithms.RSAAlgorithm.to_jwk(keys[0].public_key(), as_dict=True)
    key = {"RS256": keys[signed_by], "HS256": "a secret of thirty-two letters, or more", "none": None}[algorithm]
    token = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "one"})
    return read_token(token, "this one", {"keys": [{**public, "kid": "one", "use": "sig"}]})


def test_a_word_that_fits_is_read(settings, keys):
    assert read(settings, keys)["sub"] == "1"
    assert read(settings, keys, aud=["portal", "other"], azp="portal")["sub"] == "1"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example.ir"}, {"aud": "other"}, {"aud": ["portal", "other"]}, {"azp": "other"},
        {"nonce": "another"}, {"nonce": None}, {"exp": 1}, {"exp": None}, {"sub": None}, {"iat": None}, {"signed_by": 1},
        {"algorithm": "HS256"}, {"algorithm": "none"},
    ],
    ids=str,
)  # fmt: skip
def test_a_word_of_which_anything_does_not_fit_is_not_believed(settings, keys, changed):
    with pytest.raises(WindowRefused):
        read(settings, keys, **changed)


# ------------------------------------------------------------------------------------------- the doors
def test_without_an_issuer_there_is_no_such_door(client, cast, settings):
    settings.OIDC_ISSUER = ""

    assert [client.get(address).status_code for address in (AWAY, BACK)] == [404, 404]
    assert AWAY not in client.get("/sign-in/").content.decode()


def test_a_provider_that_is_down_is_told_in_persian_and_the_password_is_taken(client, cast, settings):
    settings.OIDC_ISSUER, settings.OIDC_TIMEOUT = "http://127.0.0.1:9", 1
    page = client.get(AWAY)
    assert page.status_code == 503
    assert "ورود یکپارچه" in page.content.decode()

    assert client.post("/sign-in/", {"name": "sara", "password": PASSWORD}).status_code == 302


def test_the_password_door_is_closed_by_setting(client, omid, provider, settings):
    settings.PASSWORD_DOOR = False
    page = client.get("/sign-in/").content.decode()

    assert (AWAY in page, 'name="password"' in page) == (True, False)
    assert client.post("/sign-in/", {"name": "sara", "password": PASSWORD}).status_code == 403
    assert back(client, provider).status_code == 302

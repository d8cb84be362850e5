"""The one way into a session: whoever has proved who they are goes through the steps that are still asked of them."""

import pytest
from allauth.account.internal import flows  # noqa: F401 without it, the next import goes in a circle
from allauth.account.stages import LoginStage
from django.http import HttpResponseRedirect
from django.urls import reverse

from tests.factories import PASSWORD
from tests.links import set_by_link
from units.backends import PortalAdapter
from units.models import Event
from units.notices.links import password_link

pytestmark = pytest.mark.django_db
NEW = "zard-alu-1405-sard"


class SecondFactor(LoginStage):
    """A step that nobody gets past."""

    key = "tests-second-factor"

    def handle(self):
        return HttpResponseRedirect("/second-factor/"), True


@pytest.fixture
def second_factor(monkeypatch):
    stages = [f"{__name__}.SecondFactor"]
    monkeypatch.setattr(PortalAdapter, "get_login_stages", lambda adapter: stages)


def sign_in(client, **headers):
    return client.post("/sign-in/", {"name": "sara", "password": PASSWORD}, **headers)


def test_a_step_that_is_still_asked_for_comes_before_the_session(client, cast, second_factor):
    answer = sign_in(client)

    assert answer.url == "/second-factor/"
    assert "_auth_user_id" not in client.session
    assert Event.objects.filter(verb="sign_in").count() == 0


def test_a_link_that_sets_the_password_is_no_way_around_it(client, cast, second_factor):
    answer = set_by_link(client, password_link(cast.sara), NEW)

    assert answer.url == "/second-factor/"
    assert "_auth_user_id" not in client.session


def test_signing_in_in_place_does_not_claim_to_be_done(client, cast, second_factor):
    answer = sign_in(client, HTTP_X_IN_PLACE="1")

    assert (answer.status_code, answer.json()["code"]) == (409, "another-step")


def test_without_a_further_step_both_ways_lead_in_and_are_recorded(client, cast):
    assert sign_in(client).url == reverse("reports:desk")
    client.logout()
    cast.sara.refresh_from_db()
    assert set_by_link(client, password_link(cast.sara), NEW).url == reverse("reports:desk")

    assert Event.objects.filter(verb="sign_in", person=cast.sara).count() == 2


def test_the_page_has_the_name_that_allauth_leads_back_to():
    assert reverse("account_login") == reverse("units:sign_in") == "/sign-in/"


def test_nobody_signs_up_and_nothing_is_mailed_past_the_outbox(rf):
    adapter = PortalAdapter()

    assert adapter.is_open_for_signup(rf.get("/")) is False
    with pytest.raises(NotImplementedError):
        adapter.send_mail("account/email/login_code", "sara@example.ir", {})

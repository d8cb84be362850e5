"""Before what weighs the portal asks who is there, where the last proof is too old: every such address, and nothing typed is lost."""

import ast
import inspect
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sajad_portal.lib.access import DECIDING, SIGNING
from tests.factories import PASSWORD
from tests.test_access import views_of_ours
from units.actions.organisation import describe_organisation
from units.models import Membership, Organisation

# What may be done only with a fresh proof, by the verb that does it.
WEIGHING = {
    # money
    "propose_refund": DECIDING, "consent_refund": DECIDING, "decline_refund": DECIDING, "record_payout": DECIDING,
    # seats
    "invite_person": DECIDING, "change_role": DECIDING, "change_dates": DECIDING, "end_membership": DECIDING,
    "renew_invitation": DECIDING, "send_again": DECIDING, "confirm_person": DECIDING, "name_deputy": DECIDING,
    "bring_people": DECIDING, "consent_to_seat": DECIDING, "refuse_seat": DECIDING,
    # disputes
    "accept_offer": DECIDING, "accept_result_offer": DECIDING, "accept_decision_offer": DECIDING, "accept_lower_fee": DECIDING,
    "accept_act_offer": DECIDING, "decline_offer": DECIDING, "take_back_offer": DECIDING,
    "state_position": DECIDING, "answer_objection": DECIDING, "make_offer": DECIDING, "offer_result": DECIDING,
    "offer_decision": DECIDING, "offer_lower_fee": DECIDING,
    # results
    "announce_results": DECIDING, "order_announcement": DECIDING, "revise_result": DECIDING,
    # factors, and from when they are needed
    "add_app": DECIDING, "add_key": DECIDING, "rename_key": DECIDING, "remove_factor": DECIDING, "renew_codes": DECIDING,
    "propose_factor_reset": DECIDING, "confirm_factor_reset": DECIDING, "withdraw_factor_reset": DECIDING,
    "describe_organisation": DECIDING,
    # tokens of programs, and programs that act for a person
    "admit_client": DECIDING, "renew_token": DECIDING, "bind_client": DECIDING,
    # signatures
    "submit_report": SIGNING,
}  # fmt: skip
pytestmark = pytest.mark.django_db


def weighing_views() -> dict[str, timedelta]:
    """{name of an address: the strictest that the verbs want which its view calls, itself or through functions of its module}."""
    found = {}
    for _route, pattern in views_of_ours():
        view = inspect.unwrap(pattern.callback)
        wanted = [WEIGHING[name] for name in names_in(view) if name in WEIGHING]
        if wanted:
            found[f"{view.__module__}.{pattern.name}"] = min(wanted)
    return found


def names_in(view) -> set[str]:
    tree = ast.parse(inspect.getsource(inspect.getmodule(view)))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    seen: set[str] = set()
    waiting, names = [view.__name__], set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in functions:
            continue
        seen.add(name)
        used = {node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)}
        names |= used
        waiting += used
    return names


def test_every_address_that_does_what_weighs_wants_a_proof_as_fresh_as_that():
    marked = {
        f"{inspect.unwrap(p.callback).__module__}.{p.name}": p.callback.fresh_within for _route, p in views_of_ours()
    }
    wanted = weighing_views()

    assert len(wanted) > 25
    assert {name: marked[name] for name in wanted} == wanted


def test_every_verb_of_the_table_is_done_by_some_page():
    called = set().union(*(names_in(inspect.unwrap(pattern.callback)) for _route, pattern in views_of_ours()))

    assert set(WEIGHING) - called == set()


def organisation_typed(**more: str) -> dict[str, str]:
    return {
        "name": "سازمان نمونه",
        "portal_name": "سنجه",
        "seen": Organisation.objects.get().updated_at.isoformat(),
        **more,
    }


# ------------------------------------------------------------------------------------------- asked, and going on
ADDRESS = "/organisation/"


@pytest.mark.parametrize(("ago", "taken"), [({"minutes": 14}, True), ({"minutes": 16}, False), ({}, False)])
def test_a_form_is_taken_a_quarter_of_an_hour_after_a_proof_and_not_later(cast, client_for, stale, ago, taken):
    client = stale(client_for(cast.admin), **ago)
    answer = client.post(ADDRESS, organisation_typed())

    assert answer.status_code == (302 if taken else 403)
    assert (Organisation.objects.get().name == "سازمان نمونه") is taken


def test_the_right_password_sends_on_what_was_typed_and_counts_for_the_next_form(cast, client_for, stale):
    client = stale(client_for(cast.admin), hours=1)
    page = client.post(ADDRESS, organisation_typed(phone="۰۲۱"))
    carried = dict(page.context["carried"])
    assert carried["phone"] == "۰۲۱"
    answer = client.post(ADDRESS, {**carried, "proof:password": PASSWORD})

    assert answer.status_code == 302
    assert Organisation.objects.get().phone == "۰۲۱"
    assert client.post(ADDRESS, organisation_typed(phone="۰۲۲")).status_code == 302


def test_a_wrong_password_keeps_what_was_typed_and_does_nothing(cast, client_for, stale):
    client = stale(client_for(cast.admin), hours=1)
    page = client.post(ADDRESS, {**organisation_typed(phone="۰۲۱"), "proof:password": "wrong"})

    assert page.status_code == 400
    assert dict(page.context["carried"])["phone"] == "۰۲۱"
    assert "proof:password" not in dict(page.context["carried"])
    assert Organisation.objects.get().phone == ""


def test_guesses_of_the_password_are_counted(cast, client_for, stale):
    client = stale(client_for(cast.admin), hours=1)
    said = [client.post(ADDRESS, {"proof:password": f"wrong-{n}"}).status_code for n in range(11)]

    assert said == [400] * 10 + [429]
    assert client.post(ADDRESS, {"proof:password": PASSWORD}).status_code == 429


def test_a_file_is_chosen_once_more_and_the_rest_is_kept(cast, client_for, stale):
    client = stale(client_for(cast.admin), hours=1)
    logo = SimpleUploadedFile("mark.png", b"no picture", content_type="image/png")
    page = client.post(ADDRESS, {**organisation_typed(phone="۰۲۱"), "logo": logo})

    assert page.context["files"] == [("logo", ["mark.png"])]
    assert dict(page.context["carried"])["phone"] == "۰۲۱"
    assert 'enctype="multipart/form-data"' in page.content.decode()


def test_a_script_hears_it_as_a_sentence(cast, client_for, stale):
    client = stale(client_for(cast.admin), hours=1)
    answer = client.post(ADDRESS, organisation_typed(), headers={"HX-Request": "true"})

    assert (answer.status_code, answer.json()["code"]) == (403, "confirm")


def test_reading_needs_no_fresh_proof_but_secrets_do(cast, client_for, stale):
    client = stale(client_for(cast.admin), hours=1)
    assert client.get(ADDRESS).status_code == 200
    page = client.get(reverse("units:factor_app"))
    assert (page.status_code, page.context["reading"]) == (403, True)
    answer = client.post(reverse("units:factor_app"), {"proof:read": "1", "proof:password": PASSWORD})

    assert answer.url == reverse("units:factor_app")
    assert client.get(answer.url).status_code == 200


def test_a_seat_is_given_after_the_question_exactly_as_typed(cast, client_for, stale):
    client = stale(client_for(cast.laleh), minutes=20)
    address = reverse("units:member_end", args=[cast.a.code, cast.membership(cast.sara).pk])
    page = client.post(address, {"reason": "به واحد دیگری رفته است."})
    assert page.status_code == 403
    assert Membership.objects.get(pk=cast.membership(cast.sara).pk).ends_at is None
    client.post(address, {**dict(page.context["carried"]), "proof:password": PASSWORD})

    assert Membership.objects.get(pk=cast.membership(cast.sara).pk).ends_at is not None


def test_a_real_sign_in_is_a_proof_for_a_quarter_of_an_hour(cast, client, clock):
    client.post("/sign-in/", {"name": "admin", "password": PASSWORD})
    assert client.post(ADDRESS, organisation_typed()).status_code == 302
    clock.move(minutes=16)

    assert client.post(ADDRESS, organisation_typed()).status_code == 403


def test_ending_other_sessions_or_changing_the_profile_is_no_proof(cast, client_for, stale):
    client = stale(client_for(cast.admin), hours=1)
    client.post(reverse("units:sessions_end_others"))

    assert client.post(ADDRESS, organisation_typed()).status_code == 403


def test_who_may_not_do_it_at_all_is_told_so_after_the_proof(cast, client_for, stale):
    describe_organisation(by=cast.admin, phone="۱")
    client = stale(client_for(cast.sara), hours=1)

    assert client.post(ADDRESS, {**organisation_typed(), "proof:password": PASSWORD}).status_code == 403
    assert Organisation.objects.get().phone == "۱"

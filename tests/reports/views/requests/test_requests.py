"""The pages of general requests: what each reader finds, may press, and is told."""

import pytest
from django.urls import reverse

from reports.invariants import broken
from sla.actions.requests import write_about_request
from sla.enums import GeneralStatus
from sla.models import Dispute, GeneralRequest
from tests.general import WHY, a_pdf, again, contested_request, decided, drafted, filed, make_general_type, priced
from units.models import Notice


@pytest.fixture
def kind(cast):
    return make_general_type(cast)


def page_of(client, person, name: str, *args):
    client.force_login(person)
    return client.get(reverse(f"reports:{name}", args=args))


def post(client, person, name: str, *args, **given):
    client.force_login(person)
    return client.post(reverse(f"reports:{name}", args=args), given)


# ---------------------------------------------------------------------------------------------------------- the way
def test_from_the_choice_to_the_decision_by_pages(cast, kind, client):
    client.force_login(cast.sara)
    new = client.get(reverse("reports:request_new"))
    assert kind.title in new.content.decode()
    address = f"{reverse('reports:request_new')}?type={kind.pk}&unit={cast.a.code}"
    assert client.get(address).status_code == 200
    answer = client.post(address, {"reason": WHY, "files": [a_pdf()]})
    general = GeneralRequest.objects.get()
    assert answer["Location"] == reverse("reports:request", args=[general.pk])

    page = page_of(client, cast.reza, "request", general.pk).content.decode()
    assert reverse("reports:request_send", args=[general.pk]) in page
    post(client, cast.reza, "request_send", general.pk)
    assert again(general).status == GeneralStatus.FILED

    post(client, cast.laleh, "request_write", general.pk, text="کدام ترم؟")
    post(client, cast.sara, "request_write", general.pk, text="ترم بهار")
    post(client, cast.laleh, "request_decide", general.pk, decision="partly", reason="از ترم آینده")
    assert again(general).status == GeneralStatus.DECIDED

    contest = page_of(client, cast.reza, "request_contest", general.pk)
    assert contest.status_code == 200
    post(client, cast.reza, "request_contest", general.pk, text="این ترم را هم می‌خواهیم.")
    dispute = Dispute.objects.get()
    assert page_of(client, cast.laleh, "dispute_offer", dispute.pk).status_code == 200
    post(client, cast.laleh, "dispute_offer", dispute.pk, act="granted", text="از همین ترم.")
    assert page_of(client, cast.reza, "dispute", dispute.pk).status_code == 200
    post(client, cast.reza, "dispute_answer", dispute.pk, 1, "accept")
    assert [d.decision for d in general.decisions.all()] == ["partly", "granted"]
    page = page_of(client, cast.reza, "request", general.pk)
    assert page.context["standing"].decision == "granted"
    assert list(broken()) == []


# ---------------------------------------------------------------------------------------------- who finds which page
def test_a_draft_is_found_by_its_unit_alone(cast, kind, client):
    general = drafted(cast, kind, files=[a_pdf()])
    stored = general.files.get()
    found = {
        name: page_of(client, getattr(cast, name), "request", general.pk).status_code
        for name in ("sara", "reza", "laleh", "omid", "nader", "kamran", "stranger", "admin")
    }
    assert {name for name, status in found.items() if status == 200} == {"sara", "reza"}
    assert set(found.values()) == {200, 404}
    assert page_of(client, cast.laleh, "request_file", general.pk, stored.pk).status_code == 404
    assert page_of(client, cast.sara, "request_file", general.pk, stored.pk).status_code == 200


def test_what_is_filed_is_read_by_who_oversees_and_by_no_other_unit(cast, kind, client):
    general = filed(cast, kind, files=[a_pdf()])
    found = {
        name: page_of(client, getattr(cast, name), "request", general.pk).status_code
        for name in ("sara", "reza", "laleh", "omid", "nader", "kamran", "stranger", "admin")
    }
    assert {name for name, status in found.items() if status == 404} == {"kamran", "stranger"}
    assert set(found.values()) == {200, 404}


def test_a_reader_who_tries_to_decide_is_refused(cast, kind, client):
    general = filed(cast, kind)
    for name in ("nader", "omid", "reza"):
        answer = post(client, getattr(cast, name), "request_decide", general.pk, decision="granted", reason="پذیرفته")
        assert answer.status_code == 403
    assert again(general).status == GeneralStatus.FILED


# ------------------------------------------------------------------------------------------------- what is not taken
def test_a_draft_that_lacks_something_says_what_and_keeps_what_was_typed(cast, client):
    kind = make_general_type(cast, needs_files=True)
    general = drafted(cast, kind)
    page = page_of(client, cast.reza, "request", general.pk)
    assert page.context["lacks"] == ["no-files"]
    assert reverse("reports:request_send", args=[general.pk]) not in page.content.decode()

    answer = post(client, cast.reza, "request_send", general.pk)
    assert answer.status_code == 422
    assert again(general).reason == WHY


def test_a_decision_without_a_reason_keeps_the_choice(cast, kind, client):
    general = filed(cast, kind)
    answer = post(client, cast.laleh, "request_decide", general.pk, decision="refused", reason="")

    assert answer.status_code == 422
    assert answer.context["form"]["decision"].value() == "refused"
    assert again(general).status == GeneralStatus.FILED


def test_a_message_that_comes_too_late_is_given_back(cast, kind, client):
    general, _made = decided(cast, kind)
    answer = post(client, cast.reza, "request_write", general.pk, text="یک چیز دیگر هم هست")

    assert answer.status_code == 422
    assert "یک چیز دیگر هم هست" in answer.content.decode()


# ------------------------------------------------------------------------------------------------------------- lists
@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_much_for_three_as_for_one(cast, kind, client, count, django_assert_num_queries):
    for _ in range(count):
        decided(cast, kind)
    client.force_login(cast.laleh)
    client.get(reverse("reports:requests"))
    with django_assert_num_queries(10):
        client.get(reverse("reports:requests"))


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_asks_as_much_for_three_messages_as_for_one(cast, kind, client, count, django_assert_num_queries):
    general = filed(cast, kind)
    for number in range(count):
        write_about_request(general=general, text=f"پرسش {number}", by=cast.laleh, files=[a_pdf()])
    client.force_login(cast.sara)
    address = reverse("reports:request", args=[general.pk])
    client.get(address)
    with django_assert_num_queries(15):
        client.get(address)


def test_the_list_is_narrowed_by_state_type_and_unit(cast, kind, client):
    waits, (done, _made) = filed(cast, kind), decided(cast, kind)
    client.force_login(cast.laleh)

    def found(**given):
        return {general.pk for general, _word in client.get(reverse("reports:requests"), given).context["rows"]}

    assert found() == {waits.pk, done.pk}
    assert found(status="filed") == {waits.pk}
    assert found(q="تغذیه") == set()
    assert found(type=kind.pk, status="decided") == {done.pk}


# -------------------------------------------------------------------------------------------------------- the desk
def titles(client, person) -> list[str]:
    client.force_login(person)
    return [item.title for item in client.get(reverse("reports:desk")).context["items"] if "بازنگری" in item.title]


def test_each_desk_names_what_waits_for_it(cast, kind, client, settings):
    settings.LANGUAGE_CODE = "fa"
    draft = drafted(cast, kind)
    assert [len(titles(client, p)) for p in (cast.reza, cast.sara, cast.laleh)] == [1, 1, 0]
    post(client, cast.reza, "request_send", draft.pk)
    assert [len(titles(client, p)) for p in (cast.reza, cast.sara, cast.laleh)] == [0, 0, 1]
    write_about_request(general=draft, text="کدام ترم؟", by=cast.laleh)
    assert [len(titles(client, p)) for p in (cast.reza, cast.sara, cast.laleh)] == [1, 1, 0]
    post(client, cast.laleh, "request_decide", draft.pk, decision="refused", reason="پذیرفته نیست")
    assert [len(titles(client, p)) for p in (cast.reza, cast.sara, cast.laleh)] == [1, 0, 0]
    post(client, cast.reza, "request_contest", draft.pk, text="این ترم را هم می‌خواهیم.")
    assert len(titles(client, cast.reza)) == 1  # the dispute itself


def test_the_fee_is_on_the_desk_and_on_the_statement(cast, kind, client):
    general = filed(cast, priced(kind))
    client.force_login(cast.reza)
    items = [
        i
        for i in client.get(reverse("reports:desk")).context["items"]
        if i.url.endswith(f"/requests/{general.pk}/#fee")
    ]
    assert len(items) == 1
    statement = client.get(reverse("reports:statement"))
    assert [row.matter.url for row, _a in statement.context["rows"]] == [reverse("reports:request", args=[general.pk])]


# -------------------------------------------------------------------------------------------------------- oversight
def test_oversight_counts_decisions_and_lists_them_with_their_reasons(cast, kind, client):
    general, dispute = contested_request(cast, kind)
    client.force_login(cast.nader)
    page = client.get(reverse("reports:oversight"))
    assert [(value, n) for value, _word, n in page.context["decisions"]] == [
        ("granted", 0),
        ("partly", 1),
        ("refused", 0),
    ]
    csv = client.get(reverse("reports:oversight_csv", args=["decisions"])).content.decode()
    assert general.decisions.get().reason in csv
    requests = client.get(reverse("reports:oversight_list", args=["requests"]))
    assert reverse("reports:request", args=[general.pk]) in requests.content.decode()
    assert dispute.request.pk


def test_where_disputes_are_filed_a_decision_in_its_days_is_named_until_it_is_contested(cast, kind, client):
    general, _made = decided(cast, kind)
    client.force_login(cast.reza)

    def named():
        return [one.url for one in client.get(reverse("reports:dispute_new")).context["contestable"]]

    assert named() == [reverse("reports:request_contest", args=[general.pk])]
    post(client, cast.reza, "request_contest", general.pk, text="این ترم را هم می‌خواهیم.")
    assert named() == []


def test_the_administrators_look_up_shows_no_draft(cast, kind, client):
    draft, sent = drafted(cast, kind), filed(cast, kind)
    client.force_login(cast.admin)

    assert client.get(f"/admin/sla/generalrequest/{sent.pk}/change/").status_code == 200
    assert client.get(f"/admin/sla/generalrequest/{draft.pk}/change/").status_code == 302


def test_the_fee_is_contested_and_waived_by_pages(cast, kind, client):
    general = filed(cast, priced(kind))
    address = reverse("reports:request_contest_fee", args=[general.pk])
    assert address in page_of(client, cast.reza, "request", general.pk).content.decode()
    assert address in page_of(client, cast.reza, "dispute_new").content.decode()
    assert address not in page_of(client, cast.sara, "request", general.pk).content.decode()

    assert "۳۰۰٬۰۰۰" in page_of(client, cast.reza, "request_contest_fee", general.pk).content.decode()
    post(client, cast.reza, "request_contest_fee", general.pk, text="تعرفهٔ ما نیست.")
    dispute = Dispute.objects.get()
    thread = reverse("reports:dispute", args=[dispute.pk])
    assert thread in page_of(client, cast.sara, "request", general.pk).content.decode()
    assert "۳۰۰٬۰۰۰" in page_of(client, cast.reza, "dispute", dispute.pk).content.decode()

    refused = post(client, cast.laleh, "dispute_offer", dispute.pk, act="fee", rials="300000", text="همان")
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["rials"])
    post(client, cast.laleh, "dispute_offer", dispute.pk, act="fee", rials="0", text="نمی‌گیریم")
    post(client, cast.reza, "dispute_answer", dispute.pk, 1, "accept")

    assert again(general).status == GeneralStatus.FILED
    assert list(broken()) == []


def test_what_is_free_has_no_page_to_contest_a_fee(cast, kind, client):
    general = filed(cast, kind)

    assert page_of(client, cast.reza, "request_contest_fee", general.pk).status_code == 404


def test_a_file_without_room_is_told_on_the_coordinators_desk_and_one_press_gives_more(cast, kind, client, settings):
    settings.EVIDENCE_UNIT_FILES = 1
    drafted(cast, kind, files=[a_pdf()])
    client.force_login(cast.sara)
    new = f"{reverse('reports:request_new')}?type={kind.pk}&unit={cast.a.code}"
    assert client.post(new, {"reason": WHY, "files": [a_pdf()]}).status_code == 422
    room = reverse("reports:request_room", args=[cast.a.code])
    assert room in page_of(client, cast.laleh, "desk").content.decode()

    form = page_of(client, cast.laleh, "request_room", cast.a.code).context["form"]
    assert form.initial == {"mb": 1000, "count": 2}
    less = post(client, cast.laleh, "request_room", cast.a.code, mb="1", count="2")
    assert less.status_code == 422
    post(client, cast.laleh, "request_room", cast.a.code, mb="1000", count="2")

    assert room not in page_of(client, cast.laleh, "desk").content.decode()
    client.force_login(cast.sara)
    assert client.post(new, {"reason": WHY, "files": [a_pdf()]}).status_code == 302
    assert page_of(client, cast.reza, "request_room", cast.a.code).status_code == 403
    assert page_of(client, cast.stranger, "request_room", cast.a.code).status_code == 404


@pytest.mark.parametrize("name", ["request_edit", "request_write"])
def test_wherever_a_file_finds_no_room_the_coordinators_hear_it(cast, kind, client, settings, name):
    general = drafted(cast, kind) if name == "request_edit" else filed(cast, kind)
    settings.EVIDENCE_UNIT_FILES = 0

    answer = post(client, cast.sara, name, general.pk, reason=WHY, text="پیوست", files=[a_pdf()])

    assert answer.status_code == 422
    assert Notice.objects.filter(event__verb="lack_room", person=cast.laleh, channel="portal").count() == 1

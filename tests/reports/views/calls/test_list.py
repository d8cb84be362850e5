"""The coordinator's pages of a call: writing it, seeing who is asked, publishing it, and every verb with its consequence."""

from datetime import timedelta

import pytest

from reports.actions.calls import excuse_unit
from reports.enums import CallState
from reports.models import Call, Report
from sajad_portal.lib.clock import end_of_day, start_of_day
from sajad_portal.lib.jalali import format_date, from_jalali
from sla.models import Service
from tests.calls import make_call, published_call
from tests.factories import make_membership, make_person, make_service, make_unit
from tests.instants import tehran
from units.enums import Role
from units.models import Event

REASON = "قطعی شبکه در سه استان"


def shown(answer) -> str:
    return answer.content.decode()


def typed(at) -> str:
    """A day as a person types it."""
    return format_date(at, "numeric", "en")


@pytest.fixture
def laleh(cast, client_for):
    return client_for(cast.laleh)


@pytest.fixture
def written(cast):
    """What a coordinator fills in for a new call, complete and right."""
    call = make_call(cast)
    Call.objects.all().delete()
    return {
        "title": "ارزیابی سه‌ماههٔ دوم", "period": "1405-Q2", "form_version": call.form_version_id,
        "agreement": call.agreement_id, "request_type": call.request_type_id, "opens_at": "۱۴۰۵/۰۹/۰۴",
        "closes_at": "1405/09/20", "review_until": "1405/10/20", "grace_hours": "۱٫۵", "correction_days": "5",
        "correction_rounds": "2", "objection_days": "10", "reviewers_per_section": "1", "needs_sign_off": "on",
        "units": f"{cast.a.code}\n{cast.b.name}",
    }  # fmt: skip


# ----------------------------------------------------------------------------------------------- writing a call
def test_a_call_is_written_as_its_dates_are_meant(cast, laleh, written):
    answer = laleh.post("/calls/new/", written)

    call = Call.objects.get()
    assert answer.url == f"/calls/{call.pk}/"
    assert (call.state, call.created_by, call.period_code) == (CallState.DRAFT, cast.laleh, "1405-Q2")
    assert (call.period_starts, call.period_ends) == (from_jalali(1405, 4, 1), from_jalali(1405, 6, 31))
    assert call.opens_at == start_of_day(from_jalali(1405, 9, 4))
    assert call.closes_at == end_of_day(from_jalali(1405, 9, 20))
    assert call.review_until == end_of_day(from_jalali(1405, 10, 20))
    assert call.grace == timedelta(minutes=90)
    assert call.audience == {"subtree": None, "kinds": [], "units": [cast.a.pk, cast.b.pk]}


def test_a_time_of_day_is_taken_as_written(laleh, written):
    laleh.post("/calls/new/", {**written, "closes_at": "1405/09/20 ۱۴:۳۰"})

    assert Call.objects.get().closes_at == tehran(1405, 9, 20, 14, 30)


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("closes_at", "1404/12/30", "۱۴۰۴"),
        ("closes_at", "1405/13/01", "۱۲"),
        ("opens_at", "فردا", "سال/ماه/روز"),
        ("closes_at", "1405/09/01", "دیرتر"),
        ("review_until", "1405/09/01", "دیرتر"),
        ("grace_hours", "دو", "«د»"),
        ("correction_days", "2.5", ""),
        ("correction_days", "0", ""),
        ("units", "KHB\nنیست", "نیست"),
        ("subtree", "XYZ", "XYZ"),
        ("title", "", ""),
    ],
)
def test_what_cannot_be_meant_is_refused_beside_its_field(laleh, written, field, text, said):
    answer = laleh.post("/calls/new/", {**written, field: text})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert said in shown(answer)
    assert not Call.objects.exists()


def test_the_thirtieth_of_esfand_is_refused_in_a_common_year_and_taken_in_a_leap_year(laleh, written):
    free = {**written, "period": "free", "period_starts": "1403/12/01"}

    refused = laleh.post("/calls/new/", {**free, "period_starts": "1404/12/01", "period_ends": "1404/12/30"})
    assert list(refused.context["form"].errors) == ["period_ends"]

    laleh.post("/calls/new/", {**free, "period_ends": "1403/12/30"})
    assert Call.objects.get().period_ends == from_jalali(1403, 12, 30)


def test_free_dates_in_the_wrong_order_are_refused(laleh, written):
    answer = laleh.post(
        "/calls/new/", {**written, "period": "free", "period_starts": "1405/02/02", "period_ends": "1405/02/01"}
    )

    assert list(answer.context["form"].errors) == ["period_ends"]


def test_a_posted_state_changes_nothing(laleh, written):
    laleh.post("/calls/new/", {**written, "state": "published", "published_at": "2020-01-01"})

    assert Call.objects.get().state == CallState.DRAFT


def test_a_draft_is_changed_by_its_form(cast, laleh, written):
    call = make_call(cast, service=Service.objects.get())
    form = laleh.get(f"/calls/{call.pk}/edit/").context["form"]
    assert form["units"].value().splitlines() == [f"{unit.code}، {unit.name}" for unit in (cast.a, cast.b)]

    laleh.post(f"/calls/{call.pk}/edit/", {**written, "title": "عنوان تازه", "units": cast.b.code})

    call.refresh_from_db()
    assert (call.title, call.audience["units"]) == ("عنوان تازه", [cast.b.pk])


def test_a_published_call_is_not_edited(cast, laleh, written):
    call = published_call(cast, service=Service.objects.get())

    assert laleh.post(f"/calls/{call.pk}/edit/", written).status_code == 403


@pytest.mark.parametrize("person", ["sara", "reza", "omid", "nader", "admin"])
def test_nobody_but_a_coordinator_writes_calls(cast, client_for, written, person):
    client = client_for(getattr(cast, person))

    assert client.get("/calls/new/").status_code == 403
    assert client.post("/calls/new/", written).status_code == 403
    assert not Call.objects.exists()


# ------------------------------------------------------------------------------------------------- who is asked
def test_the_preview_names_who_would_be_asked_and_stores_nothing(cast, laleh, written):
    headless = make_unit("NEW", "ادارهٔ نو", parent=cast.provider)

    answer = laleh.post("/calls/new/", {"subtree": cast.provider.code, "kinds": ["department"], "audience": "1"})

    audience = answer.context["audience"]
    assert {unit.name for unit in answer.context["asked"]} == {headless.name, cast.a_child.name}
    assert (audience.units, audience.headless, audience.peopleless, audience.unaccepted) == (2, 2, 2, 2)
    assert not Call.objects.exists()


def test_the_preview_counts_heads_and_acceptances(cast, laleh):
    call = published_call(cast)

    answer = laleh.post("/calls/new/", {"units": "KHB\nTGZ\nKHB-IMN", "agreement": call.agreement_id, "audience": "1"})

    audience = answer.context["audience"]
    assert (audience.units, audience.headless, audience.unaccepted) == (3, 1, 1)
    assert [unit.code for unit in answer.context["asked"]][0] == "KHB-IMN"


def test_a_search_offers_units_and_what_is_ticked_is_written_down(cast, laleh, written):
    found = laleh.post("/calls/new/", {"units": cast.b.code, "words": "خوابگاهها", "find": "1"})
    assert list(found.context["found"]) == [cast.a]

    ticked = {**written, "units": cast.b.code, "pick": [f"{cast.a.code}، {cast.a.name}"]}
    added = laleh.post("/calls/new/", {**ticked, "find": "1"})
    assert added.context["form"]["units"].value().splitlines() == [cast.b.code, f"{cast.a.code}، {cast.a.name}"]
    assert not Call.objects.exists()

    laleh.post("/calls/new/", ticked)
    assert Call.objects.get().audience["units"] == [cast.b.pk, cast.a.pk]


def test_units_outside_the_coordinators_reach_are_not_there(cast, client_for, written):
    make_membership(cast.stranger, cast.a, Role.COORDINATOR)

    answer = client_for(cast.stranger).post("/calls/new/", {**written, "units": cast.b.code})

    assert list(answer.context["form"].errors) == ["units"]


def test_a_name_of_several_units_asks_for_the_code(cast, laleh, written):
    make_unit("ONE", "اداره رفاه", parent=cast.a)
    make_unit("TWO", "اداره رفاه", parent=cast.b)

    answer = laleh.post("/calls/new/", {**written, "units": "اداره رفاه"})

    assert "ONE" in shown(answer)
    assert "TWO" in shown(answer)


def test_with_several_services_a_call_is_written_for_one_and_offers_only_its_terms(cast, laleh, written):
    first, second = Service.objects.get(), make_service(cast, slug="second")
    assert [s.slug for s in laleh.get("/calls/new/").context["services"]] == ["performance", "second"]

    form = laleh.get("/calls/new/?service=second").context["form"]

    assert {version.service for version in form.fields["agreement"].queryset} == {second}
    assert {kind.service for kind in form.fields["request_type"].queryset} == {second}
    foreign = laleh.post("/calls/new/", {**written, "service": "second"})
    assert set(foreign.context["form"].errors) == {"agreement", "request_type"}
    laleh.post("/calls/new/", {**written, "service": first.slug})
    assert Call.objects.get().service == first


# --------------------------------------------------------------------------------------------------- publishing
def test_the_publish_page_names_what_is_frozen(cast, laleh):
    call = make_call(cast)

    page = shown(laleh.get(f"/calls/{call.pk}/publish/"))

    assert "فرم کوچک" in page
    assert page.count("/documents/") >= 3
    assert f"/agreements/{call.agreement_id}/" in page


def test_a_double_publish_makes_one_set_of_reports(cast, laleh):
    call = make_call(cast)

    first = laleh.post(f"/calls/{call.pk}/publish/")
    second = laleh.post(f"/calls/{call.pk}/publish/")

    assert (first.status_code, second.status_code) == (302, 302)
    assert Report.objects.filter(call=call).count() == 2
    assert Event.objects.filter(verb="publish").count() == 1


def test_what_keeps_a_call_from_being_published_is_on_the_page(cast, laleh):
    call = make_call(cast, service=make_service(cast, documents=False))

    answer = laleh.post(f"/calls/{call.pk}/publish/")

    assert answer.status_code == 422
    assert answer.context["refusal"].code == "documents-missing"
    assert Call.objects.get(pk=call.pk).state == CallState.DRAFT


def test_publishing_needs_the_role_on_the_provider_unit(cast, client_for):
    make_membership(cast.stranger, cast.a, Role.COORDINATOR)
    call = make_call(cast, created_by=cast.stranger)
    client = client_for(cast.stranger)

    assert client.get(f"/calls/{call.pk}/").status_code == 200
    assert client.post(f"/calls/{call.pk}/publish/").status_code == 403
    assert not Report.objects.exists()


# --------------------------------------------------------------------------------------------------- visibility
@pytest.mark.parametrize("person", ["sara", "reza", "omid", "nader", "stranger"])
def test_a_draft_is_not_there_for_whoever_does_not_prepare_it(cast, client_for, person):
    call = make_call(cast)

    assert client_for(getattr(cast, person)).get(f"/calls/{call.pk}/").status_code == 404


def test_a_unit_sees_the_call_that_asks_it_with_its_own_report_only(cast, client_for):
    call = published_call(cast)

    answer = client_for(cast.sara).get(f"/calls/{call.pk}/")

    assert [report.unit for report, _standing in answer.context["rows"]] == [cast.a]
    assert cast.b.name not in shown(answer)


@pytest.mark.parametrize("page", ["", "history/"])
def test_a_stranger_finds_no_call(cast, client_for, page):
    call = published_call(cast)

    assert client_for(cast.stranger).get(f"/calls/{call.pk}/{page}").status_code == 404


def test_units_outside_the_reach_of_who_prepares_a_call_are_counted_and_not_named(client_for, cast, laleh):
    tara = make_person("tara", "تارا نوری")
    make_membership(tara, cast.a, Role.COORDINATOR)
    client = client_for(tara)
    asked = {"kinds": [cast.a.kind_id, cast.a_child.kind_id], "audience": "1"}
    answer = client.post("/calls/new/", asked)
    audience = answer.context["audience"]
    assert (audience.units, audience.outside) == (3, 1)
    assert {unit.pk for unit in answer.context["asked"]} == {cast.a.pk, cast.a_child.pk}
    assert cast.b.name not in answer.content.decode()
    own = make_call(cast, created_by=tara, audience={"units": [cast.a.pk, cast.b.pk]})
    page = client.get(f"/calls/{own.pk}/audience/").content.decode()
    assert (cast.a.name in page, cast.b.name in page) == (True, False)
    assert cast.b.name in laleh.get(f"/calls/{own.pk}/audience/").content.decode()


@pytest.mark.parametrize("page", ["progress/", "snapshots/", "audience/"])
def test_figures_over_all_units_are_for_headquarters(cast, client_for, page):
    call = published_call(cast)

    assert client_for(cast.sara).get(f"/calls/{call.pk}/{page}").status_code == 403
    assert client_for(cast.nader).get(f"/calls/{call.pk}/{page}").status_code == 200


def test_the_grace_is_hidden_from_units(cast, client_for):
    call = published_call(cast, grace=timedelta(hours=77))

    assert "۷۷" not in shown(client_for(cast.sara).get(f"/calls/{call.pk}/"))
    assert "۳ روز و ۵ ساعت" in shown(client_for(cast.laleh).get(f"/calls/{call.pk}/"))


@pytest.fixture
def of_two(cast):
    """A subtree's coordinator and the draft of theirs to which a colleague has added a unit outside it."""
    person = make_person()
    make_membership(person, cast.a, Role.COORDINATOR)
    call = make_call(cast, created_by=person, audience={"units": [cast.b.pk, cast.a.pk]})
    return person, call


def sent_again(call: Call, **changes) -> dict:
    """The form of the draft, filled in again."""
    given = {
        "title": call.title, "period": "1405-Q2", "form_version": call.form_version_id, "agreement": call.agreement_id,
        "request_type": call.request_type_id, "opens_at": "1405/09/04", "closes_at": "1405/09/20",
        "review_until": "1405/10/20", "grace_hours": "1", "correction_days": "5", "correction_rounds": "2",
        "objection_days": "10", "reviewers_per_section": "1", "needs_sign_off": "on",
    }  # fmt: skip
    return {**given, **changes}


def test_units_that_a_colleague_named_outside_reach_are_counted_and_stay(cast, client_for, of_two):
    person, call = of_two
    client = client_for(person)
    page = shown(client.get(f"/calls/{call.pk}/edit/"))
    assert cast.a.name in page
    assert cast.b.name not in page
    assert cast.b.code not in page
    assert "۱ واحد دیگر" in page

    client.post(f"/calls/{call.pk}/edit/", sent_again(call, units=cast.a.code, title="نام تازه"))

    call.refresh_from_db()
    assert (call.title, set(call.audience["units"])) == ("نام تازه", {cast.a.pk, cast.b.pk})


def test_a_look_at_who_would_be_asked_counts_them_too(cast, client_for, of_two):
    person, call = of_two
    answer = client_for(person).post(f"/calls/{call.pk}/edit/", sent_again(call, units=cast.a.code, audience="1"))

    assert (answer.context["audience"].units, answer.context["audience"].outside) == (2, 1)
    assert cast.b.name not in shown(answer)


def test_a_subtree_outside_reach_stays_until_another_is_named(cast, client_for, of_two):
    person, call = of_two
    Call.objects.filter(pk=call.pk).update(audience={"subtree": cast.b.pk})
    client = client_for(person)
    page = shown(client.get(f"/calls/{call.pk}/edit/"))
    assert cast.b.name not in page

    client.post(f"/calls/{call.pk}/edit/", sent_again(call, units=""))
    call.refresh_from_db()
    assert call.audience["subtree"] == cast.b.pk

    client.post(f"/calls/{call.pk}/edit/", sent_again(call, units="", subtree=cast.a.code))
    call.refresh_from_db()
    assert call.audience["subtree"] == cast.a.pk


def test_the_history_of_a_call_names_no_unit_outside_reach(cast, client_for):
    """Whoever oversees for the provider may have no reach over all that its call asks."""
    outside = make_unit(name="دانشگاه دور")
    call = published_call(cast, audience={"units": [cast.a.pk, cast.b.pk, outside.pk]})
    excuse_unit(report=Report.objects.get(call=call, unit=outside), reason="بیرون از این حوزه", by=cast.laleh)
    excuse_unit(report=Report.objects.get(call=call, unit=cast.a), reason="درون این حوزه", by=cast.laleh)
    history = shown(client_for(cast.laleh).get(f"/calls/{call.pk}/history/"))

    assert cast.a.name in history
    assert outside.name not in history
    assert "بیرون از این حوزه" not in history

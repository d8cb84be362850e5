"""A unit is retired on a page that shows what hangs on it; what it left open is decided on the next."""

import pytest

from reports.enums import ReportState
from sla.enums import Decision
from tests.calls import report_of
from tests.general import decided, drafted, filed, make_general_type
from units.actions.units import retire_unit
from units.models import Succession, Unit

pytestmark = pytest.mark.django_db
WHY = "ادغام دو اداره کل"


@pytest.fixture
def laleh(cast, client_for):
    return client_for(cast.laleh)


def merge(cast):
    return retire_unit(unit=cast.a, by=cast.laleh, reason=WHY, successor=cast.b)


def test_the_page_shows_what_hangs_on_the_unit_before_it_ends(cast, call, laleh):
    page = laleh.get("/units/KHB/retire/")

    assert (page.context["seats"], page.context["below"], len(page.context["rows"])) == (2, 1, 1)
    assert call.title in page.content.decode()


def test_the_page_counts_the_general_requests_that_are_open(cast, laleh):
    kind = make_general_type(cast)
    filed(cast, kind), decided(cast, kind, Decision.REFUSED), decided(cast, kind, Decision.GRANTED), drafted(cast, kind)

    context = laleh.get("/units/KHB/retire/").context

    assert context["requests"] == 2  # one waits, one can still be contested


def test_a_merger_leads_to_what_was_left_open(cast, call, laleh):
    answer = laleh.post("/units/KHB/retire/", {"code": "TGZ", "reason": WHY})

    assert (answer.status_code, answer["Location"]) == (302, "/units/KHB/left-open/")
    assert Unit.objects.get(code="KHB").successor == cast.b


def test_without_a_reason_nothing_ends_and_what_was_typed_stays(cast, call, laleh):
    answer = laleh.post("/units/KHB/retire/", {"code": "TGZ", "reason": ""})

    assert (answer.status_code, "reason" in answer.context["form"].errors) == (409, True)
    assert answer.context["form"]["code"].value() == "TGZ"
    assert Unit.objects.get(code="KHB").retired_at is None


def test_the_successor_is_proposed_and_the_decision_stored(cast, call, laleh):
    merge(cast)
    page = laleh.get("/units/KHB/left-open/")
    assert page.context["form"]["code"].value() == "TGZ"

    laleh.post("/units/KHB/left-open/", {f"fate-{call.pk}": "hand", "code": "TGZ", "reason": WHY})

    assert Succession.objects.get().successor == cast.b
    assert "واگذارشده به اداره کل تغذیه" in laleh.get("/units/KHB/left-open/").content.decode()


def test_a_second_click_of_an_old_page_says_what_is_so(cast, call, laleh):
    merge(cast)
    sent = {f"fate-{call.pk}": "excuse", "code": "", "reason": WHY}
    laleh.post("/units/KHB/left-open/", sent)

    again = laleh.post("/units/KHB/left-open/", sent)

    assert again.status_code == 409
    assert report_of(call, cast.a).state == ReportState.EXCUSED


def test_who_is_no_coordinator_of_the_provider_chooses_nothing(cast, call, client_for):
    merge(cast)

    page = client_for(cast.admin).get("/units/KHB/left-open/")
    assert [row.fates for row in page.context["rows"]] == [[]]
    sent = {f"fate-{call.pk}": "leave", "code": "", "reason": WHY}
    assert client_for(cast.admin).post("/units/KHB/left-open/", sent).status_code == 403
    assert client_for(cast.reza).get("/units/KHB/left-open/").status_code == 403


def test_the_desk_and_the_calls_list_name_what_has_lost_its_unit(cast, call, laleh):
    assert "بی‌واحد مانده است" not in laleh.get("/desk/").content.decode()
    merge(cast)

    assert "بی‌واحد مانده است" in laleh.get("/desk/").content.decode()
    listed = laleh.get(f"/calls/{call.pk}/?status=lost")
    assert [report.unit for report, _standing in listed.context["rows"]] == [cast.a]
    laleh.post("/units/KHB/left-open/", {f"fate-{call.pk}": "hand", "code": "TGZ", "reason": WHY})
    assert "بی‌واحد مانده است" not in laleh.get("/desk/").content.decode()
    assert "واگذارشده به" in laleh.get(f"/calls/{call.pk}/").content.decode()


def test_the_successors_desk_and_pages_hold_both_reports(cast, call, laleh, client_for):
    merge(cast)
    laleh.post("/units/KHB/left-open/", {f"fate-{call.pk}": "hand", "code": "TGZ", "reason": WHY})
    mina = client_for(cast.mina)

    desk = mina.get("/desk/").content.decode()
    assert cast.a.name in desk
    code = report_of(call, cast.a).tracking_code
    assert "واگذار شد" in mina.get(f"/reports/{code}/").content.decode()
    assert mina.get(f"/reports/{code}/edit/housing/").status_code == 200
    assert {r.unit_id for r in mina.get("/reports/").context["page"].items} == {cast.a.pk, cast.b.pk}

"""The page of a call's files: who holds what, who found no room, and more of it by one press."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reports.actions.evidence import add_evidence
from reports.actions.quotas import NoRoom
from reports.models import Call, Report
from reports.queries.drafts import collect
from tests.calls import PDF, make_call, published_call, report_of
from tests.factories import make_membership, make_unit
from units.enums import Role

NO_ROOM = "فایلی جا نشد"


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def add(report: Report, by, number: int):
    upload = SimpleUploadedFile(f"{number}.pdf", PDF + str(number).encode())
    return add_evidence(report=report, indicator="HSG-01", upload=upload, by=by)


@pytest.fixture
def full(cast) -> Report:
    """Unit A's report, whose second file found no room."""
    report = report_of(published_call(cast, unit_quota_files=1), cast.a)
    add(report, cast.sara, 1)
    with pytest.raises(NoRoom):
        add(report, cast.sara, 2)
    return report


def page(call: Call) -> str:
    return reverse("reports:call_files", args=[call.pk])


def test_a_coordinator_reads_what_is_taken_and_gives_a_unit_more_by_one_press(full, cast, client_for):
    client = client_for(cast.laleh)
    html = client.get(page(full.call)).content.decode()
    assert NO_ROOM in html
    assert full.unit_name in html

    answer = client.post(page(full.call), {"report": full.tracking_code, "mb": "۱٬۰۰۰", "count": "۲"}, follow=True)

    assert NO_ROOM not in answer.content.decode()
    assert "فضای اداره کل خوابگاه‌ها بیشتر شد" in answer.content.decode()
    assert add(full, cast.sara, 2).pk


def test_more_for_every_unit_is_one_form(full, cast, client_for):
    given = {"unit_mb": "500", "unit_count": "7", "mb": "100000", "count": "100000"}
    client_for(cast.laleh).post(page(full.call), given)

    call = Call.objects.get(pk=full.call_id)
    assert (call.unit_quota_mb, call.unit_quota_files, call.quota_mb, call.quota_files) == (500, 7, 100_000, 100_000)


@pytest.mark.parametrize(
    "given", [{"mb": "", "count": "2"}, {"mb": "1", "count": "2"}, {"mb": "500", "count": "99999999"}]
)
def test_what_cannot_be_given_comes_back_with_a_sentence_and_nothing_changes(full, cast, client_for, given):
    answer = client_for(cast.laleh).post(page(full.call), {"report": full.tracking_code, **given})

    assert answer.status_code == 422
    assert 'id="form-errors"' in answer.content.decode()
    full.refresh_from_db()
    assert (full.quota_mb, full.quota_files) == (None, None)


def test_who_oversees_reads_and_gives_nothing(full, cast, client_for):
    for person in (cast.nader, cast.omid):
        answer = client_for(person).get(page(full.call))
        assert answer.status_code == 200
        assert "افزایش فضا" not in answer.content.decode()
        given = {"report": full.tracking_code, "mb": "900", "count": "9"}
        assert client_for(person).post(page(full.call), given).status_code == 403


def test_units_and_strangers_do_not_read_it(full, cast, client_for):
    assert client_for(cast.sara).get(page(full.call)).status_code == 403
    assert client_for(cast.stranger).get(page(full.call)).status_code == 404


def test_a_report_of_another_call_is_not_found_here(full, cast, client_for):
    other = make_call(
        cast, service=full.call.service, title="دیگری", state="published", published_at=full.call.published_at
    )

    answer = client_for(cast.laleh).post(page(other), {"report": full.tracking_code, "mb": "900", "count": "9"})

    assert answer.status_code == 404


def test_a_draft_has_no_such_page(cast, client_for):
    assert client_for(cast.laleh).get(page(make_call(cast))).status_code == 404


def test_nobody_gives_room_to_a_unit_of_their_own_line(full, cast, client_for):
    make_membership(cast.laleh, make_unit(parent=cast.a), Role.REPORTER)
    html = client_for(cast.laleh).get(page(full.call)).content.decode()

    assert f'value="{full.tracking_code}"' not in html


def test_a_page_of_three_holders_asks_as_often_as_one_of_one(full, cast, client_for, django_assert_num_queries):
    client = client_for(cast.laleh)
    client.get(page(full.call))
    with CaptureQueriesContext(connection) as one:
        client.get(page(full.call))
    add(report_of(full.call, cast.b), cast.mina, 3)
    with django_assert_num_queries(len(one)):
        client.get(page(full.call))


# ---------------------------------------------------------------------------------------------------- the unit's page
def test_the_entry_page_says_how_much_is_taken_and_who_gives_more(full, cast, client_for):
    where = reverse("reports:report_edit", args=[full.tracking_code, "housing"])
    html = client_for(cast.sara).get(where).content.decode()

    assert "۱ از ۱ فایل" in html
    assert f"راهبر فراخوان در «{cast.provider.name}»" in html


def test_without_a_script_the_words_are_stored_when_the_file_finds_no_room(full, cast, client_for):
    where = reverse("reports:report_edit", args=[full.tracking_code, "housing"])
    upload = SimpleUploadedFile("3.pdf", PDF + b"3")
    answer = client_for(cast.sara).post(where, {"base": 0, "q:housed": "72", "file:HSG-01": upload})

    assert answer.status_code == 422
    assert "این فایل جا نشد" in answer.content.decode()
    assert collect(full).answers == {"housed": "72"}


def test_with_a_script_the_sentence_stands_beside_the_field(full, cast, client_for):
    where = reverse("reports:evidence_add", args=[full.tracking_code]) + "?indicator=HSG-01"
    upload = SimpleUploadedFile("3.pdf", PDF + b"3")
    answer = client_for(cast.sara).post(where, {"file:HSG-01": upload}, headers={"HX-Request": "true"})

    assert answer.status_code == 422
    assert "به راهبران فراخوان در" in answer.content.decode()
    assert 'id="room"' in answer.content.decode()


# --------------------------------------------------------------------------------------------------------- the desk
def test_the_coordinators_desk_leads_to_the_units_without_room_until_there_is_some(full, cast, client_for):
    def on_desk() -> bool:
        return page(full.call) in client_for(cast.laleh).get(reverse("reports:desk")).content.decode()

    assert on_desk()
    client_for(cast.laleh).post(page(full.call), {"report": full.tracking_code, "mb": "900", "count": "9"})

    # What is left of it there is a notice.
    html = client_for(cast.laleh).get(reverse("reports:desk")).content.decode()
    assert "واحد برای فایل‌هایش فضا ندارد" not in html


def test_of_other_peoples_desks_it_is_none(full, cast, client_for):
    for person in (cast.sara, cast.omid, cast.nader):
        html = client_for(person).get(reverse("reports:desk")).content.decode()
        assert "فضا ندارد" not in html

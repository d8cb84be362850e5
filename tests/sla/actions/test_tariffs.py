"""Tariffs: read from a file, published as versions, frozen on what they price."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from reports.actions.calls import ask_unit, publish_call
from reports.actions.extensions import ask_extension
from reports.models import Call
from sajad_portal.lib.clock import database_now, start_of_day
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.jalali import from_jalali
from sajad_portal.lib.tables import FileRefused
from sla.actions.tariffs import publish_tariffs
from sla.files.tariffs import read_tariffs
from sla.models import ServiceRequest, TariffRow, TariffTable
from sla.queries.tariffs import fiscal_year, price_of, table_in_force, tariff_for
from tests.calls import make_call, published_call, report_of
from tests.factories import make_service, make_tariffs, make_unit
from units.models import Event

HEADER = "request_type,rials,deposit_id,note\n"


@pytest.fixture
def service(cast):
    return make_service(cast)


@pytest.fixture(autouse=True)
def _a_bank(settings):
    """Without one nothing that costs is published; nobody pays here."""
    settings.PAYMENT_GATEWAY = "simulator"


@pytest.fixture
def year():
    return fiscal_year(database_now())


@pytest.fixture
def publish(cast, service, year):
    """`publish("periodic-report,2500000,,")`: the rows below the usual header, or a whole file as bytes."""

    def act(rows: str | bytes, *, by=None, name="تعرفه.csv", **more) -> TariffTable:
        data = rows if isinstance(rows, bytes) else (HEADER + rows).encode()
        return publish_tariffs(
            **{"service": service, "year": year, "data": data, "name": name, "by": by or cast.laleh, **more}
        )

    return act


def workbook(*rows: tuple) -> bytes:
    book, stream = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def problems_of(act) -> list[tuple[int, str]]:
    with pytest.raises(FileRefused) as refusal:
        act()
    return [(problem.row, problem.column) for problem in refusal.value.problems]


# ---------------------------------------------------------------------------------------------------- reading
def test_each_row_is_a_tariff_with_its_place_in_the_file(publish, service, year):
    table = publish("periodic-report,2500000,1234567890,بودجهٔ سالانه\n\nextension,400000,,\n")

    rows = list(table.rows.values_list("request_type__code", "rials", "deposit_id", "line", "note"))
    assert rows == [("periodic-report", 2_500_000, "1234567890", 2, "بودجهٔ سالانه"), ("extension", 400_000, "", 4, "")]
    assert (table.service, table.year, table.number, table.source_name) == (service, year, 1, "تعرفه.csv")


@pytest.mark.parametrize("typed", ["۲۵۰۰۰۰۰", "۲٬۵۰۰٬۰۰۰", '"2,500,000"', "٢٥٠٠٠٠٠", "2 500 000"])
def test_digits_and_separators_are_read_as_people_type_them(publish, typed):
    assert publish(f"periodic-report,{typed},,").rows.get().rials == 2_500_000


def test_columns_and_types_are_known_by_their_persian_names_too(publish):
    data = "نوع درخواست;مبلغ (ریال);شناسهٔ واریز\nگزارش دوره‌ای;۲٬۵۰۰٬۰۰۰;۱۲۳۴\n".encode()

    row = publish(data).rows.get()

    assert (row.request_type.code, row.rials, row.deposit_id) == ("periodic-report", 2_500_000, "1234")


def test_a_file_of_an_old_windows_spreadsheet_is_read(publish):
    data = "نوع درخواست;مبلغ\nگزارش دوره‌ای;2500000\n".replace("ی", "ي").encode("cp1256", "replace")

    assert problems_of(lambda: publish(data)) == [] if b"?" in data else publish(data).rows.get().rials == 2_500_000


def test_a_workbook_is_read_by_its_first_sheet(publish):
    data = workbook(
        ("request_type", "rials", "deposit_id"), ("periodic-report", 2500000, "0012"), ("extension", "۰", None)
    )

    rows = publish(data, name="تعرفه.xlsx").rows.values_list("request_type__code", "rials", "deposit_id", "line")

    assert list(rows) == [("periodic-report", 2_500_000, "0012", 2), ("extension", 0, "", 3)]


def test_everything_that_is_wrong_is_told_at_once_by_row_and_column_and_nothing_is_stored(publish):
    rows = (
        "periodic-report,دو میلیون,,\n"
        "fine,100,,\n"
        "extension,-5,12a,\n"
        "extension,12.5,,\n"
        "objection,1000,,\n"
        "periodic-report,,,\n"
    )

    found = problems_of(lambda: publish(rows))

    assert found == [
        (2, "rials"), (3, "request_type"), (4, "deposit_id"), (4, "rials"), (5, "request_type"), (5, "rials"),
        (6, "rials"), (7, "request_type"), (7, "rials"),
    ]  # fmt: skip
    assert not TariffTable.objects.exists()
    assert not Event.objects.filter(noun="tariffs").exists()


@pytest.mark.parametrize(
    ("data", "places"),
    [
        (b"", [(1, "")]),
        (b"a,b\n1,2\n", [(1, "request_type"), (1, "rials")]),
        (b"request_type,rials,rials\nextension,1,1\n", [(1, "rials")]),
        (HEADER.encode(), [(0, "")]),
        (b"PK\x03\x04 no workbook at all", [(0, "")]),
        (b"\xd0\xcf\x11\xe0 an old one", [(0, "")]),
        (b"request_type,rials\n" + b"extension,1\n" * 40_000, [(0, "")]),
        (b"\x89PNG\r\n\x1a\n\x00\x00", [(0, "")]),
    ],
)
def test_what_is_no_table_of_tariffs_is_told_so(publish, data, places):
    assert problems_of(lambda: publish(data)) == places


# ------------------------------------------------------------------------------------------------- publishing
def test_the_very_same_file_again_says_so_and_changes_nothing(publish):
    publish("extension,400000,,")
    with pytest.raises(Refused) as refusal:
        publish("extension,400000,,", name="دیگر.csv")

    assert refusal.value.code == "same-file"
    assert "۱" in str(refusal.value)
    assert TariffTable.objects.count() == 1


def test_a_later_version_is_in_force_and_an_earlier_file_may_come_back(publish, service, cast):
    extension = service.request_types.get(code="extension")
    for rials in (400_000, 500_000, 400_000):
        publish(f"extension,{rials},,")
        assert tariff_for(extension, database_now()).rials == rials

    assert list(TariffTable.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]


def test_a_row_that_a_later_version_leaves_out_is_free_again(publish, service):
    publish("periodic-report,100,,\nextension,400000,,")
    publish("periodic-report,100,,")

    assert tariff_for(service.request_types.get(code="extension"), database_now()) is None


@pytest.mark.parametrize("who", ["reza", "omid", "nader", "admin"])
def test_only_a_coordinator_of_the_provider_publishes(publish, cast, who):
    with pytest.raises(Forbidden):
        publish("extension,1,,", by=getattr(cast, who))


def test_a_year_that_is_over_or_far_ahead_is_refused(publish, year):
    for wrong in (year - 1, year + 2):
        with pytest.raises(Refused) as refusal:
            publish("extension,1,,", year=wrong)
        assert refusal.value.code == "wrong-year"
    assert publish("extension,1,,", year=year + 1).year == year + 1


def test_a_preview_that_somebody_overtook_is_not_published(publish):
    publish("extension,1,,")
    with pytest.raises(Refused) as refusal:
        publish("extension,2,,", after=0)

    assert refusal.value.code == "changed"
    assert publish("extension,2,,", after=1).number == 2


def test_publishing_leaves_one_event_with_what_it_set(publish, cast, year):
    table = publish("extension,400000,,")

    event = Event.objects.get(noun="tariffs")
    assert (event.verb, event.key, event.person, event.membership) == (
        "publish", str(table.pk), cast.laleh, cast.membership(cast.laleh),
    )  # fmt: skip
    assert event.data["rials"] == {"extension": 400_000}


def test_the_database_keeps_published_tariffs(publish):
    table = publish("extension,400000,,")
    for tamper in (
        lambda: TariffRow.objects.update(rials=1),
        lambda: TariffRow.objects.all().delete(),
        lambda: TariffTable.objects.filter(pk=table.pk).update(year=1404),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            tamper()


# ------------------------------------------------------------------------------------------ which year, which row
def test_the_table_of_another_service_is_not_this_ones(cast, service):
    other = make_service(cast, slug="second")
    mine = make_tariffs(service, 1405, periodic_report=100)
    make_tariffs(other, 1405, periodic_report=200)
    make_tariffs(other, 1405, periodic_report=300)

    assert table_in_force(service, 1405) == mine


def test_the_fiscal_year_turns_at_midnight_in_tehran(service):
    report = service.request_types.get(code="periodic-report")
    make_tariffs(service, 1405, periodic_report=100)
    make_tariffs(service, 1406, periodic_report=200)
    turn = start_of_day(from_jalali(1406, 1, 1))

    assert tariff_for(report, turn - timedelta(microseconds=1)).rials == 100
    assert tariff_for(report, turn).rials == 200
    assert tariff_for(report, start_of_day(from_jalali(1407, 1, 1))) is None


def test_a_price_names_its_row_and_a_free_one_says_why(service):
    table = make_tariffs(service, 1405, periodic_report=100, extension=0)
    charged, zero = table.rows.all()

    assert price_of(charged, 1405).source == "برابر سطر ۲ جدول تعرفهٔ ۱۴۰۵، نسخهٔ ۱"
    assert price_of(zero, 1405).is_free
    assert "صفر" in price_of(zero, 1405).source
    assert price_of(None, 1405).source == "در جدول تعرفهٔ ۱۴۰۵ سطری برای این درخواست نیست؛ پس رایگان است."


# --------------------------------------------------------------------------------------------------- freezing
def test_publishing_a_call_freezes_the_price_and_its_row_for_every_unit(cast, service):
    row = make_tariffs(service, periodic_report=2_500_000).rows.get()

    call = published_call(cast, service=service)
    make_tariffs(service, periodic_report=9_000_000)

    kept = Call.objects.get(pk=call.pk)
    assert (kept.price_rials, kept.tariff) == (2_500_000, row)
    assert set(ServiceRequest.objects.values_list("price_rials", "tariff")) == {(2_500_000, row.pk)}


def test_a_late_unit_pays_what_the_others_pay(cast, service):
    row = make_tariffs(service, periodic_report=2_500_000).rows.get()
    call = published_call(cast, service=service)
    make_tariffs(service, periodic_report=9_000_000)

    report = ask_unit(call=call, unit=make_unit("NEW", parent=cast.provider), by=cast.laleh, reason="تازه تأسیس شد")

    assert (report.request.price_rials, report.request.tariff) == (2_500_000, row)


def test_without_a_row_a_call_is_free(cast, service):
    make_tariffs(service, extension=400_000)

    call = published_call(cast, service=service)

    assert (call.price_rials, call.tariff) == (0, None)
    assert set(ServiceRequest.objects.values_list("price_rials", "tariff")) == {(0, None)}


def test_an_extension_request_is_priced_when_it_is_filed(cast, service):
    call = published_call(cast, service=service)
    row = make_tariffs(service, extension=400_000).rows.get()
    report = report_of(call, cast.a)

    asked = ask_extension(report=report, until=call.closes_at + timedelta(days=2), reason="سیل", by=cast.reza)

    assert (asked.request.price_rials, asked.request.tariff) == (400_000, row)


def test_publishing_freezes_what_holds_then_and_not_what_a_draft_showed(cast, service):
    call = make_call(cast, service=service)
    make_tariffs(service, periodic_report=1)
    make_tariffs(service, periodic_report=2)

    assert publish_call(call=call, by=cast.laleh).price_rials == 2


# ---------------------------------------------------------------------------------------------------- the page
def where(service):
    return reverse("sla:tariffs", args=[service.slug])


def upload(client, service, year, rows, name="tariffs.csv"):
    file = SimpleUploadedFile(name, (HEADER + rows).encode())
    return client.post(where(service), {"year": year, "file": file})


def test_anybody_reads_the_tariffs_and_their_history_but_only_the_coordinator_gets_the_form(
    client, client_for, cast, service, year
):
    make_tariffs(service, periodic_report=2_500_000)
    make_tariffs(service, periodic_report=3_000_000)

    text = client.get(where(service)).content.decode()
    assert "۳٬۰۰۰٬۰۰۰" in text
    assert "۲٬۵۰۰٬۰۰۰" in text
    assert 'type="file"' not in text
    assert 'type="file"' in client_for(cast.laleh).get(where(service)).content.decode()


def test_others_cannot_import(client_for, cast, service, year):
    for person in (cast.reza, cast.omid, cast.nader, cast.admin):
        assert upload(client_for(person), service, year, "extension,1,,").status_code == 403
    assert not TariffTable.objects.exists()


def test_an_upload_is_shown_beside_what_holds_now_and_stored_only_when_it_is_published(client_for, cast, service, year):
    make_tariffs(service, periodic_report=2_500_000)
    client = client_for(cast.laleh)

    preview = upload(client, service, year, "periodic-report,۳٬۰۰۰٬۰۰۰,,\nextension,400000,,")

    text = preview.content.decode()
    assert "۲٬۵۰۰٬۰۰۰" in text
    assert "۳٬۰۰۰٬۰۰۰" in text
    assert TariffTable.objects.count() == 1
    posted = {key: preview.context["form"][key] for key in ("year", "name", "preview", "after")}
    answer = client.post(reverse("sla:tariffs_publish", args=[service.slug]), posted)
    assert answer["Location"] == where(service)
    assert TariffTable.objects.get(number=2).rows.get(request_type__code="extension").rials == 400_000


def test_a_broken_file_is_answered_with_every_problem_on_the_page(client_for, cast, service, year):
    answer = upload(client_for(cast.laleh), service, year, "nothing,1,,\nextension,الف,,")

    assert answer.status_code == 422
    assert len(answer.context["refusal"].problems) == 2
    assert not TariffTable.objects.exists()


def test_the_same_file_again_is_told_on_the_page(client_for, cast, service, year):
    client = client_for(cast.laleh)
    publish_tariffs(service=service, year=year, data=(HEADER + "extension,1,,").encode(), name="t.csv", by=cast.laleh)

    answer = upload(client, service, year, "extension,1,,")

    assert answer.status_code == 409
    assert "نسخهٔ ۱" in answer.content.decode()


def test_a_preview_that_was_tampered_with_stores_nothing(client_for, cast, service, year):
    client = client_for(cast.laleh)
    for data, code in (("", 400), ("%%%", 400), ("cmVxdWVzdF90eXBlLHJpYWxzCmV4dGVuc2lvbiwtMQ==", 422)):
        answer = client.post(
            reverse("sla:tariffs_publish", args=[service.slug]),
            {"year": year, "name": "t.csv", "preview": data, "after": 0},
        )
        assert answer.status_code == code
    assert not TariffTable.objects.exists()


def test_the_table_to_start_from_has_a_row_for_each_type_that_may_be_charged(client_for, cast, service, year):
    make_tariffs(service, periodic_report=2_500_000)

    answer = client_for(cast.laleh).get(reverse("sla:tariffs_start", args=[service.slug]))

    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.content)).worksheets[0].rows]
    assert rows[0] == ["request_type", "rials", "deposit_id", "note"]
    assert [row[:2] for row in rows[1:]] == [["periodic-report", 2_500_000], ["extension", 0]]
    assert [row.request_type.code for row in read_tariffs(answer.content, service.request_types.all())] == [
        "periodic-report", "extension",
    ]  # fmt: skip


def test_the_page_asks_the_same_number_of_questions_for_one_version_and_for_three(
    client, service, django_assert_num_queries
):
    make_tariffs(service, periodic_report=1)
    for _more in range(2):
        with django_assert_num_queries(QUERIES):
            client.get(where(service))
        make_tariffs(service, periodic_report=1, extension=2)
        make_tariffs(service, periodic_report=1, extension=3)


QUERIES = 6

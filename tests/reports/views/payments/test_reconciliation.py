"""A day of the ledger beside the bank's: what is compared, what differs, for whose service, and who may."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sajad_portal.lib.clock import TEHRAN, database_now, tehran_date
from sajad_portal.lib.jalali import format_date
from sla.actions.reconciliation import reconcile_day
from sla.models import Reconciliation
from tests.factories import make_service


def page(name: str, *args) -> str:
    return reverse(f"reports:{name}", args=args)


def text_of(answer) -> str:
    return answer.content.decode()


def test_a_day_is_compared_with_what_the_bank_sends(client_for, cast, paid):
    client, day = client_for(cast.laleh), format_date(database_now(), "numeric")

    answer = client.post(page("reconciliation"), {"day": day})

    run = Reconciliation.objects.get()
    assert answer["Location"] == f"{page('reconciliation')}?run={run.pk}"
    assert run.matched >= 1
    assert run.source_name in text_of(client.get(answer["Location"]))


def test_differences_are_named_line_by_line(client_for, cast, call, paid):
    day = tehran_date(database_now())
    head = "order_id,reference,amount,terminal,time\n"
    at = paid.settled_at.astimezone(TEHRAN).strftime("%Y-%m-%dT%H:%M:%S")
    rows = [(paid.order_id, paid.reference, "1000", paid.terminal, at), ("X-1", "R-99", "500", paid.terminal, at)]
    data = (head + "".join(",".join(row) + "\n" for row in rows)).encode()
    reconcile_day(service=call.service, day=day, by=cast.laleh, data=data, name="سه‌شنبه.csv")

    text = text_of(client_for(cast.nader).get(page("reconciliation")))

    assert "مبلغ دیگر" in text
    assert "فقط در بانک" in text
    assert "R-99" in text


def test_the_service_of_a_statement_is_chosen_where_one_coordinates_several(client_for, cast, call, paid):
    second = make_service(cast, slug="second", card={"title": "آموزش"})
    client, day = client_for(cast.laleh), format_date(database_now(), "numeric")
    offered = client.get(page("reconciliation")).context["form"].fields["service"]
    assert set(offered.queryset) == {call.service, second}

    nothing = client.post(page("reconciliation"), {"day": day})
    assert (nothing.status_code, list(nothing.context["form"].errors)) == (422, ["service"])
    for service in (second, call.service):
        line = f"order_id,reference,amount,terminal,time\nX-1,R-99,500,1,{database_now().isoformat()}\n"
        statement = SimpleUploadedFile("day.csv", line.encode())
        client.post(page("reconciliation"), {"day": day, "service": service.pk, "file": statement})

    # What the ledger holds of the chosen service and the bank does not know; a terminal may serve both.
    found = Reconciliation.objects.order_by("pk").values_list("service", "differences")
    kinds = [(service, sorted(row["kind"] for row in rows)) for service, rows in found]
    assert kinds == [(second.pk, ["only_bank"]), (call.service.pk, ["only_bank", "only_ledger"])]
    assert "آموزش" in text_of(client.get(page("reconciliation")))


def test_where_there_is_one_service_none_is_asked_for(client_for, cast, call):
    assert "service" not in client_for(cast.laleh).get(page("reconciliation")).context["form"].fields


def test_no_statement_is_compared_for_a_service_of_another_provider(client_for, cast, call):
    other = make_service(cast, slug="second", card={"provider": cast.b})
    client, day = client_for(cast.laleh), format_date(database_now(), "numeric")

    client.post(page("reconciliation"), {"day": day, "service": other.pk})

    assert list(Reconciliation.objects.exclude(service=call.service)) == []


def test_a_broken_statement_is_refused_with_its_places(client_for, cast, call, bank):
    day = format_date(database_now(), "numeric")
    file = SimpleUploadedFile("day.csv", b"order_id,amount\nA,1\n")

    answer = client_for(cast.laleh).post(page("reconciliation"), {"day": day, "file": file})

    assert answer.status_code == 422
    assert answer.context["problems"]
    assert not Reconciliation.objects.exists()


@pytest.fixture
def runs(cast, call):
    """Three comparisons: of the day before yesterday with two lines, of yesterday, of today with one that nobody knows."""
    unknown = {"kind": "only_bank", "order_id": "X-1", "reference": "R-99", "bank_rials": 500, "ledger_rials": None}
    for number, (days, lines, differences) in enumerate([(2, 2, []), (1, 0, []), (0, 1, [unknown])]):
        Reconciliation.objects.create(
            service=call.service, gateway="simulator", day=tehran_date(database_now()) - timedelta(days=days), lines=lines,
            source_name=f"{days}.csv", sha256="0" * 64, matched=lines - len(differences), differences=differences,
            at=database_now() - timedelta(minutes=10 - number), by=cast.laleh,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["0.csv", "1.csv", "2.csv"]),
        ("?sort=day", ["2.csv", "1.csv", "0.csv"]),
        ("?sort=-lines", ["2.csv", "0.csv", "1.csv"]),
        ("?sort=matched", ["0.csv", "1.csv", "2.csv"]),
        ("?outcome=clean", ["1.csv", "2.csv"]),
        ("?outcome=differing", ["0.csv"]),
        ("?outcome=nonsense&sort=outcome", ["0.csv", "1.csv", "2.csv"]),
    ],
)
def test_comparisons_are_sorted_and_narrowed_by_their_outcome(client_for, cast, runs, query, names):
    context = client_for(cast.nader).get(page("reconciliation") + query).context
    assert [run.source_name for run in context["page"]] == names


def test_comparisons_come_in_pages_and_one_is_looked_at_beside_its_page(client_for, cast, runs, monkeypatch):
    monkeypatch.setattr("reports.views.payments.reconciliation.SIZE", 2)
    nader = client_for(cast.nader)
    after = nader.get(page("reconciliation")).context["page"].next
    first = Reconciliation.objects.get(source_name="2.csv")
    context = nader.get(f"{page('reconciliation')}{after}&run={first.pk}").context

    assert ([run.source_name for run in context["page"]], context["shown"]) == (["2.csv"], first)
    assert context["listing"].whole == f"?run={first.pk}"


def test_comparisons_ask_as_much_of_the_database_for_three_as_for_one(
    client_for, cast, runs, django_assert_num_queries
):
    nader = client_for(cast.nader)
    for query in ("?outcome=differing", ""):
        with django_assert_num_queries(8):
            nader.get(page("reconciliation") + query)


def test_an_auditor_reads_comparisons_and_runs_none(client_for, cast, call):
    nader = client_for(cast.nader)
    assert 'type="file"' not in text_of(nader.get(page("reconciliation")))
    assert nader.post(page("reconciliation"), {"day": "۱۴۰۵/۰۹/۰۱"}).status_code == 403

"""Tables on the entry page without a script: rows are added, filled in, moved, copied and taken out by ordinary posts."""

import re

import pytest
from django.urls import reverse

from reports.actions.drafts import save_section
from reports.actions.submission import submit_report
from reports.models import Report
from reports.queries.drafts import collect
from tests.calls import published_call, report_of
from tests.tables import lone_table, save, table_form


@pytest.fixture
def report(cast) -> Report:
    return report_of(published_call(cast, form=table_form()), cast.a)


def edit(report, section="dorms"):
    return reverse("reports:report_edit", args=[report.tracking_code, section])


def press(client, report, button, base=99, section="dorms", **cells):
    typed = {f"q:{name.replace('__', '@')}": value for name, value in cells.items()}
    return client.post(edit(report, section), {"base": base, "row": button, **typed})


def rows_on(page) -> list[str]:
    return re.findall(r'value="remove:dorms@(\w+)"', page.content.decode())


def answers(report) -> dict[str, str]:
    return collect(Report.objects.get(pk=report.pk)).answers


def test_a_row_is_added_filled_in_and_sent_to_without_a_script(report, cast, client_for):
    client = client_for(cast.sara)
    assert "هنوز سطری ندارد" in client.get(edit(report)).content.decode()
    answer = press(client, report, "add:dorms")
    row = rows_on(client.get(edit(report)))[0]
    assert answer["Location"] == f"{edit(report)}#q-row-dorms-at-{row}"
    page = client.get(edit(report)).content.decode()
    assert f'id="q-row-dorms-at-{row}"' in page
    assert f'name="q:dorm@{row}"' in page
    client.post(edit(report), {"base": 1, f"q:dorm@{row}": "شهید بهشتی", f"q:beds@{row}": "۱۲"})
    assert answers(report) == {f"row:dorms@{row}": "1", f"dorm@{row}": "شهید بهشتی", f"beds@{row}": "12"}
    assert "خوابگاه‌ها، سطر ۱: شهید بهشتی" in client.get(edit(report)).content.decode()


def test_what_is_typed_is_stored_with_the_button_of_a_table(report, cast, client_for):
    client = client_for(cast.sara)
    press(client, report, "add:dorms")
    (row,) = rows_on(client.get(edit(report)))
    press(client, report, "add:dorms", **{f"dorm__{row}": "نخست"})
    assert answers(report)[f"dorm@{row}"] == "نخست"
    assert len(rows_on(client.get(edit(report)))) == 2


def test_rows_move_are_copied_and_taken_out(report, cast, client_for):
    client = client_for(cast.sara)
    for _n in range(2):
        press(client, report, "add:dorms")
    one, two = rows_on(client.get(edit(report)))
    press(client, report, f"up:dorms@{two}", **{f"dorm__{one}": "یک", f"dorm__{two}": "دو"})
    assert rows_on(client.get(edit(report))) == [two, one]
    press(client, report, f"copy:dorms@{two}")
    first, copy, last = rows_on(client.get(edit(report)))
    assert (first, last, answers(report)[f"dorm@{copy}"]) == (two, one, "دو")
    press(client, report, f"remove:dorms@{two}")
    assert rows_on(client.get(edit(report))) == [copy, one]
    assert f"dorm@{two}" not in answers(report)


def test_rows_of_a_table_inside_a_row_belong_to_that_row(report, cast, client_for):
    client = client_for(cast.sara)
    press(client, report, "add:dorms")
    (row,) = rows_on(client.get(edit(report)))
    press(client, report, f"add:rooms@{row}")
    (inner,) = re.findall(r'value="remove:rooms@([\w.]+)"', client.get(edit(report)).content.decode())
    assert inner.startswith(f"{row}.")
    client.post(edit(report), {"base": 9, f"q:room@{inner}": "۱۰۱"})
    assert answers(report)[f"room@{inner}"] == "۱۰۱"


def test_a_value_that_cannot_be_read_stays_on_the_page_while_a_row_is_added(report, cast, client_for):
    client = client_for(cast.sara)
    press(client, report, "add:dorms")
    (row,) = rows_on(client.get(edit(report)))
    answer = press(client, report, "add:dorms", **{f"beds__{row}": "ده دوازده"})
    assert answer.status_code == 422
    assert "ده دوازده" in answer.content.decode()
    assert len(rows_on(answer)) == 2


def test_a_form_that_is_one_table_is_filled_in_and_sent(cast, client_for):
    report = report_of(published_call(cast, form=lone_table()), cast.a)
    client = client_for(cast.sara)
    start = client.get(reverse("reports:report_edit", args=[report.tracking_code]))
    assert start["Location"] == edit(report, "things")
    client.post(edit(report, "things"), {"base": 0, "row": "add:things"})
    (row,) = re.findall(r'value="remove:things@(\w+)"', client.get(edit(report, "things")).content.decode())
    save(report, "things", cast.sara, **{f"thing__{row}": "میز"})
    revision = submit_report(report=report, by=cast.reza)
    assert revision.answers == {f"row:things@{row}": "1", f"thing@{row}": "میز"}


def test_rows_that_a_number_or_a_list_asks_for_are_there_and_nobody_adds_any(report, cast, client_for):
    client = client_for(cast.sara)
    save_section(report=report, section="about", base_version=0, changes={"span": "2"}, by=cast.sara)
    page = client.get(edit(report, "months")).content.decode()
    assert re.findall(r'name="q:(guests@\w+)"', page) == ["guests@n1", "guests@n2"]
    assert 'name="row"' not in page
    page = client.get(edit(report, "kinds")).content.decode()
    assert re.findall(r'name="q:(staff@[\w-]+)"', page) == ["staff@c-guard", "staff@c-cook"]
    assert "کارکنان، سطر ۲: آشپز" in page

"""The lists of a call's progress: units by section, and whom to call."""

import pytest

from tests.calls import fill, published_call, report_of


@pytest.fixture
def laleh(cast, client_for):
    return client_for(cast.laleh)


def page_of_progress(client, call, part: str, **query):
    return client.get(f"/calls/{call.pk}/progress/{part}", query)


@pytest.mark.parametrize("part", ["sections/", "people/"])
@pytest.mark.parametrize("under", ["x", "0", "9" * 40, "987654"])
def test_a_branch_that_the_list_does_not_know_is_passed_over(cast, laleh, part, under):
    page = page_of_progress(laleh, published_call(cast), part, under=under)

    assert (len(page.context["rows"]), page.context["listing"].narrowings) == (2, [])


@pytest.mark.parametrize("part", ["sections/", "people/"])
def test_searching_stays_within_the_branch_that_is_named(cast, laleh, part):
    call = published_call(cast, audience={"subtree": cast.provider.pk, "kinds": []})
    page = page_of_progress(laleh, call, part, under=cast.a.pk, q="بهسازي").context

    assert [row.report.unit_id for row in page["rows"]] == [cast.a_child.pk]
    assert [narrowing.value for narrowing in page["listing"].narrowings] == ["بهسازي", cast.a.name]
    assert page["listing"].kept_by_search == [("under", str(cast.a.pk))]


@pytest.mark.parametrize("part", ["sections/", "people/"])
def test_units_are_turned_round_and_come_in_pages(cast, laleh, part, monkeypatch):
    monkeypatch.setattr("reports.views.calls.progress.ROWS", 1)
    call = published_call(cast, audience={"units": [cast.a.pk, cast.b.pk, cast.a_child.pk]})
    address, seen = "?sort=-unit", []
    while address:
        page = laleh.get(f"/calls/{call.pk}/progress/{part}{address}").context
        seen, address = [*seen, *(row.report.unit.code for row in page["rows"])], page["listing"].pages.next

    assert seen == ["KHB", "TGZ", "KHB-IMN"]


def test_a_section_that_is_left_out_has_no_column(cast, laleh):
    page = page_of_progress(laleh, published_call(cast), "sections/", cols=["unit", "section-welfare"])

    assert [head.key for head in page.context["listing"].heads] == ["unit", "section-welfare"]
    assert [len(row.cells) for row in page.context["rows"]] == [1, 1]


def test_who_is_called_is_chosen_and_reminded_from_the_list(cast, laleh, client_for):
    call = published_call(cast)
    page = page_of_progress(laleh, call, "people/", under=cast.b.pk)

    assert [action["url"].split("/")[-2] for action in page.context["bulk"]] == ["remind", "extend", "excuse"]
    assert page.context["under"] == str(cast.b.pk)
    assert 'name="report"' in page.content.decode()
    assert 'name="report"' not in page_of_progress(client_for(cast.nader), call, "people/").content.decode()


@pytest.mark.parametrize(
    ("sort", "first"), [("saved", "b"), ("-saved", "a"), ("state", "b"), ("-state", "a"), ("unit", "b")]
)
def test_whom_to_call_is_sorted(cast, laleh, sort, first):
    call = published_call(cast)
    fill(report_of(call, cast.a), cast.sara)

    rows = page_of_progress(laleh, call, "people/", sort=sort).context["rows"]
    assert rows[0].report.unit == getattr(cast, first)

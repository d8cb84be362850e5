"""The progress of a call: what the database counts is what counting by hand gives, and who may look."""

import json
from collections import Counter
from datetime import timedelta
from os.path import commonprefix

import pytest
from markupsafe import escape

from reports.actions.calls import publish_call
from reports.actions.drafts import save_section
from reports.actions.returns import return_for_correction
from reports.actions.review import hand_in_review, start_review
from reports.enums import ReportState
from reports.models import Revision
from reports.pages.progress.pace import STEPS, instants
from reports.queries.calls import reports_of
from sajad_portal.lib.clock import database_now
from tests.calls import at_closing, fill, make_call, published_call, report_of, submitted_report
from tests.factories import make_unit
from tests.progress import add_revision, tree_call
from tests.reviews import assign, review_of, verify_all

HOUSING = "HSG-01"
PARTS = ("", "live/", "sections/", "pace/", "people/")


@pytest.fixture
def laleh(cast, client_for):
    return client_for(cast.laleh)


def page_of_progress(client, call, part: str = "", **query):
    answer = client.get(f"/calls/{call.pk}/progress/{part}", query)
    assert answer.status_code == 200
    return answer


# ---------------------------------------------------------------------------------------------- rolled up the tree
def by_hand(reports, root: str) -> dict[str, tuple[Counter, Counter]]:
    """{path directly below root: (statuses, standings)} of report rows, one after the other."""
    found: dict[str, tuple[Counter, Counter]] = {}
    for report in reports:
        if not report.unit_path.startswith(root):
            continue
        rest = report.unit_path[len(root) :]
        path = root + rest.split(".")[0] + "." if rest else root
        statuses, standings = found.setdefault(path, (Counter(), Counter()))
        statuses[report.status] += 1
        if report.timeliness:
            standings[report.timeliness] += 1
    return found


@pytest.mark.parametrize("seed", range(6))
def test_every_branch_counts_what_counting_by_hand_gives(cast, laleh, seed):
    call = tree_call(cast, seed)
    reports = list(reports_of(call, cast.laleh, database_now()))
    places = {int(part): path for report in reports for part, path in parts_of(report.unit_path)}

    for key, root in places.items():
        branch = page_of_progress(laleh, call, under=key).context["branch"]
        expected = by_hand(reports, root)
        shown = {node.path: (Counter(node.numbers.states), Counter(node.numbers.timings)) for node in branch.nodes}
        assert shown == expected
        assert branch.here.numbers.all == sum(sum(states.values()) for states, _standings in expected.values())


def parts_of(path: str):
    parts = path.split(".")[:-1]
    return [(part, "".join(f"{one}." for one in parts[: n + 1])) for n, part in enumerate(parts)]


@pytest.mark.parametrize("seed", range(3))
def test_the_top_is_the_lowest_unit_that_covers_all(cast, laleh, seed):
    call = tree_call(cast, seed, units=3)
    paths = list(call.reports.values_list("unit_path", flat=True))

    root = page_of_progress(laleh, call).context["branch"].here.path

    assert root == commonprefix(paths).rpartition(".")[0] + "."


def test_progress_is_rolled_up_by_the_frozen_tree(cast, laleh):
    call = published_call(cast, audience={"subtree": cast.provider.pk, "kinds": []})
    submitted_report(cast, call)
    cast.a_child.parent = cast.b
    cast.a_child.save()

    top = page_of_progress(laleh, call).context["branch"]
    below = page_of_progress(laleh, call, under=cast.a.pk).context["branch"]

    assert {node.name: (node.numbers.submitted, node.numbers.asked) for node in top.nodes} == {
        cast.provider.name: (0, 1), cast.a.name: (1, 2), cast.b.name: (0, 1),
    }  # fmt: skip
    assert [node.name for node in below.nodes] == [cast.a.name, cast.a_child.name]
    assert [node.name for node in below.above] == [cast.provider.name]


@pytest.mark.parametrize("under", ["x", "999999", "", "1 OR 1", "۱"])
def test_an_unknown_branch_is_the_whole_tree(cast, laleh, under):
    call = published_call(cast)

    branch = page_of_progress(laleh, call, under=under).context["branch"]

    assert (branch.here.numbers.asked, branch.is_top) == (2, True)


def test_a_branch_of_very_many_units_comes_in_pages(cast, laleh, monkeypatch):
    monkeypatch.setattr("reports.pages.progress.tree.LEAVES", 1)
    call = published_call(cast)

    first = page_of_progress(laleh, call).context["branch"]
    second = laleh.get(f"/calls/{call.pk}/progress/{first.page.next}").context["branch"]

    assert [node.name for node in [*first.nodes, *second.nodes]] == [cast.b.name, cast.a.name]
    assert (second.here.numbers.asked, second.page.next) == (2, "")


def test_the_tiles_count_the_branch_that_is_looked_at(cast, laleh):
    call = published_call(cast, audience={"subtree": cast.provider.pk, "kinds": []})
    submitted_report(cast, call)

    top = page_of_progress(laleh, call).context["tiles"]
    below = page_of_progress(laleh, call, under=cast.b.pk).context["tiles"]

    assert [tile["value"] for tile in top][:5] == [4, 1, 0, 1, 0]
    assert [tile["value"] for tile in below][:5] == [1, 0, 0, 0, 0]
    assert [tile["url"] for tile in below] == [""] * len(below)


def test_a_call_to_nobody_shows_an_empty_page(cast, laleh):
    call = publish_call(call=make_call(cast, audience={"units": [cast.a.pk]}), by=cast.laleh)
    call.reports.update(state=ReportState.EXCUSED, excused_at=database_now(), excused_by=cast.laleh)

    for part in PARTS:
        page_of_progress(laleh, call, part)


# ------------------------------------------------------------------------------------------------- who may look
@pytest.mark.parametrize("part", PARTS)
def test_progress_is_for_headquarters(cast, client_for, part):
    call = published_call(cast)
    address = f"/calls/{call.pk}/progress/{part}"

    assert client_for(cast.stranger).get(address).status_code == 404
    for who in (cast.sara, cast.reza):
        assert client_for(who).get(address).status_code == 403
    for who in (cast.nader, cast.omid, cast.laleh, cast.admin):
        assert client_for(who).get(address).status_code == 200


@pytest.mark.parametrize("part", PARTS)
def test_a_draft_has_no_progress(cast, laleh, part):
    assert laleh.get(f"/calls/{make_call(cast).pk}/progress/{part}").status_code == 404


def test_who_only_reads_is_offered_no_reminder(cast, client_for):
    call = published_call(cast)

    for part in ("", "people/"):
        assert "/units/remind/" not in page_of_progress(client_for(cast.nader), call, part).content.decode()
        assert "/units/remind/" in page_of_progress(client_for(cast.laleh), call, part).content.decode()


def test_the_pages_ask_as_much_of_the_database_for_many_reports_as_for_one(cast, laleh, django_assert_num_queries):
    one = publish_call(call=make_call(cast, audience={"units": [cast.a.pk]}), by=cast.laleh)
    units = [cast.a, cast.b, cast.a_child, *(make_unit(f"N{n}", f"واحد {n}", parent=cast.b) for n in range(5))]
    service = one.agreement.service
    many = publish_call(call=make_call(cast, service=service, audience={"units": [u.pk for u in units]}), by=cast.laleh)
    for part, count in {"": 12, "live/": 11, "sections/": 10, "pace/": 9, "people/": 9}.items():
        for call in (one, many):
            with django_assert_num_queries(count, info=part):
                page_of_progress(laleh, call, part)


# --------------------------------------------------------------------------------------------------------- live
def test_nothing_new_answers_304_in_three_statements_of_its_own(cast, laleh, django_assert_num_queries):
    call = published_call(cast)
    etag = laleh.get(f"/calls/{call.pk}/progress/live/")["ETag"]

    with django_assert_num_queries(5):  # the session and its person, as every page, and three
        answer = laleh.get(f"/calls/{call.pk}/progress/live/", headers={"if-none-match": etag})

    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)


def test_a_submission_shows_at_the_next_asking(cast, laleh):
    call = published_call(cast)
    etag = laleh.get(f"/calls/{call.pk}/progress/live/")["ETag"]

    submitted_report(cast, call)

    answer = laleh.get(f"/calls/{call.pk}/progress/live/", headers={"if-none-match": etag})
    assert (answer.status_code, answer.context["branch"].here.numbers.submitted) == (200, 1)
    assert answer["ETag"] != etag


def test_every_save_and_the_closing_show_at_the_next_asking(cast, laleh, clock):
    call = published_call(cast)
    address, seen = f"/calls/{call.pk}/progress/live/", set()

    def asked():
        answer = laleh.get(address)
        assert answer["ETag"] not in seen
        seen.add(answer["ETag"])

    asked()
    save_section(
        report=report_of(call, cast.a), section="housing", base_version=0, changes={"housed": "8"}, by=cast.sara
    )
    asked()
    clock.move_to(at_closing(call))
    asked()
    clock.move_to(at_closing(call) + call.grace)
    asked()


def test_the_page_asks_with_what_it_has_already(cast, laleh):
    call = published_call(cast)

    page = page_of_progress(laleh, call, under=cast.a.pk)

    etag = page_of_progress(laleh, call, "live/", under=cast.a.pk)["ETag"]
    assert escape(json.dumps({"If-None-Match": etag})) in page.content.decode()
    assert f"live/?under={cast.a.pk}" in page.content.decode()


def test_a_closed_call_asks_no_more(cast, laleh, clock):
    call = published_call(cast)
    assert "every 30s" in page_of_progress(laleh, call).content.decode()

    clock.move_to(at_closing(call) + call.grace)

    for part in ("", "live/"):
        assert "every 30s" not in page_of_progress(laleh, call, part).content.decode()


# --------------------------------------------------------------------------------------------- units × sections
def cells(client, call, unit) -> dict[str, str]:
    page = page_of_progress(client, call, "sections/")
    row = next(row for row in page.context["rows"] if row.report.unit_id == unit.pk)
    names = [head.key.removeprefix("section-") for head in page.context["listing"].heads[1:]]
    return dict(zip(names, [cell.state for cell in row.cells], strict=True))


def test_a_section_is_followed_from_its_first_word_to_its_review(cast, laleh):
    call = published_call(cast)
    report = report_of(call, cast.a)
    assert cells(laleh, call, cast.a) == {"housing": "untouched", "welfare": "untouched"}

    save_section(report=report, section="housing", base_version=0, changes={"housed": "8"}, by=cast.sara)
    assert cells(laleh, call, cast.a) == {"housing": "begun", "welfare": "untouched"}
    report.draft_sections.all().delete()

    assign(cast, call)
    submitted_report(cast, call)
    assert cells(laleh, call, cast.a) == {"housing": "submitted", "welfare": "submitted"}

    start_review(report=report, by=cast.omid)
    assert cells(laleh, call, cast.a) == {"housing": "in_review", "welfare": "in_review"}

    return_for_correction(report=report, remarks={HOUSING: "لغو اسکان‌ها"}, by=cast.omid)
    assert cells(laleh, call, cast.a) == {"housing": "returned", "welfare": "in_review"}
    assert cells(laleh, call, cast.b) == {"housing": "untouched", "welfare": "untouched"}


def test_a_section_is_reviewed_once_each_reviewer_has_handed_in(cast, laleh):
    call = published_call(cast)
    submitted_report(cast, call)
    assign(cast, call, section="housing")
    review = review_of(report_of(call, cast.a), cast.omid, "housing")
    verify_all(review)

    hand_in_review(review=review, by=cast.omid)

    assert cells(laleh, call, cast.a) == {"housing": "reviewed", "welfare": "submitted"}


def test_a_missed_report_is_missed_in_each_section(cast, laleh, clock):
    call = published_call(cast)
    clock.move_to(at_closing(call) + call.grace)

    assert set(cells(laleh, call, cast.a).values()) == {"missed"}


def test_the_matrix_is_of_the_branch_and_of_the_words(cast, laleh):
    call = published_call(cast, audience={"subtree": cast.provider.pk, "kinds": []})

    below = page_of_progress(laleh, call, "sections/", under=cast.a.pk).context["rows"]
    named = page_of_progress(laleh, call, "sections/", q="تغذیه").context["rows"]

    assert {row.report.unit_id for row in below} == {cast.a.pk, cast.a_child.pk}
    assert [row.report.unit_id for row in named] == [cast.b.pk]


# ------------------------------------------------------------------------------------------------- against time
@pytest.mark.parametrize("seed", range(4))
def test_each_point_of_the_curve_is_what_counting_by_hand_gives(cast, laleh, seed):
    now = database_now()
    call = tree_call(cast, seed, opens_at=now - timedelta(minutes=50), closes_at=now + timedelta(minutes=30))
    submitted = dict(Revision.objects.filter(number=1, report__call=call).values_list("report_id", "submitted_at"))
    asked = {r.pk for r in call.reports.all() if r.state not in ("excused", "cancelled")}

    page = page_of_progress(laleh, call, "pace/")
    shares = page.context["paces"][0].shares

    at = page.context["shell"].now
    for share, instant in zip(shares[: STEPS + 1], instants(call), strict=True):
        if instant <= at:
            came = sum(1 for pk in asked if submitted.get(pk) and submitted[pk] <= instant)
            assert share == pytest.approx(100 * came / len(asked))
    assert shares[STEPS + 1] is None
    assert page.context["now"] == pytest.approx(100 * len(asked & submitted.keys()) / len(asked))


def test_up_to_three_earlier_calls_of_the_service_stand_behind(cast, laleh):
    now = database_now()
    call = published_call(cast)
    for months in range(1, 6):
        begun = now - timedelta(days=30 * months)
        publish_call(
            call=make_call(
                cast, service=call.agreement.service, title=f"فراخوان {months}", opens_at=begun,
                closes_at=now + timedelta(days=1), review_until=now + timedelta(days=60),
            ),
            by=cast.laleh,
        )  # fmt: skip

    found = page_of_progress(laleh, call, "pace/").context["paces"]

    assert [pace.call.title for pace in found[1:]] == ["فراخوان 1", "فراخوان 2", "فراخوان 3"]


def test_what_came_after_the_closing_is_a_point_of_its_own(cast, laleh, clock):
    call = published_call(cast)
    report = report_of(call, cast.a)
    report.state, report.submitted_at = ReportState.SUBMITTED, call.closes_at + timedelta(minutes=5)
    report.save()
    add_revision(report, cast)
    clock.move_to(at_closing(call) + call.grace)

    shares = page_of_progress(laleh, call, "pace/").context["paces"][0].shares

    assert shares[-2:] == [0, 50]


# ------------------------------------------------------------------------------------------------- whom to call
def test_the_longest_silence_stands_first_with_who_works_there(cast, laleh):
    call = published_call(cast, audience={"units": [cast.a.pk, cast.b.pk, cast.a_child.pk]})
    cast.reza.mobile = "09121112233"
    cast.reza.save()
    fill(report_of(call, cast.a), cast.sara)

    page = page_of_progress(laleh, call, "people/")
    rows = page.context["rows"]

    assert {row.report.unit_id for row in rows[:2]} == {cast.b.pk, cast.a_child.pk}
    assert rows[2].report.unit_id == cast.a.pk
    assert {contact.person for contact in rows[2].contacts} == {cast.reza, cast.sara}
    assert next(row for row in rows if row.report.unit_id == cast.a_child.pk).contacts == []
    assert "tel:09121112233" in page.content.decode()


def test_who_has_submitted_is_not_called(cast, laleh):
    call = published_call(cast)
    submitted_report(cast, call)

    rows = page_of_progress(laleh, call, "people/").context["rows"]

    assert [row.report.unit for row in rows] == [cast.b]

"""The pages of analysis: who sees what of whom, what is said when there is nothing, and how many statements it takes."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reports.models import ResultVersion
from tests.factories import make_membership, make_person, make_unit
from tests.field import Figures, announce_field, field_call
from units.actions.units import move_unit
from units.enums import Role
from units.models import Membership

GOOD = Figures(
    {"cnt": "10", "day": "4", "avg": "50", "rat_n": "8", "rat_d": "10", "wmn": "4", "wmn_count": "20"}, {"cnt": "9"}
)
FAIR = Figures({"cnt": "7", "day": "8", "avg": "30", "rat_n": "5", "rat_d": "10", "wmn": "3"})
GONE = Figures({}, missed=True)
PAGES = ("league", "indicators", "tree", "compare", "against")


@pytest.fixture
def field(cast):
    """(call, units): A and B, and four more; the last one missed it."""
    units = [
        cast.a,
        cast.b,
        *(make_unit(f"X{n}", f"واحد ناشناس {n}", parent=cast.b, kind=cast.a.kind) for n in range(4)),
    ]
    call, units = field_call(cast, 0, units=units)
    announce_field(cast, call, units, [GOOD, FAIR, GOOD, FAIR, GOOD, GONE])
    return call, units


def page(client_for, person, name, call, query="", code=""):
    address = reverse(f"reports:analysis_{name}", args=[call.pk, code] if code else [call.pk])
    return client_for(person).get(f"{address}{query}")


def words(answer) -> str:
    return answer.content.decode()


class TestReach:
    @pytest.mark.parametrize("name", PAGES)
    def test_every_page_opens_for_headquarters_and_for_units(self, cast, field, client_for, name):
        for person in (cast.laleh, cast.nader, cast.omid, cast.reza, cast.sara):
            assert page(client_for, person, name, field[0]).status_code == 200

    def test_a_branch_leaves_the_tree_of_who_no_longer_sees_it(self, cast, field, client_for):
        """Kept for who sees the same results, not for who has the same seat."""
        call, units = field
        person = make_person()
        make_membership(person, cast.b, Role.AUDITOR)
        assert page(client_for, person, "tree", call).context["sections"][0][1][0]["rolled"].sums.units == 5

        for unit in units[2:4]:
            move_unit(unit=unit, parent=cast.a, by=cast.admin)

        assert page(client_for, person, "tree", call).context["sections"][0][1][0]["rolled"].sums.units == 3

    def test_no_branch_of_the_tree_has_a_median_of_fewer_than_four(self, cast, field, client_for):
        call, units = field
        own = {r.unit.name: r.fact.total for r in call.reports.select_related("unit", "fact")}

        whole = page(client_for, cast.laleh, "tree", call).context["children"]
        below = page(client_for, cast.laleh, "tree", call, f"?under={cast.b.pk}").context["children"]

        assert {c.name: (c.median is None, c.total) for c in whole if c.is_leaf} == {
            cast.a.name: (True, own[cast.a.name])
        }
        assert [(c.name, c.median is None, c.total) for c in whole if not c.is_leaf] == [(cast.b.name, False, None)]
        assert {c.median for c in below} == {None}

    @pytest.mark.parametrize("name", [*PAGES, "what_if", "period_report"])
    def test_a_stranger_finds_nothing(self, cast, field, client_for, name):
        assert page(client_for, cast.stranger, name, field[0]).status_code == 404

    def test_a_unit_reads_no_other_units_name_or_figure(self, cast, field, client_for):
        call, units = field
        answers = [page(client_for, cast.reza, name, call) for name in PAGES]
        answers.append(page(client_for, cast.reza, "indicator", call, code="CNT"))
        answers.append(page(client_for, cast.reza, "tree", call, "?indicator=CNT"))
        answers.append(page(client_for, cast.reza, "compare", call, "?unit=KHB&unit=TGZ&unit=X1"))
        answers.append(client_for(cast.reza).get(reverse("reports:analysis_unit", args=["KHB"])))
        for answer in answers:
            assert answer.status_code == 200
            assert not any(unit.name in words(answer) for unit in units[1:])

    def test_a_unit_reads_anonymous_medians_and_its_own_place(self, cast, field, client_for):
        answer = page(client_for, cast.reza, "league", field[0])
        assert [row.fact.unit for row in answer.context["rows"]] == [cast.a]
        assert (answer.context["rows"][0].place.rank, answer.context["rows"][0].place.of) == (1, 5)
        assert answer.context["chart"] is None
        found = page(client_for, cast.reza, "indicator", field[0], code="CNT")
        assert [own.count for _kind, own in found.context["kinds"]] == [5]
        assert found.context["spread_chart"] is None

    def test_a_kind_of_three_is_shown_to_nobody_by_its_median(self, cast, client_for):
        units = [make_unit(parent=cast.provider) for _n in range(3)]
        call, units = field_call(cast, 0, units=units)
        announce_field(cast, call, units, [GOOD, FAIR, GOOD])
        assert page(client_for, cast.laleh, "indicator", call, code="CNT").context["kinds"] == []
        assert [row.peers_median for row in page(client_for, cast.laleh, "league", call).context["rows"]] == [None] * 3

    @pytest.mark.parametrize("address", ["TGZ", "X1"])
    def test_another_units_profile_is_not_found(self, cast, field, client_for, address):
        assert client_for(cast.reza).get(reverse("reports:analysis_unit", args=[address])).status_code == 404

    def test_an_auditor_of_a_branch_reads_the_branch(self, cast, field, client_for):
        person = make_person()
        make_membership(person, cast.b, Role.AUDITOR)
        rows = page(client_for, person, "league", field[0]).context["rows"]
        assert {row.fact.unit.code for row in rows} == {"TGZ", "X0", "X1", "X2", "X3"}
        node = page(client_for, person, "tree", field[0]).context["node"]
        assert node.unit == cast.b
        assert page(client_for, person, "tree", field[0], f"?under={cast.a.pk}").status_code == 404

    def test_what_if_is_for_coordinators(self, cast, field, client_for):
        statuses = [
            page(client_for, p, "what_if", field[0]).status_code for p in (cast.laleh, cast.nader, cast.omid, cast.reza)
        ]
        assert statuses == [200, 403, 403, 403]

    def test_an_administrator_reads_all(self, cast, field, client_for):
        assert len(page(client_for, cast.admin, "league", field[0]).context["rows"]) == 6

    def test_who_reports_for_a_unit_learns_nothing_before_the_announcement(self, cast, client_for):
        call, _units = field_call(cast, 0, units=[cast.a])
        assert page(client_for, cast.reza, "league", call).status_code == 404
        assert "هنوز نتیجه‌ای اعلام نشده" in words(client_for(cast.reza).get(reverse("reports:analysis")))


class TestLeague:
    def test_missed_ones_come_last_and_have_no_place(self, cast, field, client_for):
        rows = page(client_for, cast.laleh, "league", field[0]).context["rows"]
        assert [row.place.rank if row.place else None for row in rows] == [1, 1, 1, 4, 4, None]
        assert rows[-1].fact.missed

    def test_it_is_narrowed_by_kind_words_and_branch(self, cast, field, client_for):
        call, _units = field

        def codes(query):
            return {row.fact.unit.code for row in page(client_for, cast.laleh, "league", call, query).context["rows"]}

        assert codes("?q=ناشناس 2") == {"X2"}
        assert codes("?kind=fund") == set()
        assert codes("?under=KHB") == {"KHB"}
        assert codes("?q=خوابگاهها&under=KHB&kind=") == {"KHB"}
        assert codes("?under=TGZ&q=خوابگاه") == set()

    @pytest.mark.parametrize(
        "query", ["?under=nowhere", "?kind=nonsense", "?period=1405-Q9", "?sort=place&cols=nonsense"]
    )
    def test_what_it_does_not_know_narrows_nothing(self, cast, field, client_for, query):
        context = page(client_for, cast.laleh, "league", field[0], query).context
        assert (len(context["rows"]), context["listing"].narrowings, len(context["listing"].heads)) == (6, [], 7)

    def test_another_units_branch_is_not_named_to_who_may_not_see_it(self, cast, field, client_for):
        context = page(client_for, cast.reza, "league", field[0], "?under=TGZ").context
        assert ([row.fact.unit for row in context["rows"]], context["listing"].narrowings) == ([cast.a], [])

    def test_searching_stays_within_the_branch(self, cast, field, client_for):
        listing = page(client_for, cast.laleh, "league", field[0], "?under=TGZ&q=ناشناس").context["listing"]
        assert [narrowing.value for narrowing in listing.narrowings] == ["ناشناس", cast.b.name]
        assert listing.kept_by_search == [("under", "TGZ")]

    def test_it_is_turned_round_and_sorted_by_name(self, cast, field, client_for):
        def rows(sort):
            return page(client_for, cast.laleh, "league", field[0], f"?sort={sort}").context["rows"]

        assert [row.place.rank if row.place else None for row in rows("total")] == [None, 4, 4, 1, 1, 1]
        names = [row.fact.report.unit_name for row in rows("unit")]
        assert names == [cast.b.name, cast.a.name, *(f"واحد ناشناس {n}" for n in range(4))]
        assert [row.fact.report.unit_name for row in rows("-unit")] == names[::-1]

    def test_columns_are_left_out(self, cast, field, client_for):
        answer = page(client_for, cast.laleh, "league", field[0], "?cols=unit&cols=total&cols=place")
        assert [head.key for head in answer.context["listing"].heads] == ["place", "unit", "total"]
        table = words(answer).partition(reverse("reports:analysis_compare", args=[field[0].pk]) + '">')[2]
        assert table.partition("data-bulk")[0].count("<td") == 2 * 6

    def test_the_ticked_are_compared(self, cast, field, client_for):
        text = words(page(client_for, cast.laleh, "league", field[0]))
        assert f'action="{reverse("reports:analysis_compare", args=[field[0].pk])}"' in text
        assert all(words in text for words in ('name="unit"', 'value="TGZ"'))

    def test_a_firm_place_is_one_number(self, cast, field, client_for):
        rows = page(client_for, cast.laleh, "league", field[0]).context["rows"]
        assert all(row.best <= row.place.rank <= row.worst for row in rows if row.place)

    @pytest.mark.parametrize("sort", ["total", "-total", "unit", "-unit"])
    def test_many_units_come_in_pages(self, cast, client_for, monkeypatch, sort):
        monkeypatch.setattr("reports.views.analysis.page.SIZE", 2)
        call, units = field_call(cast, 5)
        announce_field(cast, call, units, [GOOD, FAIR, GOOD, GONE, GOOD])
        seen, address = [], f"?sort={sort}"
        while address:
            answer = page(client_for, cast.laleh, "league", call, address)
            seen += [row.fact.pk for row in answer.context["rows"]]
            address = answer.context["listing"].pages.next
        assert len(seen) == len(set(seen)) == 5


class TestFewResults:
    """A headline rests on more than a result or two, and gives no other unit's total away."""

    @pytest.fixture
    def few(self, cast):
        call, units = field_call(cast, 0, units=[cast.a, cast.b])
        announce_field(cast, call, units, [GOOD, FAIR])
        return call

    def test_no_median_of_two_totals_is_shown_to_anybody(self, cast, few, client_for):
        for person in (cast.laleh, cast.reza):
            assert "میانهٔ امتیازها" not in words(page(client_for, person, "league", few))
            assert "میانهٔ امتیازها" not in words(client_for(person).get(reverse("reports:analysis")))

    def test_of_four_it_is(self, cast, field, client_for):
        assert "میانهٔ امتیازها" in words(page(client_for, cast.laleh, "league", field[0]))

    def test_the_only_one_has_no_place(self, cast, client_for):
        call, units = field_call(cast, 0, units=[cast.a])
        announce_field(cast, call, units, [GOOD])
        answer = client_for(cast.reza).get(reverse("reports:analysis_unit", args=["KHB"]))
        assert answer.context["profile"].place.of == 1
        assert "رتبه از" not in words(answer)

    def test_of_two_each_has_one(self, cast, few, client_for):
        answer = client_for(cast.reza).get(reverse("reports:analysis_unit", args=["KHB"]))
        assert "رتبه از" in words(answer)


class TestOthers:
    def test_the_profile_of_a_unit_without_results_says_what_will_be_there(self, cast, field, client_for):
        answer = client_for(cast.reza).get(reverse("reports:analysis_unit", args=["KHB-IMN"]))
        assert "هنوز نتیجه‌ای برای این واحد اعلام نشده است" in words(answer)

    def test_the_profile_of_a_missed_report_says_so(self, cast, field, client_for):
        answer = client_for(cast.laleh).get(reverse("reports:analysis_unit", args=["X3"]))
        assert "برای این دوره گزارشی نرسید" in words(answer)

    def test_a_call_that_is_not_the_units_is_not_found(self, cast, field, client_for):
        assert (
            client_for(cast.reza).get(reverse("reports:analysis_unit", args=["KHB"]), {"call": "99"}).status_code == 404
        )

    def test_an_indicator_that_the_form_does_not_have_is_not_found(self, cast, field, client_for):
        assert page(client_for, cast.laleh, "indicator", field[0], code="NONE").status_code == 404
        assert page(client_for, cast.laleh, "tree", field[0], "?indicator=NONE").status_code == 404

    @pytest.mark.parametrize("under", ["x", "0", "9" * 40, "-1"])
    def test_a_branch_that_is_none_is_not_found(self, cast, field, client_for, under):
        assert page(client_for, cast.laleh, "tree", field[0], f"?under={under}").status_code == 404

    def test_units_are_added_to_a_comparison_by_name_and_by_code(self, cast, field, client_for):
        answer = page(client_for, cast.laleh, "compare", field[0], "?unit=KHB&add=TGZ")
        assert answer.context["codes"] == ["KHB", "TGZ"]
        answer = page(client_for, cast.laleh, "compare", field[0], "?unit=KHB&add=ناشناس")
        assert len(answer.context["candidates"]) == 4

    def test_a_first_period_has_none_to_be_compared_with(self, cast, field, client_for):
        assert "دورهٔ پیشینی برای مقایسه نیست" in words(page(client_for, cast.laleh, "against", field[0]))
        assert page(client_for, cast.laleh, "against", field[0], "?with=7").status_code == 404

    def test_what_if_answers_with_a_page_and_stores_nothing(self, cast, field, client_for):
        before = ResultVersion.objects.count()
        address = reverse("reports:analysis_what_if", args=[field[0].pk])
        answer = client_for(cast.laleh).post(address, {"weight-CNT": "۹۰", "standard-CNT": "12"})
        assert (answer.status_code, answer.context["changed"], len(answer.context["tried"])) == (200, 1, 5)
        assert ResultVersion.objects.count() == before

    def test_what_is_no_number_is_marked_and_nothing_is_computed(self, cast, field, client_for):
        answer = client_for(cast.laleh).post(
            reverse("reports:analysis_what_if", args=[field[0].pk]), {"weight-CNT": "ده"}
        )
        assert (answer.status_code, answer.context["tried"]) == (422, None)
        assert 'value="ده"' in words(answer)

    def test_all_weights_at_zero_say_that_there_is_no_total(self, cast, field, client_for):
        typed = {f"weight-{code}": "0" for code in ("RAT", "WMN", "CNT", "DAY", "AVG")}
        answer = client_for(cast.laleh).post(reverse("reports:analysis_what_if", args=[field[0].pk]), typed)
        assert answer.context["weightless"]

    def test_the_front_page_leads_a_head_to_their_own_unit(self, cast, field, client_for):
        answer = client_for(cast.reza).get(reverse("reports:analysis"))
        assert [unit.code for unit in answer.context["units"]] == ["KHB"]
        chosen = client_for(cast.reza).get(reverse("reports:analysis"), {"call": field[0].pk})
        assert chosen["Location"] == reverse("reports:analysis_league", args=[field[0].pk])
        assert client_for(cast.reza).get(reverse("reports:analysis"), {"call": "99999"}).status_code == 404

    def test_every_chart_has_its_numbers_as_a_table(self, cast, field, client_for):
        for answer in (
            page(client_for, cast.laleh, "league", field[0]),
            client_for(cast.laleh).get(reverse("reports:analysis_unit", args=["KHB"])),
        ):
            text = words(answer)
            assert text.count("<canvas") == text.count('<figure class="chartbox">')
            assert text.count("<canvas") <= text.count('<details class="twin')
            assert text.count("<canvas") > 0


class TestStatements:
    """The first visit reads what is kept afterwards; from then on a page takes as many for one unit as for three."""

    @pytest.mark.parametrize(
        ("name", "query"),
        [("league", ""), ("indicators", ""), ("tree", ""), ("tree", "?indicator=CNT"), ("compare", ""), ("against", "")],
    )  # fmt: skip
    def test_as_many_at_one_row_as_at_three(self, cast, client_for, name, query):
        counts = []
        for many in (1, 3):
            call = _one_of(cast, many)
            if name == "compare":
                query = "?" + "&".join(f"unit={code}" for code in call.reports.values_list("unit__code", flat=True))
            address = f"{reverse(f'reports:analysis_{name}', args=[call.pk])}{query}"
            counts.append(statements(client_for(cast.laleh), address))
        assert counts[0] == counts[1] <= 12

    def test_a_league_of_any_size_takes_eleven(self, cast, field, client_for):
        assert statements(client_for(cast.laleh), reverse("reports:analysis_league", args=[field[0].pk])) <= 11

    def test_a_league_whose_intervals_wait_for_the_sweep_takes_no_more(self, cast, field, client_for, monkeypatch):
        monkeypatch.setattr("reports.queries.analysis.AT_ONCE", 1)
        client, address = client_for(cast.laleh), reverse("reports:analysis_league", args=[field[0].pk])
        assert [row.best for row in client.get(address).context["rows"]] == [None] * 6
        assert statements(client, address) <= 11

    def test_an_indicator_takes_as_many_for_any_field(self, cast, client_for):
        counts = []
        for many in (1, 3):
            address = reverse("reports:analysis_indicator", args=[_one_of(cast, many).pk, "CNT"])
            counts.append(statements(client_for(cast.laleh), address))
        assert counts[0] == counts[1] <= 16

    def test_a_profile_takes_as_many_for_any_field(self, cast, client_for):
        counts = []
        for many in (1, 3):
            code = _one_of(cast, many).reports.order_by("pk")[0].unit.code
            counts.append(statements(client_for(cast.laleh), reverse("reports:analysis_unit", args=[code])))
        assert counts[0] == counts[1] <= 12


def statements(client, address: str) -> int:
    """How many the second visit takes."""
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def _one_of(cast, many: int):
    cache.clear()
    from tests.factories import make_service

    units = [make_unit(f"S{n}" if many == 1 else f"T{n}", parent=cast.provider) for n in range(many)]
    call, units = field_call(cast, 0, units=units, service=make_service(cast, slug=f"of-{many}"))
    announce_field(cast, call, units, [GOOD] * many)
    return call


def test_a_membership_that_has_ended_shows_nothing_any_more(cast, field, client_for):
    from sajad_portal.lib.clock import database_now

    Membership.objects.filter(person=cast.reza).update(ends_at=database_now())
    assert page(client_for, cast.reza, "league", field[0]).status_code == 404

"""An objection by indicator: filed with figures, answered line by line, settled by one offer."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from reports.actions.objection_lines import LinesRefused, TypedAnswer, TypedLine, answer_objection
from reports.actions.objections import accept_result_offer, contest_result, offer_result
from reports.actions.results import announce_result
from reports.actions.review import TypedFinding
from reports.models import ObjectionLine, ResultVersion
from reports.queries import form_of
from reports.queries.objection_lines import at_stake, lines_of, total_with
from reports.queries.result_findings import ChangedFinding
from sajad_portal.lib.errors import Forbidden, Refused
from sla.models import Dispute, DisputeFile
from tests.calls import PDF, report_of
from tests.disputes import announced_report_with
from units.models import Event, Notice

HOUSING, WAITING, TIMELY = "HSG-01", "HSG-02", "MGT-01"
WHY = "فهرست اسکان را دوباره شمردیم."
STAND = TypedLine(figures={"numerator": "۷۵", "denominator": "100"}, reason=WHY)


@pytest.fixture
def report(cast, call):
    """Housing was verified as 40 of 100 where the unit claimed 80: 25 of 50 points, 71 of 100."""
    return announced_report_with(cast, call, verified={"numerator": "40", "denominator": "100"})


def contest(report, cast, *, lines=None, by=None, **given) -> Dispute:
    lines = {HOUSING: STAND} if lines is None else lines
    return contest_result(report=report, text=given.pop("text", ""), by=by or cast.reza, lines=lines, **given)


def answer(dispute, by, code=HOUSING, **given):
    return answer_objection(dispute=dispute, answers={code: TypedAnswer(**given)}, by=by)


class TestFiling:
    def test_a_line_keeps_the_figure_the_reason_and_the_file(self, cast, report):
        given = {HOUSING: TypedLine(STAND.figures, reason=WHY, file=SimpleUploadedFile("list.pdf", PDF))}
        dispute = contest(report, cast, lines=given, files=[SimpleUploadedFile("all.pdf", PDF)])
        line = lines_of(dispute)[0]
        assert (line.indicator, line.figures) == (HOUSING, {"numerator": "75", "denominator": "100"})
        assert (line.reason, line.file.name) == (WHY, "list.pdf")
        assert list(DisputeFile.objects.order_by("pk").values_list("name", flat=True)) == ["all.pdf", "list.pdf"]

    def test_without_other_words_the_thread_opens_with_the_lines(self, cast, report):
        assert contest(report, cast).messages.get().text == f"اسکان متقاضیان: {WHY}"

    def test_what_is_at_stake_is_what_the_line_would_move(self, cast, report):
        dispute = contest(report, cast)
        version = ResultVersion.objects.get()
        alone, together = at_stake(form_of(report.call.form_version), version, lines_of(dispute))
        # 75 of the standard 80 earn 46.875 of 50; 25 stand.
        assert (alone[HOUSING], together) == (Decimal("21.875"), Decimal("21.875"))

    def test_the_same_click_twice_is_one_objection(self, cast, report):
        assert contest(report, cast) == contest(report_of(report.call, cast.a), cast)
        assert (ObjectionLine.objects.count(), Dispute.objects.count()) == (1, 1)

    @pytest.mark.parametrize(
        "lines",
        [
            {HOUSING: TypedLine({"numerator": "76", "denominator": "100"}, reason=WHY)},
            {HOUSING: STAND, WAITING: TypedLine({"value": "7"}, reason="دلیل دیگر")},
            {},
        ],
    )
    def test_a_second_other_objection_is_not_swallowed(self, cast, report, lines):
        dispute = contest(report, cast)
        with pytest.raises(Refused) as refusal:
            contest(report_of(report.call, cast.a), cast, lines=lines, text=dispute.messages.get().text)
        assert refusal.value.code == "dispute-open"
        assert ObjectionLine.objects.count() == 1

    def test_the_expert_files_none(self, cast, report):
        with pytest.raises(Forbidden):
            contest(report, cast, by=cast.sara)

    def test_the_head_of_another_unit_files_none(self, cast, report):
        with pytest.raises(Forbidden):
            contest(report, cast, by=cast.kamran)

    def test_the_provider_stands_by_no_figure_of_the_unit(self, cast, report):
        with pytest.raises(Refused) as refusal:
            contest(report, cast, by=cast.laleh, text="ما معترضیم")
        assert refusal.value.code == "lines-of-the-unit"

    def test_after_the_window_nothing_is_stored(self, cast, report, clock):
        clock.move_to(report.objection_until)
        with pytest.raises(Refused) as refusal:
            contest(report_of(report.call, cast.a), cast)
        assert refusal.value.code == "objection-window-passed"
        assert not ObjectionLine.objects.exists()

    def test_a_code_that_the_form_does_not_have_is_refused(self, cast, report):
        with pytest.raises(Refused) as refusal:
            contest(report, cast, lines={"LON-01": STAND})
        assert refusal.value.code == "no-such-indicator"

    @pytest.mark.parametrize(
        ("line", "field"),
        [
            (TypedLine({"numerator": "75", "denominator": "100"}), "reason"),
            (TypedLine({"numerator": "abc", "denominator": "100"}, reason=WHY), "numerator"),
            (TypedLine({"numerator": "120", "denominator": "100"}, reason=WHY), "numerator"),
            (TypedLine({"numerator": "40", "denominator": "100"}, reason=WHY), "tick"),
            (TypedLine(STAND.figures, reason=WHY, file=SimpleUploadedFile("x.exe", b"MZ")), "file"),
        ],
    )
    def test_a_line_that_cannot_stand_says_where_and_stores_nothing(self, cast, report, line, field):
        with pytest.raises(LinesRefused) as refusal:
            contest(report, cast, lines={HOUSING: line})
        assert set(refusal.value.errors[HOUSING]) == {field}
        assert not Dispute.objects.exists()

    def test_an_excused_indicator_has_nothing_at_stake(self, cast, report):
        excuse = ChangedFinding(verified={"value": "8"}, reason="خوابگاه ندارد", not_applicable=True)
        announce_result(report=report, by=cast.laleh, changes={WAITING: excuse}, reason="بازبینی")
        with pytest.raises(LinesRefused) as refusal:
            contest(report_of(report.call, cast.a), cast, lines={WAITING: TypedLine({"value": "7"}, reason=WHY)})
        assert set(refusal.value.errors[WAITING]) == {"tick"}

    def test_a_missed_report_has_no_figure_to_stand_by(self, cast, call, clock):
        clock.move(days=4)
        announce_result(report=report_of(call, cast.a), by=cast.laleh)
        with pytest.raises(Refused) as refusal:
            contest(report_of(call, cast.a), cast)
        assert refusal.value.code == "no-figures"

    def test_that_it_was_on_time_can_be_held(self, cast, report):
        late = ChangedFinding(verified={"value": "0"}, reason="دیر رسید")
        announce_result(report=report, by=cast.laleh, changes={TIMELY: late}, reason="رسید دیر است")
        held = {TIMELY: TypedLine({"value": "1"}, reason="رسید ساعت ۱۰ است")}
        dispute = contest(report_of(report.call, cast.a), cast, lines=held)
        alone, _together = at_stake(form_of(report.call.form_version), dispute.objection.result, lines_of(dispute))
        assert alone == {TIMELY: 10}


class TestAnswering:
    @pytest.fixture
    def dispute(self, cast, report):
        return contest(report, cast)

    def test_the_provider_answers_and_the_head_is_told(self, cast, dispute):
        line = answer(dispute, cast.laleh, answer="refused", reason="مهر ندارد")[0]
        assert (line.answer, line.answer_reason, line.answered_by) == ("refused", "مهر ندارد", cast.laleh)
        told = Notice.objects.get(person=cast.reza, url__endswith="#lines", channel="portal")
        assert "۱ شاخص مورد اعتراض" in told.subject
        assert Event.objects.get(verb="answer_objection").data["lines"] == {HOUSING: "refused"}

    def test_it_decides_nothing(self, cast, report, dispute):
        answer(dispute, cast.laleh, answer="accepted")
        assert ResultVersion.objects.get().total == Decimal(71)
        assert Dispute.objects.get().outcome == ""

    @pytest.mark.parametrize("who", ["reza", "sara", "kamran", "omid", "nader", "stranger", "admin"])
    def test_nobody_else_answers(self, cast, dispute, who):
        with pytest.raises(Forbidden):
            answer(dispute, getattr(cast, who), answer="accepted")

    def test_the_same_click_twice_answers_once(self, cast, dispute):
        for _click in range(2):
            answer(dispute, cast.laleh, answer="refused", reason="مهر ندارد")
        assert Event.objects.filter(verb="answer_objection").count() == 1

    def test_another_answer_to_an_answered_line_is_refused(self, cast, dispute):
        answer(dispute, cast.laleh, answer="refused", reason="مهر ندارد")
        with pytest.raises(Refused) as refusal:
            answer(dispute, cast.laleh, answer="accepted")
        assert refusal.value.code == "answered-already"
        assert ObjectionLine.objects.get().answer == "refused"

    def test_the_database_refuses_another_answer_too(self, cast, dispute):
        answer(dispute, cast.laleh, answer="refused", reason="مهر ندارد")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            ObjectionLine.objects.update(answer="accepted")

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"answer": "refused"}, "reason"),
            ({"answer": "perhaps"}, "answer"),
            (
                {"answer": "partly", "reason": "تا حدی", "figures": {"numerator": "x", "denominator": "100"}},
                "numerator",
            ),
        ],
    )
    def test_an_answer_that_cannot_stand_says_where(self, cast, dispute, given, field):
        with pytest.raises(LinesRefused) as refusal:
            answer(dispute, cast.laleh, **given)
        assert set(refusal.value.errors[HOUSING]) == {field}

    def test_a_line_of_another_indicator_is_refused(self, cast, dispute):
        with pytest.raises(Refused) as refusal:
            answer(dispute, cast.laleh, code=WAITING, answer="accepted")
        assert refusal.value.code == "no-line"

    def test_after_the_month_nothing_is_answered(self, cast, dispute, clock):
        clock.move_to(dispute.final_at)
        with pytest.raises(Refused) as refusal:
            answer(dispute, cast.laleh, answer="accepted")
        assert refusal.value.code == "dispute-ended"

    def test_one_offer_settles_it_with_exactly_its_figures(self, cast, report, dispute):
        part = {"numerator": "60", "denominator": "100"}
        answer(dispute, cast.laleh, answer="partly", reason="۶۰ نفر مهر دارند", figures=part)
        offer = offer_result(
            dispute=dispute, typed={HOUSING: TypedFinding(verified=part)}, text="طبق فهرست مهردار", by=cast.laleh
        )
        version = accept_result_offer(offer=offer, by=cast.reza)
        line = lines_of(dispute)[0]
        assert line.answered_figures == part
        assert version.total == Decimal("83.5")
        assert total_with(form_of(report.call.form_version), version, {}) == Decimal("83.5")

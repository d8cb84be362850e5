"""What is asked about a figure that is not wrong: by a rule of the form, or because it is another one elsewhere."""

import pytest
from django.urls import reverse

from reports.actions.drafts import save_section
from reports.actions.submission import submit_report
from reports.pages.review.sheet import ReviewSheet
from reports.queries import report_for
from reports.queries.drafts import COMMENT, assess, collect
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.periods import regular
from tests.calls import published_call, report_of
from tests.factories import make_service
from tests.forms import FA, workbook
from units.models import Person

CHECK = ". <= 2 * ${one}"
WORDS = "ب بیش از دو برابر ${one} است."


def doubting_form(check=CHECK, form_id="doubts", figure="students"):
    def head(code):
        return {
            "bind::sajad:indicator": code,
            "bind::sajad:role": "value",
            "bind::sajad:weight": "1",
            "bind::sajad:standard": "1",
        }

    rows = [
        {"type": "begin_group", "name": "first", FA: "بخش نخست"},
        {"type": "integer", "name": "one", FA: "الف", **head("A")},
        {"type": "integer", "name": "all", FA: "دانشجو", **head("S"), "bind::sajad:figure": figure},
        {"type": "end_group", "name": "first"},
        {"type": "begin_group", "name": "second", FA: "بخش دوم"},
        {
            "type": "integer",
            "name": "two",
            FA: "ب",
            **head("B"),
            "bind::sajad:check": check,
            "bind::sajad:check_message": WORDS,
        },
        {"type": "integer", "name": "again", FA: "دانشجویان", **head("T"), "bind::sajad:figure": figure},
        {"type": "end_group", "name": "second"},
    ]
    headers = list(dict.fromkeys(key for row in rows for key in row))
    return workbook(rows, settings={"form_id": form_id}, survey_headers=headers)


@pytest.fixture
def service(cast):
    return make_service(cast)


def asked(cast, service, number=1, **given):
    period = regular("quarter", 1404, number)
    return published_call(
        cast, service=service, period_code=period.code, period_starts=period.starts, period_ends=period.ends,
        **{"form": doubting_form(), **given},
    )  # fmt: skip


def write(report, by, first=None, second=None, base=0):
    for section, changes in (("first", first), ("second", second)):
        if changes:
            save_section(report=report, section=section, base_version=base, changes=changes, by=by)
    return report


def sent(cast, service, answers, number=1, **given):
    report = report_of(asked(cast, service, number, **given), cast.a)
    write(report, cast.sara, *answers)
    submit_report(report=report, by=cast.reza)
    return report


def problems(report):
    found = assess(report, collect(report), database_now()).problems
    return [(p.kind, p.indicator, p.message) for p in found if p.kind == "comment"]


ALIKE = ({"one": "10", "all": "25000"}, {"two": "20", "again": "25000"})


class TestRulesOfTheForm:
    def test_what_does_not_hold_asks_for_a_comment_in_the_forms_words(self, cast, service):
        report = report_of(asked(cast, service), cast.a)
        write(report, cast.sara, {"one": "10", "all": "5"}, {"two": "21", "again": "5"})

        assert [found[:2] for found in problems(report)] == [("comment", "B")]
        assert "ب بیش از دو برابر ۱۰ است." in problems(report)[0][2]
        with pytest.raises(Refused):
            submit_report(report=report, by=cast.reza)

    def test_a_comment_answers_it_and_both_stay_with_the_revision(self, cast, service):
        report = report_of(asked(cast, service), cast.a)
        write(report, cast.sara, {"one": "10", "all": "5"}, {"two": "21", "again": "5", COMMENT + "B": "یک طرح تازه."})

        assert problems(report) == []
        revision = submit_report(report=report, by=cast.reza)
        assert [(d["kind"], d["indicator"], d["question"]) for d in revision.doubts] == [("check", "B", "two")]
        assert revision.answers[COMMENT + "B"] == "یک طرح تازه."

    def test_the_reviewer_reads_it(self, cast, service):
        report = report_of(asked(cast, service), cast.a)
        write(report, cast.sara, {"one": "10", "all": "5"}, {"two": "21", "again": "5", COMMENT + "B": "یک طرح تازه."})
        submit_report(report=report, by=cast.reza)
        at = database_now()
        report.refresh_from_db()
        sheet = ReviewSheet(report, cast.omid, at, code="B").sheet()

        assert sheet.doubts == ["ب بیش از دو برابر ۱۰ است."]
        assert ReviewSheet(report, cast.omid, at, code="A").sheet().doubts == []

    def test_what_holds_asks_nothing_and_is_kept_as_nothing(self, cast, service):
        report = sent(cast, service, ALIKE)

        assert report.revisions.get().doubts == []

    def test_an_indicator_that_does_not_apply_is_asked_about_by_none(self, cast, service):
        report = report_of(asked(cast, service), cast.a)
        write(report, cast.sara, {"one": "10", "all": "5"}, {"two": "21", "again": "5", "na:B": "نداریم"})

        assert problems(report) == []

    def test_the_value_of_the_period_before_is_known_to_it(self, cast, service):
        form = doubting_form(". <= 2 * sajad:earlier('B') and . <= 3 * sajad:earlier('one')")
        first = sent(cast, service, ALIKE, form=form)
        assert first.revisions.get().doubts == []
        report = report_of(published_again(cast, first), cast.a)

        write(report, cast.sara, {"one": "10", "all": "25000"}, {"two": "30", "again": "25000"})
        assert problems(report) == []
        write(report, cast.sara, None, {"two": "31"}, base=1)
        assert [found[1] for found in problems(report)] == ["B"]


def published_again(cast, report):
    """The next quarter on the same form version."""
    from reports.actions.calls import publish_call
    from reports.models import Call

    call, period = report.call, regular("quarter", 1404, 2)
    new = Call.objects.get(pk=call.pk)
    new.pk, new.state, new.published_at, new.published_by = None, "draft", None, None
    new.period_code, new.period_starts, new.period_ends = period.code, period.starts, period.ends
    new.opening_recorded_at, new.price_rials = None, call.price_rials
    new.save(force_insert=True)
    return publish_call(call=new, by=cast.laleh)


class TestTheSameFigure:
    def test_two_places_of_one_form_are_compared(self, cast, service):
        report = report_of(asked(cast, service), cast.a)
        write(report, cast.sara, {"one": "10", "all": "25000"}, {"two": "20", "again": "26000"})

        assert [found[:2] for found in problems(report)] == [("comment", "T")]
        message = problems(report)[0][2]
        assert all(words in message for words in ("۲۶٬۰۰۰", "۲۵٬۰۰۰", "دانشجو: دانشجو"))
        write(report, cast.sara, None, {COMMENT + "T": "سال تحصیلی تازه"}, base=1)
        revision = submit_report(report=report, by=cast.reza)
        assert [(d["kind"], d["indicator"]) for d in revision.doubts] == [("twice", "T")]

    def test_without_a_name_two_questions_are_two_figures(self, cast, service):
        report = report_of(asked(cast, service, form=doubting_form(figure="")), cast.a)
        write(report, cast.sara, {"one": "10", "all": "25000"}, {"two": "20", "again": "26000"})

        assert problems(report) == []

    def test_another_call_of_the_same_period_is_compared(self, cast, service):
        first = sent(cast, service, ALIKE)
        report = report_of(asked(cast, service, form=doubting_form(form_id="other"), title="فراخوان دوم"), cast.a)
        write(report, cast.sara, {"one": "10", "all": "26000"}, {"two": "20", "again": "26000"})

        assert [found[1] for found in problems(report)] == ["S"]
        assert first.call.title in problems(report)[0][2]
        assert "۲۵٬۰۰۰" in problems(report)[0][2]

    def test_what_was_sent_first_is_compared_too_once_the_other_is_sent(self, cast, service, client_for):
        """When it was written there was nothing to compare with: who reviews and reads it is told all the same."""
        first = sent(cast, service, ALIKE)
        page = client_for(cast.reza)
        assert self.told(first, cast.omid) == []
        answers = ({"one": "10", "all": "26000", COMMENT + "S": "پس از ثبت‌نام"}, {"two": "20", "again": "26000"})
        second = sent(cast, service, answers, form=doubting_form(form_id="other"), title="فراخوان دوم")

        [words] = self.told(first, cast.omid)

        assert all(part in words for part in ("۲۵٬۰۰۰", "۲۶٬۰۰۰", "فراخوان دوم"))
        assert words in page.get(reverse("reports:report", args=[first.tracking_code])).content.decode()
        assert len(self.told(second, cast.omid)) == 1  # what was asked then is not asked twice

    @staticmethod
    def told(report, person):
        fresh = report_for(person, report.tracking_code, database_now())
        return ReviewSheet(fresh, person, database_now(), code="S").sheet().doubts

    def test_an_indicators_own_part_is_a_figure_without_any_name(self, cast, service):
        sent(cast, service, ALIKE)
        report = report_of(asked(cast, service, form=doubting_form(form_id="other")), cast.a)
        write(report, cast.sara, {"one": "11", "all": "25000"}, {"two": "20", "again": "25000"})

        assert [found[1] for found in problems(report)] == ["A"]

    @pytest.mark.parametrize("case", ["another period", "another unit", "only a draft"])
    def test_what_is_not_the_units_own_word_on_that_period_is_not(self, cast, service, case):
        call = asked(cast, service, 2 if case == "another period" else 1)
        unit, by, head = (cast.b, cast.mina, cast.kamran) if case == "another unit" else (cast.a, cast.sara, cast.reza)
        other = write(report_of(call, unit), by, *ALIKE)
        if case != "only a draft":
            submit_report(report=other, by=head)
        report = report_of(asked(cast, service, form=doubting_form(form_id="other")), cast.a)
        write(report, cast.sara, {"one": "10", "all": "26000"}, {"two": "20", "again": "26000"})

        assert problems(report) == []


def test_a_revision_from_before_is_told_by_its_history_as_it_was(cast, service):
    report = sent(cast, service, ALIKE)
    report.refresh_from_db()
    sheet = ReviewSheet(report, Person.objects.get(pk=cast.omid.pk), database_now(), code="A")
    sheet.kept = None

    assert sheet.sheet().doubts == []

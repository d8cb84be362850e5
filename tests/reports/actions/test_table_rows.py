"""Rows of a table go by a key of their own: what two people do to one table at once, what is sent, corrected and compared."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reports.actions.drafts import save_section
from reports.actions.evidence import add_evidence
from reports.actions.submission import submit_report
from reports.actions.table_rows import add_row, copy_row, move_row, remove_row
from reports.models import DraftSection, Report, ReturnRound
from reports.pages.report.summary import changes_between, parts_of
from reports.queries import engine_of, form_of
from reports.queries.draft_progress import progress
from reports.queries.drafts import assess, collect, editable_names
from reports.xlsform.tables import MAX_ROWS, rows_written
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from tests.calls import PDF, published_call, report_of
from tests.tables import dormitory, save, table_form


@pytest.fixture
def report(cast) -> Report:
    return report_of(published_call(cast, form=table_form()), cast.a)


def fresh(report) -> Report:
    return report_of(report.call, report.unit)


def answers(report) -> dict[str, str]:
    return collect(fresh(report)).answers


def order(report, place="dorms") -> list[str]:
    return rows_written(answers(report)).get(place, [])


def version(report, section="dorms") -> int:
    return DraftSection.objects.get(report=report, section=section).version


def problems(report) -> list[tuple[str, str]]:
    found = assess(fresh(report), collect(fresh(report)), database_now()).problems
    return [(problem.question, problem.message) for problem in found]


def changed(report, before: dict[str, str]) -> list:
    form, now = form_of(report.call.form_version), database_now()
    return changes_between(form, (before, now), (collect(fresh(report)).flat(), now), engine_of(report))


# ------------------------------------------------------------------------------------------------ what rows count for
def test_sums_counts_and_numbers_follow_the_rows(report, cast):
    save(report, "about", cast.sara, most="500")
    dormitory(report, cast.sara, "یک", beds="40")
    two = dormitory(report, cast.sara, "دو", beds="60")
    three = dormitory(report, cast.sara, "سه", beds="5")
    move_row(report=report, table="dorms", row=three, up=True, by=cast.sara)
    remove_row(report=report, table="dorms", row=two, base_version=99, by=cast.sara)
    values = assess(fresh(report), collect(fresh(report)), database_now()).evaluation.values
    assert (values["all_beds"], values["many"], values[f"place@{three}"], values[f"so_far@{three}"]) == (
        "45",
        "2",
        "2",
        "45",
    )


def test_a_required_question_and_a_rule_of_a_row_hold_the_report_back(report, cast):
    save(report, "about", cast.sara, most="200")
    full, bare = dormitory(report, cast.sara, "یک", beds="300"), add_row(report=report, table="dorms", by=cast.sara)
    assert problems(report) == [
        (f"beds@{full}", "تخت‌های یک از ۲۰۰ بیشتر است."),
        (f"why@{full}", "هنوز پر نشده است"),
        (f"dorm@{bare}", "هنوز پر نشده است"),
    ]
    assessment = assess(fresh(report), collect(fresh(report)), database_now())
    assert [p.label for p in assessment.problems][2] == "خوابگاه‌ها، سطر ۲ · نام خوابگاه"
    (dorms,) = [item for item in progress(assessment) if item.page == "dorms"]
    assert (dorms.done, dorms.total, dorms.trouble) == (1, 4, True)
    with pytest.raises(Refused, match="۳"):
        submit_report(report=report, by=cast.reza)


def test_rows_that_a_number_asks_for_come_and_go_with_it_and_keep_what_was_in_them(report, cast):
    save(report, "about", cast.sara, span="3")
    save(report, "months", cast.sara, guests__n3="7")
    save(report, "about", cast.sara, span="2")
    values = assess(fresh(report), collect(fresh(report)), database_now()).evaluation
    assert values.rows["months"] == ("n1", "n2")
    save(report, "about", cast.sara, span="3")
    values = assess(fresh(report), collect(fresh(report)), database_now()).evaluation
    assert values.values["guests@n3"] == "7"


def test_a_number_beyond_what_a_table_holds_is_said_and_does_not_fill_the_page(report, cast):
    save(report, "about", cast.sara, span="100000")
    evaluation = assess(fresh(report), collect(fresh(report)), database_now()).evaluation
    assert len(evaluation.rows["months"]) == MAX_ROWS
    assert [name for name, _message in problems(report)] == ["table:months"]


# --------------------------------------------------------------------------------------------------- two people at once
def test_two_people_who_add_rows_at_once_both_keep_theirs(report, cast):
    base = 0
    one, two = (add_row(report=report, table="dorms", by=person) for person in (cast.sara, cast.reza))
    for person, row, name in ((cast.sara, one, "یک"), (cast.reza, two, "دو")):
        outcome = save(report, "dorms", person, base, **{f"dorm__{row}": name})
        assert not outcome.conflicts
    assert {answers(report)[f"dorm@{row}"] for row in order(report)} == {"یک", "دو"}


def test_two_people_in_one_row_disagree_about_a_cell_only(report, cast):
    row = dormitory(report, cast.sara, "یک")
    base = version(report)
    save(report, "dorms", cast.sara, base, **{f"beds__{row}": "10"})
    outcome = save(report, "dorms", cast.reza, base, **{f"beds__{row}": "20", f"dorm__{row}": "دو"})
    assert [(c.name, c.theirs, c.yours) for c in outcome.conflicts] == [(f"beds@{row}", "10", "20")]
    assert answers(report)[f"dorm@{row}"] == "دو"


def test_a_row_that_moved_keeps_what_a_colleague_writes_into_it(report, cast):
    one, two = dormitory(report, cast.sara, "یک"), dormitory(report, cast.sara, "دو")
    base = version(report)
    move_row(report=report, table="dorms", row=two, up=True, by=cast.sara)
    outcome = save(report, "dorms", cast.reza, base, **{f"beds__{one}": "11", f"beds__{two}": "22"})
    assert not outcome.conflicts
    assert [(answers(report)[f"dorm@{row}"], answers(report)[f"beds@{row}"]) for row in order(report)] == [
        ("دو", "22"), ("یک", "11"),
    ]  # fmt: skip


def test_a_row_in_which_a_colleague_wrote_meanwhile_is_not_taken_out(report, cast):
    row = dormitory(report, cast.sara, "یک")
    base = version(report)
    save(report, "dorms", cast.reza, base, **{f"beds__{row}": "10"})
    with pytest.raises(Refused) as refused:
        remove_row(report=report, table="dorms", row=row, base_version=base, by=cast.sara)
    assert (refused.value.code, order(report)) == ("row-changed", [row])
    remove_row(report=report, table="dorms", row=row, base_version=version(report), by=cast.sara)
    assert order(report) == []


def test_what_is_written_into_a_row_that_a_colleague_took_out_brings_the_row_back(report, cast):
    one, two = dormitory(report, cast.sara, "یک", beds="4"), dormitory(report, cast.sara, "دو")
    base = version(report)
    remove_row(report=report, table="dorms", row=one, base_version=base, by=cast.sara)
    save(report, "dorms", cast.reza, base, **{f"why__{one}": "گفتنی"})
    assert order(report) == [one, two]
    assert (answers(report)[f"why@{one}"], answers(report)[f"beds@{one}"]) == ("گفتنی", "4")


def test_a_row_that_was_never_there_takes_nothing(report, cast):
    outcome = save(report, "dorms", cast.sara, **{"dorm__zzzzzzzz": "یک", "dorm": "دو", "guests__n1.n2": "3"})
    assert (outcome.saved, answers(report)) == ({}, {})


def test_a_row_itself_is_no_answer_that_can_be_posted(report, cast):
    outcome = save_section(
        report=report, section="dorms", base_version=0, changes={"row:dorms@aaaaaaaa": "1"}, by=cast.sara
    )
    assert (outcome.saved, order(report)) == ({}, [])


# ---------------------------------------------------------------------------------------------------------- the verbs
def test_a_copy_stands_below_its_row_with_the_rows_in_it_and_without_its_files(report, cast):
    one, last = dormitory(report, cast.sara, "یک", beds="4"), dormitory(report, cast.sara, "دو")
    inner = add_row(report=report, table="rooms", around=one, by=cast.sara)
    save(report, "dorms", cast.sara, **{f"room__{inner}": "۱۰۱"})
    add_evidence(report=report, indicator=f"file:plan@{one}", upload=SimpleUploadedFile("n.pdf", PDF), by=cast.sara)
    copy = copy_row(report=report, table="dorms", row=one, by=cast.sara)
    assert order(report) == [one, copy, last]
    (copied,) = order(report, f"rooms@{copy}")
    found = answers(report)
    assert (found[f"dorm@{copy}"], found[f"beds@{copy}"], found[f"room@{copied}"]) == ("یک", "4", "۱۰۱")
    assert f"plan@{copy}" not in found


def test_rows_stay_in_order_however_often_they_move(report, cast):
    rows = [add_row(report=report, table="dorms", by=cast.sara) for _n in range(4)]
    for _n in range(60):
        rows = order(report)
        move_row(report=report, table="dorms", row=rows[-1], up=True, by=cast.sara)
        rows[-2:] = rows[:-3:-1]
        assert order(report) == rows
    move_row(report=report, table="dorms", row=rows[0], up=True, by=cast.sara)
    move_row(report=report, table="dorms", row=rows[-1], up=False, by=cast.sara)
    assert order(report) == rows


def test_a_full_table_takes_no_further_row(report, cast, monkeypatch):
    monkeypatch.setattr("reports.actions.table_rows.MAX_ROWS", 2)
    for _n in range(2):
        add_row(report=report, table="dorms", by=cast.sara)
    with pytest.raises(Refused) as refused:
        add_row(report=report, table="dorms", by=cast.sara)
    assert refused.value.code == "too-many-rows"


@pytest.mark.parametrize("table", ["months", "kinds", "nowhere"])
def test_nobody_adds_rows_to_a_table_that_has_its_own(report, cast, table):
    with pytest.raises(Refused) as refused:
        add_row(report=report, table=table, by=cast.sara)
    assert refused.value.code == "no-table"


def test_a_row_inside_a_row_that_is_gone_cannot_be_added(report, cast):
    row = dormitory(report, cast.sara)
    remove_row(report=report, table="dorms", row=row, base_version=99, by=cast.sara)
    for around in (row, "", "zzzzzzzz"):
        with pytest.raises(Refused) as refused:
            add_row(report=report, table="rooms", around=around, by=cast.sara)
        assert refused.value.code == "no-row"


def test_only_the_units_own_people_change_its_rows(report, cast):
    for person in (cast.mina, cast.omid, cast.nader):
        with pytest.raises(Forbidden):
            add_row(report=report, table="dorms", by=person)


# -------------------------------------------------------------------------------------------------- sent, read, compared
def test_what_is_sent_has_its_rows_and_nothing_of_those_taken_out(report, cast):
    save(report, "about", cast.sara, most="500")
    kept, gone = dormitory(report, cast.sara, "یک", beds="40"), dormitory(report, cast.sara, "دو", beds="60")
    for row in (kept, gone):
        add_evidence(report=report, indicator=f"file:plan@{row}", upload=SimpleUploadedFile("n.pdf", PDF), by=cast.sara)
    remove_row(report=report, table="dorms", row=gone, base_version=99, by=cast.sara)
    revision = submit_report(report=report, by=cast.reza)
    plan = revision.evidence[0]["id"]
    assert revision.answers == {
        "most": "500", f"row:dorms@{kept}": "1", f"dorm@{kept}": "یک", f"beds@{kept}": "40", f"plan@{kept}": str(plan),
    }  # fmt: skip
    assert [item["indicator"] for item in revision.evidence] == [f"file:plan@{kept}"]
    assert (revision.values["all_beds"], revision.values[f"so_far@{kept}"]) == ("40", "40")


def test_the_report_is_read_table_by_table(report, cast):
    row = dormitory(report, cast.sara, "یک", beds="40")
    inner = add_row(report=report, table="rooms", around=row, by=cast.sara)
    save(report, "dorms", cast.sara, **{f"room__{inner}": "۱۰۱"})
    parts = {part.section: part for part in parts_of(assess(fresh(report), collect(fresh(report)), database_now()))}
    dorms, rooms = parts["dorms"].tables
    assert dorms.heads == ["نام خوابگاه", "تخت‌های …", "چرا این همه", "نقشه"]
    assert [(row.label, [cell.text for cell in row.cells]) for row in dorms.rows] == [
        ("خوابگاه‌ها، سطر ۱: یک", ["یک", "۴۰", "—", "—"])
    ]
    assert [row.label for row in rooms.rows] == ["یک · اتاق‌ها، سطر ۱: ۱۰۱"]
    assert parts["dorms"].answers == []
    assert [row.label for row in parts["kinds"].tables[0].rows] == ["کارکنان، سطر ۱: نگهبان", "کارکنان، سطر ۲: آشپز"]


def test_what_changed_is_told_row_by_row_and_a_move_as_a_move(report, cast):
    one, two = dormitory(report, cast.sara, "یک", beds="4"), dormitory(report, cast.sara, "دو", beds="5")
    before = collect(fresh(report)).flat()
    move_row(report=report, table="dorms", row=two, up=True, by=cast.sara)
    assert [(c.label, c.old, c.new) for c in changed(report, before)] == [
        ("خوابگاه‌ها، سطر ۱: دو", "جای ۲", "جای ۱"),
    ]  # fmt: skip
    save(report, "dorms", cast.sara, **{f"beds__{one}": "6"})
    remove_row(report=report, table="dorms", row=two, base_version=99, by=cast.sara)
    dormitory(report, cast.sara, "سه")
    changes = changed(report, before)
    assert [(c.section, c.label, c.old, c.new) for c in changes] == [
        ("خوابگاه‌ها", "خوابگاه‌ها، سطر ۱: یک · تخت‌های …", "۴", "۶"),
        ("خوابگاه‌ها", "خوابگاه‌ها، سطر ۲: دو", "نام خوابگاه: دو؛ تخت‌های …: ۵", ""),
        ("خوابگاه‌ها", "خوابگاه‌ها، سطر ۲: سه", "", "نام خوابگاه: سه"),
    ]


# -------------------------------------------------------------------------------------------------------------- returns
def returned(report, cast, remarks) -> Report:
    """As `return_for_correction` leaves it, with remarks on rows."""
    at = database_now()
    due = at.replace(year=at.year + 1)
    ReturnRound.objects.create(
        report=report, number=1, remarks=remarks, returned_at=at, returned_by=cast.omid, due_at=due
    )
    Report.objects.filter(pk=report.pk).update(state="returned", correction_due_at=due, correction_round=1)
    return fresh(report)


def test_a_remark_on_a_row_lets_that_row_change_and_no_other(report, cast):
    save(report, "about", cast.sara, most="500")
    one, two = dormitory(report, cast.sara, "یک", beds="4"), dormitory(report, cast.sara, "دو", beds="5")
    submit_report(report=report, by=cast.reza)
    report = returned(report, cast, {f"row:dorms@{one}": "تخت‌ها را بازبینید"})
    outcome = save(report, "dorms", cast.sara, **{f"beds__{one}": "8", f"beds__{two}": "9"})
    assert set(outcome.errors) == {f"beds@{two}"}
    inner = add_row(report=report, table="rooms", around=one, by=cast.sara)
    save(report, "dorms", cast.sara, **{f"room__{inner}": "۱"})
    for around, table in (("", "dorms"), (two, "rooms")):
        with pytest.raises(Refused) as refused:
            add_row(report=report, table=table, around=around, by=cast.sara)
        assert refused.value.code == "not-remarked"
    revision = submit_report(report=report, by=cast.reza)
    assert (revision.answers[f"beds@{one}"], revision.answers[f"beds@{two}"], revision.answers[f"room@{inner}"]) == (
        "8",
        "5",
        "۱",
    )


def test_a_remark_on_a_table_lets_rows_come_and_go(report, cast):
    save(report, "about", cast.sara, most="500")
    one = dormitory(report, cast.sara, "یک", beds="4")
    submit_report(report=report, by=cast.reza)
    report = returned(report, cast, {"table:dorms": "یکی کم است"})
    assert "row:dorms@zzzzzzzz" in editable_names(report, form_of(report.call.form_version))
    two = dormitory(report, cast.sara, "دو", beds="3")
    remove_row(report=report, table="dorms", row=one, base_version=99, by=cast.sara)
    revision = submit_report(report=report, by=cast.reza)
    assert (revision.values["all_beds"], f"dorm@{one}" in revision.answers) == ("3", False)
    assert revision.answers[f"dorm@{two}"] == "دو"

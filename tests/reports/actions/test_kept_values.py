"""What a form keeps of its own beside answers: first values of once(), and what a trigger calculates, from draft to revision."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reports.actions.drafts import save_section
from reports.actions.evidence import add_evidence
from reports.actions.forms import import_form
from reports.actions.submission import submit_report
from reports.queries.drafts import collect
from sajad_portal.lib.errors import Refused
from tests.calls import accept, published_call, report_of
from tests.forms import FA, workbook
from tests.xls import xls

ROWS = [
    {"type": "begin_group", "name": "g", FA: "بخش"},
    {"type": "text", "name": "a", FA: "الف"},
    {"type": "text", "name": "b", FA: "ب"},
    {"type": "calculate", "name": "drawn", FA: "قرعه", "calculation": "once(uuid())"},
    {"type": "calculate", "name": "first", FA: "نخستین", "calculation": "once(${a})"},
    {"type": "image", "name": "photo", FA: "تصویر"},
    {"type": "end_group"},
    {"type": "begin_group", "name": "h", FA: "بخش دیگر"},
    {"type": "calculate", "name": "then", FA: "آنگاه", "calculation": "concat(${a}, ${b})", "trigger": "${b}"},
    {"type": "text", "name": "c", FA: "ج"},
    {"type": "end_group"},
]


@pytest.fixture
def report(cast):
    return report_of(published_call(cast, form=workbook(ROWS)), cast.a)


def save(report, cast, section="g", base=0, **changes):
    return save_section(report=report, section=section, base_version=base, changes=changes, by=cast.sara)


def test_what_the_form_draws_and_keeps_is_in_the_draft_and_nobody_can_post_it(report, cast):
    save(report, cast, a="x", drawn="mine", first="mine", then="mine")
    kept = collect(report).answers
    assert (len(kept["drawn"]), kept["first"], kept.get("then")) == (36, "x", None)

    save(report, cast, base=1, a="y", b="z")
    later = collect(report).answers
    assert (later["drawn"], later["first"], later["then"]) == (kept["drawn"], "x", "yz")

    save(report, cast, base=2, a="w")
    assert collect(report).answers["then"] == "yz"


def test_a_kept_value_is_no_conflict_for_whoever_writes_its_section(report, cast):
    save(report, cast, a="x", b="z")
    assert save(report, cast, section="h", c="1").conflicts == []
    assert collect(report).answers["then"] == "xz"


def test_a_revision_says_what_the_draft_said(report, cast):
    save(report, cast, a="x", b="z")
    accept(report.call, cast.a, cast.reza)
    kept = collect(report).answers
    values = submit_report(report=report, by=cast.reza).values
    assert {name: values[name] for name in ("drawn", "first", "then")} == {
        name: kept[name] for name in ("drawn", "first", "then")
    }


def test_a_picture_is_no_table(report, cast):
    with pytest.raises(Refused, match="تصویر"):
        add_evidence(
            report=report, indicator="file:photo", upload=SimpleUploadedFile("a.csv", b"a,b\n1,2\n"), by=cast.sara
        )
    assert collect(report).evidence == []


def test_an_old_workbook_comes_back_under_its_own_ending(cast):
    data = xls({"survey": [["type", "name", "label"], ["text", "a", "الف"]], "settings": [["form_id"], ["old"]]})
    version = import_form(data=data, name="guide.xls", by=cast.laleh)
    assert (version.workbook_name, version.workbook.name[-4:], version.workbook.read()) == ("guide.xls", ".xls", data)

"""The page on which a coordinator says what a form measures."""

import pytest

from reports.actions.forms import import_form
from reports.models import FormVersion
from reports.queries import form_of
from tests.calls import published_call
from tests.forms import small_form
from tests.reports.xlsform.test_overlay import foreign
from units.models import Event

LINE = {
    "i-0-value": "taken", "i-0-of": "all", "i-0-code": "BED-01", "i-0-weight": "۶۰", "i-0-standard": "80",
    "i-0-direction": "up", "i-0-unit": "٪", "i-0-score": "default", "i-0-evidence": "فهرست",
}  # fmt: skip
FORMS = {"i-TOTAL_FORMS": "3", "i-INITIAL_FORMS": "0"}


@pytest.fixture
def version(cast) -> FormVersion:
    return import_form(data=foreign(), name="foreign.xlsx", by=cast.laleh)


def post(client, version, **lines):
    return client.post(f"/forms/{version.pk}/overlay/", {**FORMS, **LINE, **lines})


def test_a_coordinator_lays_an_indicator_over_a_foreign_form(version, cast, client_for):
    answer = post(client_for(cast.laleh), version)

    made = FormVersion.objects.get(number=2)
    assert answer.headers["Location"] == f"/forms/{made.pk}/"
    assert [(each.code, each.weight, each.scale) for each in form_of(made).indicators] == [("BED-01", "60", "100")]
    assert (made.base, made.overlay["BED-01"]["of"]) == (version, "all")
    assert made.workbook.read() != version.workbook.read()
    assert Event.objects.get(verb="import_form", key=made.pk).data["laid_over"] == version.pk


def test_the_workbook_of_its_own_comes_back_through_the_import_as_the_same_version(version, cast, client_for):
    post(client_for(cast.laleh), version)
    made = FormVersion.objects.get(number=2)

    assert import_form(data=made.workbook.read(), name=made.workbook_name, by=cast.laleh) == made


def test_the_page_of_the_new_version_shows_what_was_laid_and_an_untouched_save_changes_nothing(
    version, cast, client_for
):
    client = client_for(cast.laleh)
    post(client, version)
    made = FormVersion.objects.get(number=2)

    lines = client.get(f"/forms/{made.pk}/overlay/").context["lines"]
    shown = {name: lines.forms[0][name].value() for name in ("code", "value", "of", "weight", "standard", "unit")}
    assert shown == {"code": "BED-01", "value": "taken", "of": "all", "weight": "60", "standard": "80", "unit": "٪"}
    post(client, made, **{"i-TOTAL_FORMS": "4", "i-INITIAL_FORMS": "1", "i-0-scale": "100", "i-0-aggregate": "ratio"})
    assert FormVersion.objects.count() == 2


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"i-0-code": ""}, "code"),
        ({"i-0-weight": ""}, "weight"),
        ({"i-0-weight": "سنگین"}, "weight"),
        ({"i-0-weight": "-5"}, "weight"),
        ({"i-0-standard": ""}, "standard"),
        ({"i-0-standard": "0"}, "standard"),
        ({"i-0-value": ""}, "value"),
        ({"i-0-of": "taken"}, "of"),
        ({"i-0-score": "linear"}, "floor"),
        ({"i-0-score": "bands"}, "bands"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_stored(version, cast, client_for, changed, name):
    answer = post(client_for(cast.laleh), version, **changed)

    assert (answer.status_code, list(answer.context["lines"].forms[0].errors)) == (422, [name])
    assert FormVersion.objects.count() == 1


def test_two_lines_with_one_code_or_one_question_are_refused(version, cast, client_for):
    second = {f"i-1-{name.removeprefix('i-0-')}": value for name, value in LINE.items()}

    answer = post(client_for(cast.laleh), version, **second)

    assert set(answer.context["lines"].forms[1].errors) == {"code", "value", "of"}


def test_an_opened_call_keeps_its_version(cast, client_for):
    call = published_call(cast)
    client = client_for(cast.laleh)
    page = client.get(f"/forms/{call.form_version_id}/overlay/")
    body = {
        f"i-{n}-{name}": form[name].value() or ""
        for n, form in enumerate(page.context["lines"].forms)
        for name in form.fields
    }
    total = {"i-TOTAL_FORMS": len(page.context["lines"].forms), "i-INITIAL_FORMS": len(page.context["lines"].initial)}

    client.post(f"/forms/{call.form_version_id}/overlay/", {**body, **total, "i-0-weight": "33"})

    call.refresh_from_db()
    made = FormVersion.objects.get(number=2)
    assert (call.form_version.number, form_of(call.form_version).own_indicator("HSG-01").weight) == (1, "50")
    assert form_of(made).own_indicator("HSG-01").weight == "33"
    assert page.context["opened"]


@pytest.mark.parametrize("person", ["sara", "nader", "admin"])
def test_the_page_is_for_coordinators(version, cast, client_for, person):
    assert client_for(getattr(cast, person)).get(f"/forms/{version.pk}/overlay/").status_code in {403, 404}


def test_a_form_without_numbers_says_that_nothing_can_be_measured(cast, client_for):
    from tests.forms import workbook

    version = import_form(data=workbook([{"type": "text", "name": "q", "label": "پرسش"}]), name="a.xlsx", by=cast.laleh)

    page = client_for(cast.laleh).get(f"/forms/{version.pk}/overlay/")

    assert (page.context["measurable"], page.status_code) == ([], 200)


def test_a_sample_form_is_shown_with_all_that_it_measures(cast, client_for):
    version = import_form(data=small_form(), name="small.xlsx", by=cast.laleh)

    lines = client_for(cast.laleh).get(f"/forms/{version.pk}/overlay/").context["lines"]

    assert [form["code"].value() for form in lines.forms if form["code"].value()] == ["HSG-01", "HSG-02", "WLF-01"]

"""Nobody in a unit's line learns who judges it: every page, every file and every notice, read by people in the line."""

import io
import re
import zipfile

import pytest
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404

from reports.actions.exports import make_export, request_export
from reports.models import Call, Export
from reports.pages.export_files import MAKERS
from reports.queries.reviewers import overview
from reports.rules.exports import PERIOD_XLSX, REPORTS_CSV, REPORTS_JSONL, REPORTS_XLSX
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from tests.factories import make_membership, make_person
from units.enums import Role
from units.models import Notice, Person

from .doors import every_path
from .world import World, make_world

pytestmark = pytest.mark.django_db
NAME = "رحیمی"  # Omid's, who reviews whatever is reviewed in this world
# Who works in one's own unit is no secret; Omid works at the provider.
COLLEAGUES = re.compile(r'<section class="[^"]*" id="colleagues".*?</section>', re.DOTALL)
OPTION = re.compile(r"<option\b.*?</option>", re.DOTALL)  # who could review is offered to whoever assigns


@pytest.fixture
def world(cast) -> World:
    return make_world(cast)


def coordinator_in_line(world: World) -> Person:
    """Coordinates at the provider, and reports for unit A."""
    person = make_person("farzaneh", "فرزانه داور")
    make_membership(person, world.cast.provider, Role.COORDINATOR)
    make_membership(person, world.cast.a, Role.REPORTER)
    return person


def reporter_above(world: World) -> Person:
    person = make_person("above", "بالا دست")
    make_membership(person, world.cast.provider, Role.HEAD)
    return person


def text_of(response) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if isinstance(response, FileResponse) or body.startswith(b"PK"):
        return text_of_file(body)
    return COLLEAGUES.sub("", OPTION.sub("", body.decode(errors="replace")))


def text_of_file(body: bytes) -> str:
    if not body.startswith(b"PK"):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        return "\n".join(parts.read(name).decode(errors="replace") for name in parts.namelist())


def places_with_the_name(world: World, person: Person, client) -> list[str]:
    """Addresses, files and notices in which this person reads the name of who judges the unit."""
    found = []
    for path in every_path(world):
        if path.startswith(("/sign-out", "/language")):
            continue
        response = client.get(path)
        if response.status_code == 200 and NAME in text_of(response):
            found.append(path)
    for kind in (REPORTS_CSV, REPORTS_XLSX, REPORTS_JSONL, PERIOD_XLSX):
        parameters = {"call": world.calls["announced"].pk}
        try:
            export = request_export(kind=kind, parameters=parameters, language="fa", by=person)
        except (Refused, Http404):  # not everybody may have every file
            continue
        make_export(export.pk, MAKERS)
        with default_storage.open(Export.objects.get(pk=export.pk).file.name) as file:
            if NAME in text_of_file(file.read()):
                found.append(kind)
    notices = Notice.objects.filter(person=person)
    return found + [n.subject for n in notices if NAME in n.subject + n.body]


@pytest.mark.full
@pytest.mark.parametrize("who", ["reza", "coordinator", "above"])
def test_nobody_in_the_line_reads_who_judges_the_unit(who, world, client_for):
    makers = {"coordinator": coordinator_in_line, "above": reporter_above}
    person = makers[who](world) if who in makers else getattr(world.cast, who)

    assert places_with_the_name(world, person, client_for(person)) == []


@pytest.mark.full
def test_the_walk_finds_the_name_where_the_call_shows_it_after_the_announcement(world, client_for):
    Call.objects.filter(pk__in=[call.pk for call in world.calls.values()]).update(shows_reviewers=True)
    shown = places_with_the_name(world, world.cast.reza, client_for(world.cast.reza))

    announced = {world.reports[name].tracking_code for name in ("announced", "contested")}
    assert f"/reports/{world.reports['announced'].tracking_code}/result/" in shown
    # Nothing before the announcement: neither of what is under review, nor of what came back.
    assert [path for path in shown if not any(code in path for code in announced)] == []


def test_who_is_outside_the_line_reads_it(world, client_for):
    laleh = client_for(world.cast.laleh)

    for path in (
        f"/calls/{world.calls['reviewing'].pk}/reviewers/",
        f"/reports/{world.reports['returned'].tracking_code}/",
        f"/reports/{world.reports['announced'].tracking_code}/result/",
    ):
        assert NAME in text_of(laleh.get(path)), path


def test_the_totals_of_a_call_are_the_same_for_a_reader_in_the_line(world):
    call, at = world.calls["reviewing"], database_now()

    inside = overview(call, "fa", at, coordinator_in_line(world))
    outside = overview(call, "fa", at, world.cast.laleh)

    assert (inside.whole, inside.coverage) == (outside.whole, outside.coverage)
    assert [row.load for row in inside.loads] == [row.load for row in outside.loads]
    assert [row.reviewer for row in inside.loads] == [None]
    assert [row.reviewer for row in outside.loads] == [world.cast.omid]

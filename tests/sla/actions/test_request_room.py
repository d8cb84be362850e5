"""Room for the files of a unit's general requests: who hears that there is none, who gives more, that it holds at once."""

import pytest

from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.request_room import raise_request_room, record_no_request_room
from sla.actions.requests import draft_request
from sla.models import RequestRoom, RequestType
from sla.queries.requests import room_limits
from tests.factories import make_membership
from tests.general import WHY, a_pdf, make_general_type
from units.enums import Role
from units.models import Event, Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind(cast, settings) -> RequestType:
    settings.EVIDENCE_UNIT_MB, settings.EVIDENCE_UNIT_FILES = 1, 1
    kind = make_general_type(cast)
    draft_request(unit=cast.a, request_type=kind, reason=WHY, by=cast.sara, files=[a_pdf()])
    return kind


def draft_another(cast, kind):
    return draft_request(unit=cast.a, request_type=kind, reason=WHY, by=cast.sara, files=[a_pdf()])


def told(verb: str) -> set:
    return set(Notice.objects.filter(event__verb=verb).values_list("person__username", flat=True))


def test_more_room_holds_at_once_and_the_unit_is_told(cast, kind):
    with pytest.raises(Refused) as full:
        draft_another(cast, kind)
    assert full.value.code == "no-room"
    record_no_request_room(unit=cast.a, service=kind.service, by=cast.sara)

    raise_request_room(unit=cast.a, mb=2, files=2, by=cast.laleh)

    assert draft_another(cast, kind).files.count() == 1
    assert (room_limits(cast.a), room_limits(cast.b)) == ((2, 2), (1, 1))
    assert RequestRoom.objects.get().reached_at is None
    assert told("give_room") == {"sara", "reza"}
    event = Event.objects.get(verb="give_room")
    assert (event.data, event.membership) == ({"before": [1, 1], "after": [2, 2]}, cast.membership(cast.laleh))


def test_the_coordinators_hear_once_that_there_is_none(cast, kind):
    for _again in range(3):
        record_no_request_room(unit=cast.a, service=kind.service, by=cast.sara)

    assert told("lack_room") == {"laleh"}
    assert Notice.objects.filter(event__verb="lack_room", channel="portal").count() == 1
    raise_request_room(unit=cast.a, mb=2, files=2, by=cast.laleh)
    record_no_request_room(unit=cast.a, service=kind.service, by=cast.sara)
    assert Notice.objects.filter(event__verb="lack_room", channel="portal").count() == 2


def test_a_second_click_changes_nothing_and_less_is_refused(cast, kind):
    raise_request_room(unit=cast.a, mb=3, files=3, by=cast.laleh)
    raise_request_room(unit=cast.a, mb=3, files=3, by=cast.laleh)
    assert Event.objects.filter(verb="give_room").count() == 1

    for mb, files in ((2, 3), (3, 2)):
        with pytest.raises(Refused) as less:
            raise_request_room(unit=cast.a, mb=mb, files=files, by=cast.laleh)
        assert less.value.code == "less-room"


def test_what_every_unit_has_is_never_less_than_what_one_was_given(cast, kind, settings):
    raise_request_room(unit=cast.a, mb=3, files=3, by=cast.laleh)
    settings.EVIDENCE_UNIT_MB, settings.EVIDENCE_UNIT_FILES = 9, 9

    assert room_limits(cast.a) == (9, 9)


@pytest.mark.parametrize("name", ["sara", "reza", "kamran", "omid", "nader", "stranger"])
def test_nobody_gives_room_but_who_decides_about_the_units_requests(cast, kind, name):
    with pytest.raises(Forbidden):
        raise_request_room(unit=cast.a, mb=2, files=2, by=getattr(cast, name))


def test_who_is_in_the_units_line_gives_none_and_an_administrator_does(cast, kind):
    make_membership(cast.laleh, cast.a, Role.REPORTER)
    with pytest.raises(Forbidden):
        raise_request_room(unit=cast.a, mb=2, files=2, by=cast.laleh)

    raise_request_room(unit=cast.a, mb=2, files=2, by=cast.admin)

    assert room_limits(cast.a) == (2, 2)

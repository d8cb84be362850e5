"""The trail of units and people in sentences."""

import pytest

from sajad_portal.lib.clock import database_now
from tests.people import Cast
from units.actions.imports import import_units
from units.pages.history import told
from units.queries.events import events_of_unit

pytestmark = pytest.mark.django_db


def test_a_name_that_came_with_a_file_is_told_as_any_other(cast: Cast):
    was = cast.a.name
    rows = f"code,name,kind,parent_code\nKHB,اداره کل اسکان,{cast.a.kind},ORG\n"
    import_units(data=rows.encode(), by=cast.admin)

    lines = told(events_of_unit(cast.a).filter(verb="rename"), cast.admin, database_now(), manages=True)

    assert [line.note for line in lines] == [f"نام: از «{was}» به «اداره کل اسکان»"]

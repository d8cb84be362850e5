"""A coordinator takes the empty workbooks of all units at once; each unit fills in and brings its own."""

import io
import zipfile

import pytest
from openpyxl import load_workbook

from reports.actions.drafts import save_section
from reports.queries.drafts import collect
from reports.rules.exports import EMPTY_WORKBOOKS
from sajad_portal.lib.errors import Forbidden
from tests.calls import published_call, report_of
from tests.exports import made
from tests.workbooks import bring, packed, place_of, store


def books(cast, call) -> dict:
    export = made(cast.laleh, EMPTY_WORKBOOKS, call=call.pk)
    with zipfile.ZipFile(io.BytesIO(export.file.read())) as archive:
        return {name.partition("-")[0]: load_workbook(io.BytesIO(archive.read(name))) for name in archive.namelist()}


def test_every_unit_has_one_and_none_holds_anything_of_a_draft(cast):
    call = published_call(cast)
    report = report_of(call, cast.a)
    save_section(report=report, section="housing", base_version=0, changes={"housed": "4321"}, by=cast.sara)
    found = books(cast, call)
    assert sorted(found) == sorted([cast.a.code, cast.b.code])
    texts = [str(cell.value) for book in found.values() for sheet in book for row in sheet for cell in row]
    assert not [text for text in texts if "4321" in text]


def test_a_unit_brings_the_one_that_was_handed_to_it_and_what_it_wrote_meanwhile_stays(cast, client_for):
    call = published_call(cast)
    report = report_of(call, cast.a)
    book = books(cast, call)[cast.a.code]
    save_section(report=report, section="housing", base_version=0, changes={"housed": "70"}, by=cast.sara)
    place_of(book, "eligible").value = 100
    place_of(book, "housed").value = 80
    sara = client_for(cast.sara)
    shown = bring(sara, report, packed(book))
    (clash,) = shown.context["difference"].clashes
    store(sara, report, shown, **{"choose:housed": f"theirs@{clash.version}"})
    assert collect(report_of(call, cast.a)).answers == {"housed": "70", "eligible": "100"}
    assert bring(client_for(cast.laleh), report, packed(book)).status_code == 403


def test_only_who_manages_the_call_orders_them(cast):
    call = published_call(cast)
    for person in (cast.sara, cast.omid, cast.nader, cast.stranger):
        with pytest.raises(Forbidden):
            made(person, EMPTY_WORKBOOKS, call=call.pk)

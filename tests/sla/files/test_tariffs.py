"""A workbook of tariffs is read within bounds."""

import io

import pytest
from openpyxl import Workbook

from sla.files import tariffs
from sla.files.tariffs import read_tariffs
from units.files.units import FileRefused


def test_a_workbook_of_too_many_cells_is_refused_before_it_is_loaded(monkeypatch):
    monkeypatch.setattr(tariffs, "load_workbook", lambda *_args, **_more: pytest.fail("it was loaded"))
    monkeypatch.setattr(tariffs, "MAX_ELEMENTS", 20)
    book, out = Workbook(), io.BytesIO()
    book.active.append([None] * 50)
    book.active.append(list(range(50)))
    book.save(out)
    with pytest.raises(FileRefused) as refused:
        read_tariffs(out.getvalue(), [])
    assert len(refused.value.problems) == 1

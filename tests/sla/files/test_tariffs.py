"""A file of tariffs, read: what is wrong in it is told with its limit."""

import pytest

from sajad_portal.lib.tables import FileRefused
from sla.files.tariffs import read_tariffs
from tests.factories import make_service


def test_how_long_a_deposit_id_may_be_is_told(cast):
    types = make_service(cast).request_types.all()

    def read(deposit_id: str):
        return read_tariffs(f"request_type,rials,deposit_id,note\nperiodic-report,1,{deposit_id},\n".encode(), types)

    assert [row.deposit_id for row in read("1" * 30)] == ["1" * 30]
    with pytest.raises(FileRefused) as refusal:
        read("1" * 31)
    assert "حداکثر ۳۰ رقم" in refusal.value.problems[0].message

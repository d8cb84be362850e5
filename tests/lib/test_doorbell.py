"""Waking a worker."""

import pytest

from sajad_portal.lib.doorbell import ring


class Bell:
    name = "reports.tasks.make_exports"

    def __init__(self, trouble=None):
        self.trouble, self.rung = trouble, 0

    def delay(self):
        self.rung += 1
        if self.trouble:
            raise self.trouble


def test_it_asks_for_one_run():
    ring(bell := Bell())
    assert bell.rung == 1


@pytest.mark.parametrize("trouble", [OSError("no route"), ValueError("no such transport")])
def test_a_broker_that_does_not_answer_is_told_of_and_harms_nobody(trouble, caplog):
    ring(Bell(trouble))
    assert "reports.tasks.make_exports" in caplog.text

"""How far a seat reaches: a Q over paths of units."""

from tests.factories import make_membership, make_person, make_unit
from units.enums import Role
from units.models import Unit
from units.queries import reach


def test_a_seat_reaches_below_its_unit_and_not_a_unit_whose_id_ends_like_it(db):
    """Paths are matched from their beginning: “7.” stands in “17.” too."""
    mine, other = make_unit("U-7", id=7), make_unit("U-17", id=17)
    below = make_unit("U-8", id=8, parent=mine)
    make_membership(person := make_person(), mine, Role.AUDITOR)

    assert (mine.path, other.path) == ("7.", "17.")
    assert set(Unit.objects.filter(reach(person))) == {mine, below}
    assert set(Unit.objects.under(mine)) == {mine, below}

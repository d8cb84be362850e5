"""The tree: made, renamed, moved, retired, merged. History keeps what was."""

import pytest

from sajad_portal.lib.errors import Forbidden, Refused
from tests.factories import make_unit
from units.actions.units import create_unit, move_unit, reinstate_unit, rename_unit, retire_unit
from units.models import Event, Unit

pytestmark = pytest.mark.django_db


def path_of(unit) -> str:
    return Unit.objects.get(pk=unit.pk).path


def test_a_coordinator_adds_a_unit_below(cast):
    unit = create_unit(code="KHB-9", name="واحد نو", kind="office", parent=cast.a, by=cast.laleh)

    assert (unit.path, unit.depth) == (f"{cast.a.path}{unit.pk}.", 2)
    assert Event.objects.get().membership == cast.membership(cast.laleh)


@pytest.mark.parametrize("name", ["reza", "omid", "nader", "stranger"])
def test_nobody_else_changes_the_tree(cast, name):
    by = getattr(cast, name)
    for verb in (
        lambda: create_unit(code="X", name="x", kind="office", parent=cast.a, by=by),
        lambda: rename_unit(unit=cast.a, name="x", kind="office", by=by),
        lambda: move_unit(unit=cast.a_child, parent=cast.b, by=by),
        lambda: retire_unit(unit=cast.a_child, by=by, reason="x"),
    ):
        with pytest.raises(Forbidden):
            verb()
    assert Event.objects.count() == 0


def test_only_an_administrator_adds_a_root(cast):
    with pytest.raises(Forbidden):
        create_unit(code="R", name="ریشه", kind="other", parent=None, by=cast.laleh)

    assert create_unit(code="R", name="ریشه", kind="other", parent=None, by=cast.admin).depth == 0


def test_a_code_is_taken_whatever_its_case(cast):
    with pytest.raises(Refused) as refused:
        create_unit(code="khb", name="دیگر", kind="office", parent=cast.provider, by=cast.laleh)

    assert refused.value.code == "code-taken"


def test_a_name_is_taken_in_one_place_however_it_is_spelt(cast):
    with pytest.raises(Refused) as refused:
        create_unit(code="K2", name="اداره كل خوابگاهها", kind="office", parent=cast.provider, by=cast.laleh)

    assert refused.value.code == "name-taken"


def test_a_new_name_tells_the_old_one(cast):
    rename_unit(unit=cast.a, name="اداره کل اسکان", kind=cast.a.kind_id, by=cast.laleh)

    assert Event.objects.get().data == {"name": ["اداره کل خوابگاه‌ها", "اداره کل اسکان"]}


def test_everything_below_moves_along(cast):
    move_unit(unit=cast.a, parent=cast.b, by=cast.laleh)

    assert path_of(cast.a) == f"{cast.b.path}{cast.a.pk}."
    assert path_of(cast.a_child) == f"{cast.b.path}{cast.a.pk}.{cast.a_child.pk}."
    assert Unit.objects.get(pk=cast.a_child.pk).depth == 3


def test_a_unit_does_not_move_below_itself(cast):
    for parent in (cast.a, cast.a_child):
        with pytest.raises(Refused) as refused:
            move_unit(unit=cast.a, parent=parent, by=cast.laleh)
        assert refused.value.code == "circle"


def test_the_end_of_a_unit_has_a_reason(cast):
    with pytest.raises(Refused) as refused:
        retire_unit(unit=cast.a_child, by=cast.laleh, reason="  ")

    assert refused.value.code == "no-reason"


def test_a_unit_with_active_units_below_is_not_just_retired(cast):
    with pytest.raises(Refused) as refused:
        retire_unit(unit=cast.a, by=cast.laleh, reason="ادغام")

    assert refused.value.code == "has-children"


def test_a_merged_unit_leaves_its_children_to_the_successor(cast):
    retire_unit(unit=cast.a, by=cast.laleh, reason="ادغام", successor=cast.b)

    a = Unit.objects.get(pk=cast.a.pk)
    assert (a.successor, a.retired_at is not None) == (cast.b, True)
    assert Unit.objects.get(pk=cast.a_child.pk).parent == cast.b
    assert list(Event.objects.order_by("id").values_list("verb", flat=True)) == ["move", "merge"]


def test_a_successor_is_active_and_lies_outside(cast):
    retire_unit(unit=cast.b, by=cast.laleh, reason="پایان")
    for successor in (cast.a, cast.a_child, cast.b):
        with pytest.raises(Refused):
            retire_unit(unit=cast.a, by=cast.laleh, reason="ادغام", successor=successor)


def test_a_retired_unit_comes_back_where_it_was(cast):
    retire_unit(unit=cast.a_child, by=cast.laleh, reason="پایان")
    reinstate_unit(unit=cast.a_child, by=cast.laleh)

    assert Unit.objects.get(pk=cast.a_child.pk).retired_at is None


def test_search_does_not_mind_zwnj_arabic_letters_or_digits(cast):
    make_unit("T2", "تربیت بدنی ۲", parent=cast.provider)

    for words in ("خوابگاه‌ها", "خوابگاهها", "كل خوابگاه", "khb خوابگاه"):
        assert cast.a in Unit.objects.matching(words), words
    assert [u.code for u in Unit.objects.matching("تربيت ٢")] == ["T2"]


def test_units_sort_as_the_persian_alphabet_does(cast):
    for name in ("کتابخانه", "گزینش", "پشتیبانی", "تغذیه", "بورس", "چاپ"):
        make_unit(name=name, parent=cast.a)

    rows = Unit.objects.filter(parent=cast.a).exclude(pk=cast.a_child.pk).in_order()
    assert [u.name for u in rows] == ["بورس", "پشتیبانی", "تغذیه", "چاپ", "کتابخانه", "گزینش"]

"""Kinds and attributes of units are kept by an administrator, closed and never deleted."""

import pytest

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from tests.factories import make_unit
from units.actions.kinds import (
    change_attribute,
    change_kind,
    close_described,
    create_attribute,
    create_kind,
    reopen_described,
)
from units.actions.units import create_unit, rename_unit
from units.models import Event, Unit, UnitAttribute, UnitKind
from units.pages.history import told
from units.queries.events import events_of_unit

pytestmark = pytest.mark.django_db


def refusal(do) -> str:
    with pytest.raises(Refused) as caught:
        do()
    return caught.value.code


def test_an_empty_portal_has_no_kind(db):
    assert not UnitKind.objects.exists()


def test_a_kind_without_a_code_gets_one_made_of_its_name(cast):
    assert create_kind(name="آموزشگاه شبانه", by=cast.admin).code == "amvzshgah-shbanh"
    assert create_kind(name="نام دیگر", name_en="Night school", by=cast.admin).code == "night-school"


@pytest.mark.parametrize("who", ["laleh", "reza", "nader"])
def test_only_an_administrator_keeps_them(cast, who):
    by = getattr(cast, who)
    kind = UnitKind.objects.get(code="office")
    attribute = create_attribute(name="استان", type="text", by=None)
    for forbidden in (
        lambda: create_kind(name="تازه", by=by),
        lambda: change_kind(kind=kind, name="تازه", by=by),
        lambda: create_attribute(name="تازه", type="text", by=by),
        lambda: change_attribute(attribute=attribute, name="تازه", by=by),
        lambda: close_described(described=kind, by=by),
        lambda: reopen_described(described=kind, by=by),
    ):
        with pytest.raises(Forbidden):
            forbidden()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": " "}, "no-name"),
        ({"name": "دفتـر"}, "name-taken"),
        ({"name": "تازه", "name_en": "OFFICE"}, "name-taken"),
        ({"name": "تازه", "code": "office"}, "code-taken"),
        ({"name": "تازه", "code": "9 lives"}, "bad-code"),
    ],
)
def test_nonsense_is_refused_and_nothing_is_stored(cast, fields, code):
    before = UnitKind.objects.count()

    assert refusal(lambda: create_kind(**fields, by=cast.admin)) == code
    assert UnitKind.objects.count() == before


def test_a_kind_that_changes_its_name_keeps_its_code_and_says_what_it_was(cast):
    change_kind(kind=UnitKind.objects.get(code="office"), name="دفتر ستادی", name_en="Office", by=cast.admin)

    event = Event.objects.get(noun="unit_kind")
    assert (event.verb, event.key, event.data["name"]) == ("change", "office", ["دفتر", "دفتر ستادی"])


def test_a_closed_kind_is_given_to_no_unit_and_kept_by_those_that_have_it(cast):
    close_described(described=cast.a.kind, by=cast.admin)
    new = {"code": "N1", "name": "نو", "kind": "directorate", "parent": cast.provider, "by": cast.laleh}

    assert refusal(lambda: create_unit(**new)) == "kind-closed"
    assert rename_unit(unit=cast.a, name="نام نو", kind="directorate", by=cast.laleh).kind_id == "directorate"
    reopen_described(described=cast.a.kind, by=cast.admin)
    assert create_unit(**new).kind_id == "directorate"


def test_closing_twice_is_one_event(cast):
    for _click in range(2):
        close_described(described=UnitKind.objects.get(code="fund"), by=cast.admin)

    assert Event.objects.filter(noun="unit_kind", verb="close").count() == 1


def test_a_unit_has_values_as_its_attributes_are(cast):
    create_attribute(code="province", name="استان", type="choice", choices=["تهران", "فارس"], by=cast.admin)
    create_attribute(code="staff", name="کارکنان", type="number", by=cast.admin)
    typed = {"province": "فارس ", "staff": "۱٬۲۰۰"}

    unit = rename_unit(unit=cast.a, name=cast.a.name, kind="directorate", attributes=typed, by=cast.laleh)

    assert unit.attributes == {"province": "فارس", "staff": "1200"}
    for code, value in (("province", "مریخ"), ("staff", "بسیار"), ("height", "3")):
        with pytest.raises(Refused):
            rename_unit(unit=unit, name=unit.name, kind="directorate", attributes={code: value}, by=cast.laleh)
    notes = [line.note for line in told(events_of_unit(unit), cast.laleh, database_now(), manages=True)]
    assert notes == ["استان: از «—» به «فارس» · کارکنان: از «—» به «1200»"]


def test_a_choice_that_a_unit_has_is_not_taken_away(cast):
    attribute = create_attribute(code="province", name="استان", type="choice", choices=["تهران", "فارس"], by=None)
    Unit.objects.filter(pk=cast.a.pk).update(attributes={"province": "فارس"})

    code = refusal(lambda: change_attribute(attribute=attribute, name="استان", choices=["تهران"], by=cast.admin))

    assert code == "choice-in-use"
    assert change_attribute(attribute=attribute, name="استان", choices=["فارس", "یزد"], by=cast.admin).choices == [
        "فارس", "یزد"
    ]  # fmt: skip


def test_the_database_itself_refuses_a_unit_without_a_known_kind(transactional_db):
    from django.db import IntegrityError, transaction

    make_unit("A")
    with pytest.raises(IntegrityError), transaction.atomic():
        Unit.objects.filter(code="A").update(kind_id="palace")
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitAttribute.objects.create(code="x", name="x", type="choice", choices=[])

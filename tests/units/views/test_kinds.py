"""The page of kinds and attributes, and the form of a unit that asks by them."""

import pytest

from tests.factories import make_kind, make_person
from units.actions.kinds import create_attribute
from units.models import Unit, UnitAttribute, UnitKind

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["laleh", "reza", "sara", "nader", "stranger"])
def test_the_page_is_an_administrators(cast, client_for, who):
    client = client_for(getattr(cast, who))

    assert client.get("/units/-kinds/").status_code == 403
    assert client.post("/units/-kinds/new/", {"name": "نو"}).status_code == 403
    assert client.post("/units/-kinds/office/close/").status_code == 403


def test_kinds_stand_in_persian_order_with_how_many_units_have_them(cast, client_for):
    for code, name in (("g", "گروه"), ("p", "پردیس"), ("b", "بنیاد")):
        UnitKind.objects.create(code=code, name=name)

    kinds = list(client_for(cast.admin).get("/units/-kinds/").context["kinds"])

    assert [kind.name for kind in kinds if kind.code in ("p", "b", "g")] == ["بنیاد", "پردیس", "گروه"]
    assert {kind.code: kind.unit_count for kind in kinds}["directorate"] == 2


def test_a_kind_is_added_renamed_closed_and_reopened(cast, client_for):
    client = client_for(cast.admin)
    client.post("/units/-kinds/new/", {"name": "آموزشگاه", "name_en": "School", "code": ""})
    assert UnitKind.objects.get(name="آموزشگاه").code == "school"
    client.post("/units/-kinds/school/edit/", {"name": "مدرسه", "name_en": ""})
    client.post("/units/-kinds/school/close/")
    assert UnitKind.objects.get(code="school").closed_at is not None
    client.post("/units/-kinds/school/reopen/")

    kind = UnitKind.objects.get(code="school")
    assert (kind.name, kind.name_en, kind.closed_at) == ("مدرسه", "", None)


def test_a_refused_kind_stays_on_the_page_with_its_reason(cast, client_for):
    answer = client_for(cast.admin).post("/units/-kinds/new/", {"name": "دفتر", "name_en": "", "code": ""})

    assert answer.status_code == 400
    assert "name" in answer.context["form"].errors


def test_an_attribute_is_added_with_its_choices_and_asked_for_in_the_form_of_a_unit(cast, client_for):
    client = client_for(cast.admin)
    client.post(
        "/units/-attributes/new/",
        {"name": "استان", "name_en": "Province", "code": "", "type": "choice", "choices": "تهران\nفارس\n"},
    )
    assert UnitAttribute.objects.get(code="province").choices == ["تهران", "فارس"]
    told = {"name": cast.a.name, "kind": "directorate", "name_en": "", "attribute-province": "فارس"}

    assert client_for(cast.laleh).post("/units/KHB/edit/", told).status_code == 302

    assert "استان: فارس" in client_for(cast.laleh).get("/units/KHB/").content.decode()


def test_a_value_that_is_no_number_stays_on_the_page(cast, client_for):
    create_attribute(code="staff", name="کارکنان", type="number", by=None)
    told = {"name": cast.a.name, "kind": "directorate", "name_en": "", "attribute-staff": "بسیار"}

    answer = client_for(cast.laleh).post("/units/KHB/edit/", told)

    assert (answer.status_code, "attribute-staff" in answer.context["form"].errors) == (400, True)


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_as_much_for_many_kinds_as_for_one(cast, client_for, django_assert_num_queries, number):
    for n in range(number):
        make_kind(f"k{n}")
        create_attribute(code=f"a{n}", name=f"ویژگی {n}", type="text", by=None)
    client = client_for(cast.admin)
    client.get("/units/-kinds/")

    with django_assert_num_queries(8):
        client.get("/units/-kinds/")


def test_an_empty_portal_says_where_kinds_come_from(db, client_for):
    admin = make_person("admin", is_superuser=True)
    client = client_for(admin)

    assert "/units/-kinds/" in client.get("/units/-new/").content.decode()
    client.post("/units/-kinds/new/", {"name": "مدرسه", "name_en": "", "code": "school"})
    client.post("/units/-new/", {"code": "ROOT", "name": "ریشه", "name_en": "", "kind": "school"})
    assert Unit.objects.get().kind.name == "مدرسه"

"""The pages of units, people and the account: who gets in, what they may do, how many questions the database is asked."""

import pytest
from django.urls import reverse

from sajad_portal.lib.clock import database_now
from tests.factories import PASSWORD, make_membership, make_person, make_unit
from tests.links import open_link, set_by_link
from units.enums import Role
from units.models import Membership, Person, Unit
from units.notices.links import password_link

pytestmark = pytest.mark.django_db
GOOD = "zard-alu-1405-sard"


# ----------------------------------------------------------------------------------------- the tree
def test_each_sees_their_own_part_of_the_tree(cast, client_for):
    seen = client_for(cast.reza).get("/units/").content.decode()

    assert "اداره کل خوابگاه‌ها" in seen
    assert "اداره کل تغذیه" not in seen
    assert "سازمان امور دانشجویان</a>" not in seen


def test_without_a_membership_the_page_says_who_gives_one(cast, client_for):
    assert "واحدی در دید شما نیست" in client_for(cast.stranger).get("/units/").content.decode()


def test_the_administrator_of_an_empty_portal_is_told_how_units_come_and_of_nobody_who_gives_a_role(client_for):
    seen = client_for(make_person("rahbar", is_superuser=True)).get("/units/").content.decode()

    assert "هنوز واحدی نیست" in seen
    assert "به شما سمت می‌دهد" not in seen


def test_a_unit_out_of_reach_does_not_exist(cast, client_for):
    client = client_for(cast.reza)

    for name in ("unit", "unit_branch", "unit_history", "unit_new", "unit_edit", "invite"):
        assert client.get(reverse(f"units:{name}", args=["TGZ"])).status_code == 404, name


def test_a_reader_who_tries_to_write_is_refused(cast, client_for):
    client = client_for(cast.nader)
    member = cast.membership(cast.sara)

    assert client.get("/units/KHB/").status_code == 200
    assert client.get("/units/KHB/invite/").status_code == 403
    assert client.get("/units/KHB/edit/").status_code == 403
    assert client.get("/units/KHB/add/").status_code == 403
    assert client.post("/units/KHB/move/", {"code": "TGZ"}).status_code == 403
    assert client.post("/units/KHB/retire/", {"reason": "x"}).status_code == 403
    assert client.post(f"/units/KHB/people/{member.pk}/end/", {}).status_code == 403
    assert client.post(f"/units/KHB/people/{member.pk}/link/", {}).status_code == 403
    member.refresh_from_db()
    assert member.ends_at is None


def test_a_membership_is_found_only_under_its_own_unit(cast, client_for):
    mina = cast.membership(cast.mina)

    assert client_for(cast.laleh).get(f"/units/KHB/people/{mina.pk}/").status_code == 404
    assert client_for(cast.laleh).get(f"/units/TGZ/people/{mina.pk}/").status_code == 200


def test_search_finds_what_lies_in_reach(cast, client_for):
    page = client_for(cast.laleh).get("/units/?q=خوابگاهها").content.decode()

    assert "اداره کل خوابگاه‌ها" in page
    assert "رضا کریمی" in page
    assert "پیدا" not in client_for(cast.reza).get("/units/?q=تغذیه").context["found"]


def test_a_branch_is_a_fragment(cast, client_for):
    page = client_for(cast.laleh).get("/units/KHB/branch/").content.decode()

    assert "اداره بهسازی و ایمنی" in page
    assert "<html" not in page


@pytest.mark.parametrize("address", ["/units/", "/units/KHB/", "/units/?q=واحد", "/units/KHB/branch/"])
def test_the_number_of_questions_does_not_grow_with_the_rows(cast, client_for, address, django_assert_num_queries):
    def grow(start: int, count: int) -> None:
        for number in range(start, start + count):
            unit = make_unit(f"W{number}", f"واحد {number}", parent=cast.a)
            person = make_person()
            make_membership(person, unit, Role.HEAD)
            make_membership(person, cast.a, Role.REPORTER)
            make_unit(f"W{number}-1", f"واحد {number}-۱", parent=unit)

    client = client_for(cast.laleh)
    grow(0, 1)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as at_one:
        assert client.get(address).status_code == 200
    grow(1, 3)

    with django_assert_num_queries(len(at_one)):
        client.get(address)
    assert len(at_one) <= 16


def test_children_come_in_pages_by_key(cast, client_for):
    for number in range(60):
        make_unit(f"W{number:02}", f"واحد {number:02}", parent=cast.b)
    client = client_for(cast.laleh)

    first = client.get("/units/TGZ/")
    second = client.get("/units/TGZ/" + first.context["below"].pages.next)

    codes = [row["unit"].code for page in (first, second) for row in page.context["children"]]
    assert codes == [f"W{number:02}" for number in range(60)]


def test_children_are_searched_and_the_people_stay(cast, client_for):
    for name in ("امور خوابگاهی", "رفاه"):
        make_unit(name=name, parent=cast.a)
    page = client_for(cast.laleh).get("/units/KHB/?q=خوابگاهي")

    assert [row["unit"].name for row in page.context["children"]] == ["امور خوابگاهی"]
    assert [member.person for member in page.context["members"]] == [cast.reza, cast.sara]
    assert "چیزی پیدا نشد" in client_for(cast.laleh).get("/units/KHB/?q=نیست").content.decode()


# ---------------------------------------------------------------------------------- the people of a unit
def people_at(client, query: str) -> list[str]:
    return [member.person.username for member in client.get(f"/units/TGZ/{query}").context["members"]]


@pytest.fixture
def staff(cast):
    """Beside Kamran, who heads unit B, and Mina, who reports for it: three more experts and a reviewer."""
    for name, last in (("c1", "پویا"), ("c2", "بهرامی"), ("c3", "كيانی")):
        person = make_person(name, f"ی {last}")
        make_membership(person, cast.b, Role.REPORTER)
    make_membership(make_person("rev", "ی آذر"), cast.b, Role.REVIEWER)
    Person.objects.filter(username="c2").update(last_seen_at=database_now())


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["kamran", "c2", "c1", "mina", "c3", "rev"]),
        ("?people_sort=-role", ["rev", "c2", "c1", "mina", "c3", "kamran"]),
        ("?people_sort=name", ["rev", "c2"]),
        ("?people_sort=-seen", ["c2"]),
        ("?people_sort=nonsense", ["kamran", "c2"]),
        ("?people_role=reviewer", ["rev"]),
        ("?people_role=nonsense", ["kamran", "c2", "c1"]),
        ("?people_q=کیانى", ["c3"]),
        ("?q=کیانى", ["kamran", "c2"]),
    ],
)
def test_people_are_searched_sorted_and_narrowed_by_role(cast, client_for, staff, query, names):
    assert people_at(client_for(cast.laleh), query)[: len(names)] == names


def test_people_come_in_pages_that_leave_the_units_below_where_they_are(cast, client_for, staff, monkeypatch):
    monkeypatch.setattr("units.views.units.LISTED", 4)
    for number in range(60):
        make_unit(f"W{number:02}", f"واحد {number:02}", parent=cast.b)
    client = client_for(cast.laleh)
    first = client.get("/units/TGZ/")
    second = client.get("/units/TGZ/" + first.context["below"].pages.next)
    third = client.get("/units/TGZ/" + second.context["people"].pages.next)

    assert [len(page.context["members"]) for page in (first, second, third)] == [4, 4, 2]
    assert [page.context["children"][0]["unit"].code for page in (first, second, third)] == ["W00", "W50", "W50"]


def test_a_column_that_is_left_out_of_the_people_is_left_in_for_the_units(cast, client_for, staff):
    make_unit("W1", "واحد", parent=cast.b)
    page = client_for(cast.laleh).get("/units/TGZ/?people_cols=name&people_cols=role").context

    assert [head.key for head in page["people"].heads] == ["name", "role"]
    assert [head.key for head in page["below"].heads] == ["unit", "kind", "head", "people", "below"]


# -------------------------------------------------------------------------------------- invitations
def test_inviting_somebody_without_e_mail_shows_the_link_once_and_keeps_it_nowhere(cast, client_for):
    client = client_for(cast.reza)
    answer = client.post(
        "/units/KHB/invite/",
        {"role": "reporter", "username": "zahra", "first_name": "زهرا", "last_name": "نوری"},
    )

    page = answer.content.decode()
    assert "/password/" in page
    assert "no-store" in answer["Cache-Control"]
    assert "/password/" not in client.get("/units/KHB/").content.decode()


def test_nobody_invites_for_ever(cast, client_for, monkeypatch):
    monkeypatch.setattr("units.views.people.INVITATIONS", 2)
    client = client_for(cast.reza)
    answers = [
        client.post("/units/KHB/invite/", {"role": "reporter", "username": "sara"}).status_code for _ in range(4)
    ]

    assert answers == [400, 400, 429, 429]


def test_a_name_that_is_none_is_told_under_its_field(cast, client_for):
    answer = client_for(cast.reza).post(
        "/units/KHB/invite/",
        {"role": "reporter", "username": "zahra", "first_name": "evil.example/", "last_name": "نوری"},
    )

    assert "نام فقط حرف" in str(answer.context["form"].errors["first_name"])


def test_the_role_list_is_what_the_person_may_give(cast, client_for):
    form = client_for(cast.reza).get("/units/KHB/invite/").context["form"]

    assert [value for value, _label in form.fields["role"].choices] == ["reporter"]


def test_a_role_that_was_not_offered_is_not_taken(cast, client_for):
    answer = client_for(cast.reza).post("/units/KHB/invite/", {"role": "head", "username": "mina"})

    assert answer.status_code == 400
    assert not Membership.objects.filter(person=cast.mina, unit=cast.a).exists()


def test_a_wrong_national_code_is_told_under_its_field(cast, client_for):
    answer = client_for(cast.reza).post(
        "/units/KHB/invite/",
        {"role": "reporter", "national_code": "1234567890", "first_name": "ز", "last_name": "ن"},
    )

    assert answer.status_code == 400
    assert "رقم کنترل" in str(answer.context["form"].errors["national_code"])
    assert Person.objects.filter(first_name="ز").count() == 0


def test_the_invited_person_sets_a_password_and_is_in(cast, client, client_for):
    answer = client_for(cast.reza).post(
        "/units/KHB/invite/",
        {"role": "reporter", "username": "zahra", "first_name": "زهرا", "last_name": "نوری"},
    )
    link = answer.context["invitation"].link
    path = open_link(client, link)

    assert "خوش آمدید، زهرا نوری" in client.get(path).content.decode()
    answer = client.post(path, {"new": GOOD, "again": GOOD})

    assert answer.url == reverse("reports:desk")
    assert client.get("/units/KHB/").status_code == 200  # the seat that the link names is theirs
    assert client.session["_auth_user_id"] == str(Person.objects.get(username="zahra").pk)
    assert client.get(path).status_code == 410


def test_two_different_passwords_are_not_taken(cast, client):
    link = password_link(cast.sara)
    answer = set_by_link(client, link, GOOD, GOOD + "x")

    assert answer.status_code == 400
    cast.sara.refresh_from_db()
    assert cast.sara.check_password(PASSWORD)


def test_changing_and_ending_a_role(cast, client_for):
    client = client_for(cast.laleh)
    member = cast.membership(cast.sara)

    changed = client.post(f"/units/KHB/people/{member.pk}/role/", {"role": "head"}).url
    client_for(cast.sara).post(f"/account/seats/{changed.rstrip('/').rpartition('/')[2]}/accept/")
    assert Membership.objects.get(person=cast.sara, ends_at__isnull=True).role == Role.HEAD

    client.post(changed + "end/", {"reason": "پایان مأموریت"})
    assert not Membership.objects.filter(person=cast.sara, ends_at__isnull=True).exists()


def test_the_history_of_a_unit_is_told_in_sentences(cast, client_for):
    client = client_for(cast.laleh)
    client.post(f"/units/KHB/people/{cast.membership(cast.sara).pk}/end/", {"reason": "پایان مأموریت"})
    client.post("/units/KHB/edit/", {"name": "اداره کل اسکان", "kind": "directorate", "name_en": ""})

    page = client.get("/units/KHB/history/").content.decode()

    assert "سمت «کارشناس واحد» از سارا محمدی گرفته شد" in page
    assert "نام: از «اداره کل خوابگاه‌ها» به «اداره کل اسکان»" in page


def test_retiring_and_bringing_back_through_the_pages(cast, client_for):
    client = client_for(cast.laleh)

    client.post("/units/KHB-IMN/retire/", {"code": "", "reason": "پایان کار"})
    assert Unit.objects.get(code="KHB-IMN").retired_at is not None
    assert "بازنشسته از" in client.get("/units/KHB-IMN/").content.decode()

    client.post("/units/KHB-IMN/reinstate/")
    assert Unit.objects.get(code="KHB-IMN").retired_at is None


def test_an_administrator_sees_every_root(cast, client_for):
    make_unit("UNI", "دانشگاه")

    page = client_for(cast.admin).get("/units/").content.decode()

    assert "دانشگاه" in page
    assert "افزودن ریشه" in page


# --------------------------------------------------------------------------------------- the account
def test_the_password_changes_with_the_present_one(cast, client_for):
    client = client_for(cast.sara)

    assert client.post("/account/password/", {"current": "wrong", "new": GOOD, "again": GOOD}).status_code == 400
    assert client.post("/account/password/", {"current": PASSWORD, "new": GOOD, "again": GOOD}).status_code == 302
    assert client.get("/account/").status_code == 200  # this session goes on


def test_other_sessions_end_with_the_password(cast, client_for):
    here, there = client_for(cast.sara), client_for(cast.sara)
    here.post("/account/password/", {"current": PASSWORD, "new": GOOD, "again": GOOD})

    assert there.get("/account/").status_code == 302


def test_the_present_password_is_not_guessed_for_ever(cast, client_for):
    client = client_for(cast.sara)
    for _ in range(10):
        client.post("/account/password/", {"current": "wrong", "new": GOOD, "again": GOOD})

    answer = client.post("/account/password/", {"current": PASSWORD, "new": GOOD, "again": GOOD})

    assert answer.status_code == 429


def test_the_e_mail_changes_only_with_the_password(cast, client_for):
    client = client_for(cast.sara)
    told = {"mobile": "", "email": "new@example.ir", "language": "fa"}

    assert client.post("/account/", told).status_code == 400
    assert client.post("/account/", {**told, "password": PASSWORD}).status_code == 302
    cast.sara.refresh_from_db()
    assert cast.sara.email == "new@example.ir"


def test_the_language_of_the_profile_follows_the_switch(cast, client_for):
    client_for(cast.sara).post("/language/", {"language": "en", "next": "/account/"})

    cast.sara.refresh_from_db()
    assert cast.sara.language == "en"


def test_the_theme_is_a_cookie(cast, client_for):
    answer = client_for(cast.sara).post("/account/theme/", {"theme": "dark"})

    assert answer.cookies["theme"].value == "dark"


def test_asking_for_a_new_password_says_the_same_to_everybody(cast, client):
    known = client.post("/password/", {"name": "sara"})
    unknown = client.post("/password/", {"name": "nobody"})

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url) == (302, "/password/sent/")


def test_asking_again_and_again_mails_three_times_an_hour(cast, client):
    from units.models import Notice

    for _ in range(6):
        client.post("/password/", {"name": "sara"})

    assert Notice.objects.filter(person=cast.sara, channel="email").count() == 3


def test_one_address_does_not_ask_for_ever(client, cast):
    answers = [client.post("/password/", {"name": f"name{n}"}).status_code for n in range(21)]

    assert answers[-2:] == [302, 429]


def test_posted_fields_that_are_no_business_of_the_form_change_nothing(cast, client_for):
    client_for(cast.sara).post(
        "/account/",
        {"mobile": "", "email": cast.sara.email, "language": "fa", "is_superuser": "1", "username": "root"},
    )

    cast.sara.refresh_from_db()
    assert (cast.sara.is_superuser, cast.sara.username) == (False, "sara")

"""The pages on which seats are given: what is said before."""

from django.urls import reverse


class TestASecondHead:
    def test_before_another_head_is_named_the_present_one_is_said(self, cast, client_for):
        client = client_for(cast.laleh)
        invite = client.get(reverse("units:invite", args=[cast.a.code]))
        change = client.get(reverse("units:member", args=[cast.a.code, cast.membership(cast.sara).pk]))
        for page in (invite, change):
            assert [seat.person for seat in page.context["other_heads"]] == [cast.reza]
            assert "این واحد هم‌اکنون مدیر دارد" in page.content.decode()

    def test_it_is_not_said_where_no_head_can_be_named(self, cast, client_for):
        page = client_for(cast.reza).get(reverse("units:invite", args=[cast.a.code]))
        assert page.context["other_heads"] == []

    def test_in_a_unit_without_a_head_nothing_is_said(self, cast, client_for):
        page = client_for(cast.laleh).get(reverse("units:invite", args=[cast.a_child.code]))
        assert list(page.context["other_heads"]) == []

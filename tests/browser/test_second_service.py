"""A second service beside a first, in a real browser: created, set up, its call written for it alone, named wherever both stand."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reports.invariants import broken
from reports.models import Call, Report
from sla.models import Service
from tests.calls import published_call

from .first_day import declare_free, fill, publish_documents, write_call
from .walking import check, press, says

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.full]
TITLE = "پایش تجهیزات"


def test_a_second_service_beside_a_first(open_page, live_server, cast, becomes_true):
    first = published_call(cast)
    name = first.service.title

    # The administrator creates it; its steps stand beside those of the first.
    admin = open_page("/services/-new/", as_=cast.admin)
    fill(
        admin, title=TITLE, description="واحدها تجهیزات خود را گزارش می‌کنند.", recipients="ادارات سازمان",
        slug="equipment", code="10011400001", window="my.example.ir",
    )  # fmt: skip
    admin.locator("main [name=provider]").select_option(label=cast.provider.name)
    press(admin, "Create the service")
    expect(admin).to_have_url(re.compile("/services/equipment/$"))
    admin.goto("/services/")
    says(admin, TITLE)
    says(admin, name)
    check(admin)

    # Its coordinator adds a type of its own, writes the agreement, publishes documents and declares the year free.
    laleh = open_page("/setup/", as_=cast.laleh)
    says(laleh, TITLE)
    laleh.goto("/services/equipment/types/")
    fill(laleh, **{"new-title": "گزارش تجهیزات", "new-code": "equipment-report", "new-target_working_days": "۷"})
    press(laleh, "Add the type")
    says(laleh, "گزارش تجهیزات")
    laleh.goto("/agreements/")
    laleh.locator("form[action$='/agreements/new/equipment/'] button").click()
    press(laleh, "Publish the version")
    assert becomes_true(lambda: Service.objects.get(slug="equipment").agreement_versions.filter(published_at__isnull=False).exists())  # fmt: skip
    publish_documents(laleh, "equipment")
    declare_free(laleh, "equipment")

    # A new call asks for which service it is, and offers only that one's agreement and types.
    laleh.goto("/calls/new/")
    check(laleh)
    laleh.get_by_role("link", name=TITLE).click()
    offered = laleh.locator("main [name=request_type] option").all_inner_texts()
    assert [text for text in offered if text != "—"] == ["گزارش دوره‌ای", "گزارش تجهیزات"]
    assert laleh.locator("main [name=agreement] option").count() == 1
    write_call(laleh, title="تجهیزات سال", units="TGZ", service="equipment", request_type="گزارش تجهیزات")
    assert becomes_true(lambda: Call.objects.filter(title="تجهیزات سال", published_at__isnull=False).exists())
    report = Report.objects.get(call__title="تجهیزات سال", unit=cast.b)
    assert report.request.request_type.service.slug == "equipment"

    # Where both stand each is named; each alone is itself.
    for page, person, phone in (
        ("reports:calls", cast.laleh, False), ("reports:desk", cast.kamran, True), ("reports:oversight", cast.nader, False),
        ("reports:reports", cast.kamran, True),
    ):  # fmt: skip
        shown = open_page(reverse(page), as_=person, phone=phone)
        if page != "reports:oversight":
            says(shown, TITLE)
            says(shown, name)
        check(shown)
    nader = open_page(reverse("reports:oversight") + "?service=equipment", as_=cast.nader)
    expect(nader.locator("main")).not_to_contain_text(name + "، ")
    alone = open_page("/calls/?service=equipment", as_=cast.laleh)
    expect(alone.locator("main tbody tr")).to_have_count(1)
    assert list(broken()) == []

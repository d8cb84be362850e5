"""What the desk of a unit's people leads to."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from reports.actions.calls import publish_call
from reports.actions.drafts import save_section
from reports.actions.evidence import add_evidence
from reports.actions.returns import return_for_correction
from reports.actions.sign_off import request_sign_off, send_back
from reports.models import DraftSection
from tests.calls import PDF, fill, make_call, published_call, report_of, submitted_report
from tests.contests import with_fee
from tests.reports.views.desk.test_page import desk, has
from tests.reviews import assign

pytestmark = pytest.mark.django_db


def test_a_complete_report_is_to_be_sent_now_by_who_sends_it(cast, call, client_for):
    report = fill(report_of(call, cast.a), cast.sara)
    sign = reverse("reports:report_sign", args=[report.tracking_code])

    head, expert = desk(client_for, cast.reza), desk(client_for, cast.sara)

    assert (head.context["hero"].next.may_send, expert.context["hero"].next.may_send) == (True, False)
    assert (has(head, "آن را ارسال کنید"), has(expert, "آن را ارسال کنید")) == (True, False)
    assert next(item.url for item in head.context["items"] if "آن را ارسال کنید" in item.title) == sign
    assert next(item.url for item in expert.context["items"] if "امضای مدیر را بخواهید" in item.title) == sign


def test_where_no_signature_is_wanted_the_expert_sends(cast, client_for):
    call = published_call(cast, needs_sign_off=False)
    fill(report_of(call, cast.a), cast.sara)

    assert desk(client_for, cast.sara).context["hero"].next.may_send


def test_unpaid_it_is_not_ready_and_the_fee_waits_instead(cast, call, client_for):
    with_fee(fill(report_of(call, cast.a), cast.sara))

    head = desk(client_for, cast.reza)

    assert (head.context["hero"].next.may_send, has(head, "آن را ارسال کنید"), has(head, "بپردازید")) == (
        False,
        False,
        True,
    )


def test_under_an_agreement_that_is_not_accepted_it_is_not_ready(cast, client_for):
    call = publish_call(call=make_call(cast), by=cast.laleh)
    fill(report_of(call, cast.a), cast.sara)

    head = desk(client_for, cast.reza)

    assert (head.context["hero"].next.may_send, has(head, "پذیرش توافق‌نامه")) == (False, True)


def test_a_draft_that_the_head_sent_back_waits_with_the_note(cast, call, client_for):
    report = fill(report_of(call, cast.a), cast.sara)
    request_sign_off(report=report, by=cast.sara)
    send_back(report=report, note="جمع بخش خوابگاه را بازبینی کنید", by=cast.reza)

    item = next(item for item in desk(client_for, cast.sara).context["items"] if "برگردانده" in item.title)

    assert (item.note, item.url) == (
        "جمع بخش خوابگاه را بازبینی کنید", reverse("reports:report_edit", args=[report.tracking_code]),
    )  # fmt: skip
    assert not has(desk(client_for, cast.reza), "برگردانده")
    request_sign_off(report=report_of(call, cast.a), by=cast.sara)
    assert not has(desk(client_for, cast.sara), "برگردانده")


def ready(answer) -> list[str]:
    """Where the lines lead that say the report is complete."""
    return [item.url for item in answer.context["items"] if "کامل است؛" in item.title]


def test_every_open_report_that_is_complete_is_to_be_sent_now_not_only_the_nearest(cast, call, client_for):
    other = published_call(cast, service=call.service, title="فراخوان دوم")
    third = published_call(cast, service=call.service, title="فراخوان سوم")
    reports = [fill(report_of(each, cast.a), cast.sara) for each in (call, other)]
    save_section(
        report=report_of(third, cast.a), section="housing", base_version=0, changes={"housed": "8"}, by=cast.sara
    )

    head, expert = desk(client_for, cast.reza), desk(client_for, cast.sara)

    signing = {reverse("reports:report_sign", args=[report.tracking_code]) for report in reports}
    assert (set(ready(head)), set(ready(expert))) == (signing, signing)
    assert not any("ادامه" in item.title for item in head.context["items"] if item.call_id in (call.pk, other.pk))


def returned(cast, call, *codes):
    report, _revision = submitted_report(cast, call)
    assign(cast, call)
    return_for_correction(report=report, remarks=dict.fromkeys(codes, "دوباره بشمارید"), by=cast.omid)
    return report_of(call, cast.a)


def test_a_correction_is_to_be_sent_once_every_remark_is_answered(cast, call, client_for):
    report = returned(cast, call, "HSG-01", "HSG-02")
    sign, edit = (reverse(f"reports:report_{name}", args=[report.tracking_code]) for name in ("sign", "edit"))
    before = desk(client_for, cast.reza)
    assert (ready(before), before.context["items"][0].url, "۲ شاخص" in before.context["items"][0].title) == (
        [],
        edit,
        True,
    )

    version = DraftSection.objects.get(report=report, section="housing").version
    save_section(report=report, section="housing", base_version=version, changes={"housed": "79"}, by=cast.sara)
    half = desk(client_for, cast.reza)
    assert (ready(half), "۱ شاخص" in half.context["items"][0].title) == ([], True)
    file = SimpleUploadedFile("sanad.pdf", PDF + b"%")
    add_evidence(report=report_of(call, cast.a), indicator="HSG-02", upload=file, by=cast.sara)

    head, expert = desk(client_for, cast.reza), desk(client_for, cast.sara)
    assert (ready(head), ready(expert)) == ([sign], [sign])
    assert [item.due for item in head.context["items"] if item.url == sign] == [report.correction_due_at]
    assert not has(head, "عودت‌شده")
    request_sign_off(report=report_of(call, cast.a), by=cast.sara)
    assert ready(desk(client_for, cast.sara)) == []


def test_a_correction_that_made_a_value_wrong_is_not_ready(cast, call, client_for):
    report = returned(cast, call, "HSG-01")
    version = DraftSection.objects.get(report=report, section="housing").version
    save_section(report=report, section="housing", base_version=version, changes={"housed": ""}, by=cast.sara)

    answer = desk(client_for, cast.reza)

    assert (ready(answer), has(answer, "عودت‌شده")) == ([], True)

"""Filling in a report in a real browser: what is typed is never lost, whatever happens to network, session or call."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page, expect

from reports.actions.calls import cancel_call
from reports.actions.drafts import save_section
from reports.actions.returns import return_for_correction
from reports.models import Report
from reports.queries.drafts import collect
from tests.calls import fill, published_call, report_of, submitted_report
from tests.factories import PASSWORD


@pytest.fixture
def report(live_server, cast) -> Report:
    return report_of(published_call(cast), cast.a)


def address(report, section="housing"):
    return reverse("reports:report_edit", args=[report.tracking_code, section])


def field(page: Page, name: str):
    return page.locator(f"#q-{name}")


def saved(page: Page):
    expect(page.locator("#saved")).to_contain_text("ذخیره شد")


def answers(report) -> dict:
    return collect(Report.objects.get(pk=report.pk)).answers


def test_typing_saves_and_the_ratio_appears_without_touching_the_input(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    field(page, "housed").fill("۷۲")
    field(page, "eligible").press_sequentially("90", delay=20)
    saved(page)

    expect(page.locator("#out-HSG-01 output")).to_have_text(re.compile("۸۰٫۰"))
    expect(field(page, "eligible")).to_be_focused()
    expect(field(page, "eligible")).to_have_value("90")
    assert answers(report) == {"housed": "72", "eligible": "90"}


def test_a_broken_constraint_and_letters_speak_under_their_fields(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    field(page, "eligible").fill("90")
    field(page, "housed").fill("120")
    saved(page)
    expect(page.locator("#e-q-housed")).to_contain_text("بیشتر از متقاضی")

    field(page, "housed").fill("12o")
    expect(page.locator("#e-q-housed")).to_contain_text("به‌جای رقم")
    expect(field(page, "housed")).to_have_attribute("aria-invalid", "true")
    expect(field(page, "housed")).to_have_value("12o")
    expect(page.locator("#saved")).to_contain_text("ذخیره نشد")
    assert answers(report)["housed"] == "120"


def test_slashes_in_a_whole_number_are_thousands_and_the_box_shows_what_is_stored(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    field(page, "eligible").fill("۵۰۰/۰۰۰")
    saved(page)
    expect(field(page, "eligible")).to_have_value("۵۰۰/۰۰۰")  # nobody writes into a box that somebody is in

    field(page, "housed").focus()
    expect(field(page, "eligible")).to_have_value("۵۰۰٬۰۰۰")
    assert answers(report)["eligible"] == "500000"


def test_a_decimal_that_is_two_numbers_offers_both_and_stores_neither_until_one_is_chosen(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    field(page, "waiting_days").fill("۱/۲۵۰")
    wrong = page.locator("#e-q-waiting_days")
    expect(wrong.get_by_role("button")).to_have_text(["۱٬۲۵۰", "۱٫۲۵"])
    assert answers(report) == {}

    wrong.get_by_role("button", name="۱٫۲۵").click()
    saved(page)
    expect(wrong).to_be_empty()
    expect(field(page, "waiting_days")).to_have_value("۱٫۲۵")
    assert answers(report) == {"waiting_days": "1.25"}


def test_an_error_stays_marked_named_and_counted_until_its_field_is_saved(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    before = page.locator("#missing .todo li").count()
    field(page, "housed").fill("12o")
    expect(page.locator("#e-q-housed")).to_contain_text("به‌جای رقم")

    field(page, "eligible").fill("90")
    expect(page.locator("#out-HSG-01")).to_be_visible()
    expect(page.locator("#saved")).to_contain_text("ذخیره نشد")
    page.wait_for_function("() => document.querySelector('[name=base]').value === '1'")
    expect(page.locator("#e-q-housed")).to_contain_text("به‌جای رقم")
    expect(field(page, "housed")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#missing a[href='#q-housed']")).to_contain_text("به‌جای رقم")
    assert answers(report) == {"eligible": "90"}

    page.locator(".savebar a[data-go]").click()
    expect(page.locator("#saved")).to_contain_text("هنوز ذخیره نشده")
    expect(field(page, "housed")).to_be_focused()

    field(page, "housed").fill("72")
    saved(page)
    expect(page.locator("#e-q-housed")).to_be_empty()
    assert answers(report) == {"eligible": "90", "housed": "72"}
    expect(page.locator("#missing .todo li")).not_to_have_count(before)


def test_two_people_in_one_field_are_not_told_that_it_is_saved_when_another_field_is(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    save_section(report=report, section="housing", base_version=0, changes={"housed": "70"}, by=cast.reza)
    field(page, "housed").fill("72")
    expect(page.locator("[data-clash=housed]")).to_be_visible()
    expect(page.locator("#saved")).to_contain_text("ذخیره نشد")

    field(page, "eligible").fill("90")
    page.wait_for_function("() => document.querySelector('[name=base]').value === '2'")
    expect(page.locator("#saved")).to_contain_text("ذخیره نشد")
    expect(page.locator("[data-clash=housed]")).to_be_visible()
    expect(page.locator("#missing a[href='#q-housed']")).to_contain_text("همکار")
    assert answers(report) == {"housed": "70", "eligible": "90"}


def test_a_question_appears_when_it_becomes_relevant(open_page, report, cast):
    page = open_page(address(report, "welfare"), as_=cast.sara)
    expect(field(page, "canteen_note")).to_be_hidden()
    page.get_by_label("بله").check()
    expect(field(page, "canteen_note")).to_be_visible()
    page.get_by_label("خیر").check()
    expect(field(page, "canteen_note")).to_be_hidden()


def test_a_cut_network_keeps_the_words_and_sends_them_later(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    page.context.set_offline(True)
    field(page, "housed").fill("72")
    expect(page.locator("#offline")).to_be_visible()
    assert answers(report) == {}

    page.context.set_offline(False)
    saved(page)
    expect(page.locator("#offline")).to_be_hidden()
    assert answers(report) == {"housed": "72"}


def test_words_typed_without_a_network_survive_closing_the_page(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    page.context.set_offline(True)
    field(page, "housed").fill("72")
    expect(page.locator("#offline")).to_be_visible()
    context = page.context
    page.close()

    context.set_offline(False)
    again = context.new_page()
    again.goto(address(report))
    expect(again.locator("#restored")).to_be_visible()
    saved(again)
    assert answers(report) == {"housed": "72"}


def test_leaving_with_unsent_words_is_warned_of(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    page.context.set_offline(True)
    field(page, "housed").fill("72")
    expect(page.locator("#offline")).to_be_visible()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    page.wait_for_timeout(300)

    assert asked == ["beforeunload"]
    page.context.set_offline(False)


def test_an_expired_session_asks_for_the_password_in_place_and_sends_the_same_words(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    Session.objects.all().delete()
    field(page, "housed").fill("72")
    dialog = page.locator("#sign-in-dialog")
    expect(dialog).to_be_visible()
    assert answers(report) == {}

    dialog.locator("input[type=password]").fill("نادرست")
    dialog.get_by_role("button").click()
    expect(dialog.locator("[data-said]")).to_be_visible()
    dialog.locator("input[type=password]").fill(PASSWORD)
    dialog.get_by_role("button").click()
    expect(dialog).to_be_hidden()
    saved(page)
    expect(field(page, "housed")).to_have_value("72")
    assert answers(report) == {"housed": "72"}

    field(page, "eligible").fill("90")  # and with the new session it goes on
    saved(page)
    expect(page.locator("#out-HSG-01 output")).to_contain_text("۸۰")
    assert answers(report) == {"housed": "72", "eligible": "90"}


def test_a_conflict_with_a_colleague_shows_both_values_and_choosing_settles_it(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    save_section(
        report=report, section="housing", base_version=0, changes={"housed": "80", "eligible": "100"}, by=cast.reza
    )
    field(page, "housed").fill("75")
    clash = page.locator("[data-clash=housed]")
    expect(clash).to_contain_text("رضا کریمی")
    expect(clash).to_contain_text("۷۵")
    expect(clash).to_contain_text("۸۰")
    expect(field(page, "eligible")).to_have_value("۱۰۰")  # what he alone wrote simply appears
    assert answers(report)["housed"] == "80"

    expect(page.get_by_role("group", name="رضا کریمی")).to_be_visible()
    expect(clash.get_by_role("alert")).to_contain_text("رضا کریمی")
    clash.get_by_role("button", name="نوشتهٔ شما").focus()
    page.keyboard.press("Enter")
    expect(clash).to_be_hidden()
    expect(field(page, "housed")).to_be_focused()
    saved(page)
    assert answers(report)["housed"] == "75"


def test_taking_the_colleagues_value_settles_a_conflict_too(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    save_section(report=report, section="housing", base_version=0, changes={"housed": "80"}, by=cast.reza)
    field(page, "housed").fill("75")
    page.locator("[data-clash=housed]").get_by_text("۸۰").click()
    expect(page.locator("[data-clash=housed]")).to_be_hidden()
    expect(field(page, "housed")).to_have_value("۸۰")
    assert answers(report)["housed"] == "80"


def test_a_call_closed_while_typing_says_so_and_gives_the_words_back(open_page, report, cast, clock):
    page = open_page(address(report), as_=cast.sara)
    field(page, "housed").fill("72")
    saved(page)
    clock.move(days=4)
    field(page, "eligible").fill("90")
    refused = page.locator("#not-saved")
    expect(refused).to_contain_text("دیگر چیزی ذخیره نمی‌شود")
    expect(field(page, "eligible")).to_have_value("90")
    expect(refused.locator("textarea")).to_have_value(re.compile("متقاضی واجد شرایط: 90"))
    with page.expect_download() as download:
        refused.get_by_role("button", name="دریافت").click()
    assert "90" in download.value.path().read_text("utf-8-sig")
    assert answers(report) == {"housed": "72"}

    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()  # and after a reload they are still to be had
    expect(page.locator("#unsent textarea")).to_have_value(re.compile("متقاضی واجد شرایط: 90"))


def test_a_cancelled_call_is_told_of_in_the_middle_of_typing(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    cancel_call(call=report.call, by=cast.laleh, reason="اشتباه در دوره")
    field(page, "housed").fill("72")

    expect(page.locator("#not-saved")).to_contain_text("لغو شده است")


def test_a_correction_is_typed_beside_its_remark_and_the_rest_is_shut(open_page, live_server, cast):
    report, _revision = submitted_report(cast, published_call(cast))
    return_for_correction(report=report, remarks={"HSG-02": "روزها را بازبینی کنید."}, note="", by=cast.laleh)
    page = open_page(address(report), as_=cast.sara)
    expect(page.locator("#ind-HSG-02")).to_contain_text("روزها را بازبینی کنید.")
    expect(field(page, "housed")).not_to_be_editable()
    field(page, "waiting_days").fill("۹")
    saved(page)
    expect(page.locator("#out-HSG-01 output")).to_contain_text("۸۰")
    assert answers(report)["waiting_days"] == "9"


def test_a_file_is_attached_and_taken_off(open_page, report, cast, tmp_path):
    file = tmp_path / "فهرست.pdf"
    file.write_bytes(b"%PDF-1.4\n%%EOF\n")
    page = open_page(address(report), as_=cast.sara)
    page.locator("#up-HSG-01").set_input_files(file)
    expect(page.locator("#files-HSG-01")).to_contain_text("فهرست.pdf")
    page.get_by_role("button", name="حذف فهرست.pdf").click()
    page.locator("#confirm-dialog [data-yes]").click()
    expect(page.locator("#files-HSG-01")).not_to_contain_text("فهرست.pdf")


def test_a_file_that_is_too_large_is_told_of_before_it_is_sent(open_page, report, cast, tmp_path, settings):
    file = tmp_path / "big.pdf"
    with file.open("wb") as big:
        big.truncate(30 * 1024 * 1024)
    page = open_page(address(report), as_=cast.sara)
    sent = []
    page.on("request", lambda request: sent.append(request.url) if "evidence" in request.url else None)
    page.locator("#up-HSG-01").set_input_files(file)

    expect(page.locator("#files-HSG-01")).to_contain_text("بزرگ‌تر است")
    assert sent == []
    assert not report.evidence.exists()


def test_a_file_that_the_web_server_cuts_off_is_told_of(open_page, report, cast, tmp_path):
    file = tmp_path / "list.pdf"
    file.write_bytes(b"%PDF-1.4\n%%EOF\n")
    page = open_page(address(report), as_=cast.sara)
    page.route("**/evidence/**", lambda route: route.fulfill(status=413, body="Request Entity Too Large"))
    page.locator("#up-HSG-01").set_input_files(file)

    expect(page.locator("#files-HSG-01")).to_contain_text("از اندازه‌ای که سامانه می‌پذیرد")


def test_not_applicable_asks_for_its_reason_and_is_taken_back_by_unticking(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    page.locator("#na-HSG-01").check()
    reason = field(page, "na-HSG-01")
    expect(reason).to_be_focused()
    reason.fill("این واحد خوابگاه ندارد.")
    expect(page.locator("#chip-HSG-01")).to_contain_text("موضوعیت ندارد")
    page.locator("#na-HSG-01").uncheck()
    expect(page.locator("#chip-HSG-01")).not_to_contain_text("موضوعیت ندارد")
    saved(page)
    assert not collect(Report.objects.get(pk=report.pk)).not_applicable


def test_the_missing_list_jumps_to_the_place_and_is_a_sheet_on_a_phone(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara, phone=True)
    page.locator("#todo-button").click()
    expect(page.locator("dialog#sheet")).to_be_visible()
    page.locator("dialog#sheet .todo a").first.click()
    expect(page.locator("dialog#sheet")).to_be_hidden()
    expect(page).to_have_url(re.compile("#q-housed$"))


def test_going_on_first_sends_what_is_typed(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    field(page, "housed").fill("72")
    page.get_by_role("button", name=re.compile("ذخیره و ادامه")).click()

    expect(page).to_have_url(re.compile("/edit/welfare/"))
    assert answers(report) == {"housed": "72"}


def test_without_a_script_the_same_form_saves_attaches_and_goes_on(open_page, report, cast, tmp_path):
    file = tmp_path / "list.pdf"
    file.write_bytes(b"%PDF-1.4\n%%EOF\n")
    page = open_page(address(report), as_=cast.sara, scripts=False)
    field(page, "housed").fill("۷۲")
    field(page, "eligible").fill("9o")
    page.locator("#up-HSG-01").set_input_files(file)
    page.get_by_role("button", name=re.compile("ذخیره و ادامه")).click()
    expect(page.locator("#e-q-eligible")).to_contain_text("به‌جای رقم")
    expect(field(page, "eligible")).to_have_value("9o")
    expect(page.locator("#files-HSG-01")).to_contain_text("list.pdf")
    assert answers(report) == {"housed": "72"}

    field(page, "eligible").fill("90")
    page.get_by_role("button", name=re.compile("ذخیره و ادامه")).click()
    expect(page).to_have_url(re.compile("/edit/welfare/"))
    assert answers(report) == {"housed": "72", "eligible": "90"}


def test_the_whole_way_from_the_experts_draft_to_the_heads_receipt(open_page, report, cast):
    fill(report, cast.sara)
    page = open_page(address(report, "welfare"), as_=cast.sara)
    page.get_by_role("link", name="بازبینی و ارسال برای امضای مدیر").click()
    page.get_by_label("یادداشتی برای مدیر").fill("آمار مهر قطعی است.")
    page.get_by_role("button", name="ارسال برای امضای مدیر").click()
    expect(page.locator(".page-head .state")).to_contain_text("در انتظار امضای مدیر")

    head = open_page(reverse("reports:report_sign", args=[report.tracking_code]), as_=cast.reza)
    expect(head.get_by_text("آمار مهر قطعی است.")).to_be_visible()
    head.get_by_role("button", name="امضا و ارسال گزارش").click()
    expect(head.locator(".receipt")).to_contain_text(report.tracking_code)
    expect(head.locator(".receipt")).to_contain_text("در مهلت")
    assert Report.objects.get(pk=report.pk).state == "submitted"
    assert report.revisions.get().answers["housed"] == "80"

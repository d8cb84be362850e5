"""General requests of the demo: some answered over the last months, and one of unit KHB in every state that waits for somebody."""

from datetime import datetime, timedelta

from django.core.files.base import ContentFile

from sla.actions.request_decisions import decide_request
from sla.actions.request_types import TypeTerms, add_request_type
from sla.actions.requests import draft_request, file_request, write_about_request
from sla.enums import Decision, Filers, RequestKind
from sla.models import GeneralRequest, RequestType, Service
from units.models import Person, Unit

from .papers import as_pdf
from .stories import at_time

REASONS = (
    "تعریف شاخص «ضریب اشغال خوابگاه» با آیین‌نامهٔ تازه نمی‌خواند؛ ظرفیت میهمان از مخرج کنار گذاشته شود.",
    "استاندارد شاخص تغذیه برای واحدهای کوچک بازبینی شود؛ محاسبهٔ سه دورهٔ گذشته پیوست است.",
    "وزن شاخص مشاوره با توجه به کمبود نیرو در این سال تعدیل شود.",
    "شاخص تسهیلات برای واحدهایی که صندوق مستقل ندارند موضوعیت ندارد؛ از فرم آن‌ها برداشته شود.",
    "مبنای شمارش نفر-روز در شاخص اسکان از روز به شب تغییر کند.",
    "بازهٔ گردآوری دادهٔ رضایت دانشجویان با تقویم آموزشی هم‌زمان شود.",
)
PART = "برای دورهٔ آینده پذیرفته شد؛ دوره‌ای که فرم آن منتشر شده است تغییر نمی‌کند."


def revision_type(service: Service, by: Person) -> RequestType:
    return add_request_type(
        service=service, code="indicator-revision", title="درخواست بازنگری شاخص", title_en="Revision of an indicator",
        target_working_days=8, kind=RequestKind.GENERAL, by=by,
        terms=TypeTerms(
            description="برای تغییر تعریف، وزن یا استاندارد یک شاخص. کد شاخص، تغییر پیشنهادی و دلیل آن را بنویسید.",
            description_en="To change the definition, the weight or the standard of an indicator. Name its code, the change and why.",
            filers=Filers.HEADS, needs_files=True, contest_days=10,
        ),
    )  # fmt: skip


def tell_requests(demo) -> None:
    with at_time(demo.now - timedelta(days=200)):
        kind = revision_type(demo.service, demo.people["laleh"])
    heads = [demo.heads[pk].person for pk in sorted(demo.heads)][: len(REASONS)]
    units = [demo.heads[pk].unit for pk in sorted(demo.heads)][: len(REASONS)]
    for place, (unit, head, reason) in enumerate(zip(units, heads, REASONS, strict=True)):
        filed_at = demo.now - timedelta(days=150 - 14 * place)
        general = _file(kind, unit, head, head, reason, filed_at)
        decision = (Decision.GRANTED, Decision.PARTLY, Decision.REFUSED)[place % 3]
        with at_time(filed_at + timedelta(days=4 + place)):
            why = "با کارگروه شاخص‌ها بررسی و پذیرفته شد." if decision == Decision.GRANTED else PART
            decide_request(general=general, decision=decision, reason=why, by=demo.people["laleh"])
    _of_dormitories(demo, kind)


def _of_dormitories(demo, kind: RequestType) -> None:
    """One waits for the provider, one for the unit, one was granted in part and may be contested, one is a draft."""
    people, unit = demo.people, Unit.objects.get(code="KHB")
    sara, reza, laleh = people["sara"], people["reza"], people["laleh"]
    _file(kind, unit, sara, reza, REASONS[0], demo.now - timedelta(days=2))
    asked = _file(kind, unit, sara, reza, REASONS[4], demo.now - timedelta(days=5))
    with at_time(demo.now - timedelta(days=1)):
        write_about_request(general=asked, text="شمارش شب در سامانهٔ خوابگاه از چه تاریخی ثبت می‌شود؟", by=laleh)
    partly = _file(kind, unit, sara, reza, REASONS[3], demo.now - timedelta(days=9))
    with at_time(demo.now - timedelta(days=3)):
        decide_request(general=partly, decision=Decision.PARTLY, reason=PART, by=laleh)
    with at_time(demo.now - timedelta(hours=5)):
        draft_request(unit=unit, request_type=kind, reason=REASONS[5], by=sara)


def _file(kind: RequestType, unit: Unit, expert: Person, head: Person, reason: str, at: datetime) -> GeneralRequest:
    paper = ContentFile(as_pdf("محاسبهٔ پیوست", (reason,)), name="محاسبه.pdf")
    with at_time(at):
        general = draft_request(unit=unit, request_type=kind, reason=reason, by=expert, files=[paper])
        return file_request(general=general, by=head)

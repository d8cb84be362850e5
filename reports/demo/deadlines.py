"""What an auditor looks for, told through the verbs: more time asked for, given and refused, a unit excused, a view overdue."""

from datetime import timedelta

from sla.actions.disputes import file_dispute
from units.models import Unit

from ..actions.calls import excuse_unit
from ..actions.extensions import ask_extension, decide_extension
from ..models import Call, Report
from .stories import at_time

DAY = timedelta(days=1)
ASKED = (
    ("سامانهٔ آموزش دانشگاه یک هفته در دسترس نبود.", 7, "سه روز از آن در دورهٔ فراخوان بوده است.", 3),
    ("کارشناس گزارش در مرخصی است.", 10, "مدیر واحد می‌تواند کارشناس دیگری معرفی کند.", None),
    ("آمار خوابگاه‌های خودگردان هنوز نرسیده است.", 5, "", None),
)


def tell_deadlines(demo, call: Call) -> None:
    """Three universities ask for more time, one is excused; another asks what a clause means, and no answer came."""
    laleh = demo.people["laleh"]
    reports = list(call.reports.select_related("unit").order_by("unit__code")[20:25])
    for report, (reason, days, reply, given) in zip(reports, ASKED, strict=False):
        with at_time(demo.now - 4 * DAY):
            asked = ask_extension(
                report=report, until=call.closes_at + days * DAY, reason=reason, by=demo.heads[report.unit_id].person
            )
        if reply:
            with at_time(demo.now - 2 * DAY):
                until = call.closes_at + given * DAY if given else None
                decide_extension(asked=asked, granted_until=until, reason=reply, by=laleh)
    with at_time(demo.now - 3 * DAY):
        excuse_unit(report=reports[3], by=laleh, reason="دانشگاه در دورهٔ گزارش ادغام شده است.")
    _ask_what_it_means(demo, reports[4])


def _ask_what_it_means(demo, report: Report) -> None:
    unit = Unit.objects.get(pk=report.unit_id)
    with at_time(demo.now - 40 * DAY):
        file_dispute(
            unit=unit, agreement=demo.agreement, section="costs", by=demo.heads[unit.pk].person,
            text="آیا گزارش تکمیلی همان دوره نیز هزینه دارد، یا هزینه یک بار برای هر دوره است؟",
        )  # fmt: skip

"""What a year reads of its results."""

from reports.actions.announcing import announce_results
from reports.enums import Standing
from reports.models import Report, Revision
from sajad_portal.lib import periods
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.codes import new_code
from sajad_portal.lib.periods import PeriodKind
from tests.field import field_call, store
from tests.reports.views.analysis.test_years import behind, figures, page


def test_the_year_tells_how_a_report_stood_by_the_rule_of_the_list_of_reports(cast, client_for):
    """What came first counts, also where it was corrected since."""
    period = periods.regular(PeriodKind.QUARTER, 1404, 1)
    call, _units = field_call(
        cast, 0, units=[cast.a], period_code=period.code, period_starts=period.starts, period_ends=period.ends
    )
    report = store(cast, call, cast.a, figures(Standing.IN_GRACE))
    first = report.revisions.get()
    Revision.objects.create(
        report=report, number=2, correction_round=1, answers=first.answers, values={}, evidence=[], sha256="-", rule={},
        receipt_code=new_code(), submitted_at=first.submitted_at, submitted_by=cast.reza, standing=Standing.ON_TIME,
        deadline=first.deadline,
    )  # fmt: skip
    announce_results(reports=[report], by=cast.laleh)
    listed = Report.objects.with_timeliness(database_now()).get(pk=report.pk).timeliness

    behind_it = behind(client_for, cast.laleh, f"?timing={listed}")

    assert (listed, behind_it) == ("in_grace", {("KHB", "1404-Q1")})
    assert page(client_for, cast.laleh).context["figures"].whole.late == 1

"""What a verb over a call will do, told before it is done: sentences for the page that asks for the confirmation."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.deadlines import until
from sajad_portal.lib.durations import span_words
from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import local_number

from ...models import Call, Report
from ...queries.calls import Numbers


def units_told(count: int) -> str:
    return ngettext("%(n)s unit", "%(n)s units", count) % {"n": local_number(count)}


def of_open_early(call: Call, numbers: Numbers, at: datetime, **given) -> list[str]:
    return [
        _("The call opens at once for %(units)s, which are told.") % {"units": units_told(numbers.asked)},
        _("The opening was set for %(before)s. The closing stays %(closing)s.")
        % {"before": until(call.opens_at), "closing": until(call.closes_at)},
        _("Once opened, the form version cannot change."),
    ]


def of_extend(call: Call, numbers: Numbers, at: datetime, *, until_: datetime, **given) -> list[str]:
    longer = span_words(until_ - call.closes_at, current_language())
    return [
        _("The closing moves from %(before)s to %(after)s: %(longer)s more.")
        % {"before": until(call.closes_at), "after": until(until_), "longer": longer},
        _("%(units)s have not submitted and get the time; all units of the call are told.")
        % {"units": units_told(numbers.asked - numbers.submitted)},
        _("The end of the review moves by as much."),
    ]


def of_close_early(call: Call, numbers: Numbers, at: datetime, *, until_: datetime | None, **given) -> list[str]:
    closing = _("now") if until_ is None or until_ <= at else until(until_)
    return [
        _("The call closes %(closing)s instead of %(before)s.") % {"closing": closing, "before": until(call.closes_at)},
        _("%(units)s have not submitted; after the closing and the grace they count as missed.")
        % {"units": units_told(numbers.waiting)},
        _("Extensions given to single units stand."),
    ]


def of_ask(call: Call, numbers: Numbers, at: datetime, *, unit, until_: datetime | None, **given) -> list[str]:
    return [
        _("%(unit)s is asked too and gets a report with a tracking code under the call’s terms and price.")
        % {"unit": unit.name},
        _("It has until %(until)s.") % {"until": until(max(call.closes_at, until_ or call.closes_at))},
        _("The unit enters the denominators of the call."),
    ]


def of_cancel(call: Call, numbers: Numbers, at: datetime, **given) -> list[str]:
    return [
        _("The reports of %(units)s become read-only, submitted ones too; nothing is deleted.")
        % {"units": units_told(numbers.all)},
        _("Their service clocks are void, and the agreement’s force for this call ends now."),
        _("This cannot be taken back."),
    ]


# --------------------------------------------------------------------------------------------- over chosen units
def of_remind(call: Call, reports: Iterable[Report], at: datetime, **given) -> list[str]:
    count = len(list(reports))
    return [
        _("The people of %(units)s are told in the portal and by e-mail, at once.") % {"units": units_told(count)},
        _("Units that submit in the meantime are left out."),
    ]


def of_extend_units(call: Call, reports: Iterable[Report], at: datetime, *, until_: datetime, **given) -> list[str]:
    return [
        _("%(units)s have until %(until)s; the others keep their deadline.")
        % {"units": units_told(len(list(reports))), "until": until(until_)},
        _("What they submit until then counts as “within the extension”. Their people are told."),
    ]


def of_excuse(call: Call, reports: Iterable[Report], at: datetime, **given) -> list[str]:
    chosen = list(reports)
    came = [report for report in chosen if report.submitted_at]
    sentences = [
        _("%(units)s leave the denominators of the call and get no result.") % {"units": units_told(len(chosen))},
        _("What was written is kept and can be read. This cannot be taken back."),
    ]
    if came:
        sentences.insert(1, _("%(units)s of them have submitted already.") % {"units": units_told(len(came))})
    return sentences

"""What the tests of oversight share: who audits, how a page is fetched, a year of answered requests."""

from datetime import timedelta

from django.urls import reverse

from sla.actions.clocks import open_request, pause_clock, resume_clock, start_clock, stop_clock, void_clocks
from tests.factories import make_membership, make_person, make_service
from tests.instants import tehran
from units.enums import Role

DAY = timedelta(days=1)
REMARK = {"HSG-01": "لغو اسکان‌ها را کم کنید.", "HSG-02": "روزهای انتظار را با فهرست بسنجید."}
PAGE = "reports:oversight"


def get(client, name=PAGE, *args, **query):
    return client.get(reverse(name, args=args), query)


def auditor_of(unit, username="zahra"):
    person = make_person(username, "زهرا ناظری")
    make_membership(person, unit, Role.AUDITOR)
    return person


def request_of(cast, service, unit, start, minutes, code="periodic-report", pause=None):
    """A request of that type, submitted at `start`, answered so many minutes later, with the unit for (from, to) minutes."""
    request = open_request(
        unit=unit, request_type=service.request_types.get(code=code),
        agreement=service.agreement_versions.get(), price_rials=0, at=start,
    )  # fmt: skip
    start_clock(request, start)
    if pause:
        pause_clock(request, start + timedelta(minutes=pause[0]))
        resume_clock(request, start + timedelta(minutes=pause[1]))
    stop_clock(request, start + timedelta(minutes=minutes))
    return request


def make_year(cast):
    """Requests of two types and two units over three months of 1405, one void, one of the year before."""
    service = make_service(cast)
    for n, (month, days) in enumerate([(2, 3), (2, 21), (3, 9), (3, 30), (3, 12), (4, 2)]):
        unit = cast.a if n % 2 else cast.b
        request_of(
            cast,
            service,
            unit,
            tehran(1405, month, 3 + n, 7 + n, 13 * n),
            days * 1440 + 37,
            pause=(200, 3000) if n == 3 else None,
        )
    for n, days in enumerate((1, 6)):
        request_of(cast, service, cast.a, tehran(1405, 3, 20, 9, n), days * 1440, code="extension")
    void_clocks([request_of(cast, service, cast.a, tehran(1405, 3, 9), 99).pk], tehran(1405, 3, 20))
    request_of(cast, service, cast.a, tehran(1404, 12, 2), 5 * 1440)
    return service

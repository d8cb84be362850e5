"""Fills an empty portal with the demo: the tree, the people, the terms, six quarters that are over and two open calls."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from django.core.files.base import ContentFile
from django.db import transaction

from sajad_portal.lib.clock import database_now, end_of_day, start_of_day, tehran_date
from sajad_portal.lib.jalali import to_jalali
from sajad_portal.lib.periods import Period, PeriodKind, containing
from sla.actions.agreements import draft_agreement, publish_agreement
from sla.actions.calendar import seed_holidays
from sla.actions.documents import publish_document, upload_document
from sla.actions.services import create_service
from sla.demo.first_service import SERVICE
from sla.enums import AgreementVerb, Answer
from sla.models import Acceptance, AgreementVersion, Service
from sla.text.first_terms import SECTIONS
from units.actions.imports import import_units
from units.actions.organisation import describe_organisation
from units.actions.people import NewPerson, create_person
from units.enums import UNIT_ROLES, Role, UnitVerb
from units.models import Event, Membership, Person, Unit

from ..actions.assignment import assign_reviewer
from ..actions.calls import create_call, publish_call
from ..actions.forms import confirm_form, import_form
from ..models import Call, FormVersion
from ..xlsform.sample_form import build
from . import money, people, stories, terms
from .deadlines import tell_deadlines
from .fields import PEERS, specific_form
from .history import PastTerms, past_call
from .kinds import make_kinds
from .papers import PAPERS, as_pdf
from .requests import tell_requests
from .stories import at_time

DATA = Path(__file__).parent / "data"
DEPARTMENT_KINDS = ("directorate", "office", "fund", "department", "section")
QUARTERS = 6
PUBLISHED_BEFORE = timedelta(days=4)  # the opening of an open call


@dataclass(frozen=True)
class Demo:
    """What the stories need to know of the seeded portal."""

    now: datetime
    service: Service
    agreement: AgreementVersion
    form_version: FormVersion
    terms: PastTerms
    heads: dict[int, Membership]  # by unit id
    people: dict[str, Person]  # by user name


def seed(log=lambda line: None) -> Demo:
    """The whole demo, in about a minute on a small machine. Refuses nothing: call it on an empty portal."""
    now = database_now()
    log("units and people")
    with at_time(now - timedelta(days=1201)):
        seed_holidays(years=range(to_jalali(tehran_date(now))[0] - 2, to_jalali(tehran_date(now))[0] + 2), by=None)
        make_kinds()
        for name in ("departments", "universities"):
            import_units(data=(DATA / f"{name}.csv").read_bytes(), by=None)
    demo = _terms(now, _people(now, Unit.objects.exclude(code__in=["ORG", "UNI"])))
    departments = list(Unit.objects.filter(kind__in=DEPARTMENT_KINDS).order_by("id"))
    periods = last_quarters(now, QUARTERS + 1)
    every = list(Unit.objects.exclude(code__in=["ORG", "UNI"]).select_related("parent"))
    undecided = {unit.pk for unit in terms.hesitant(every)}
    _accept(demo, [unit for unit in every if unit.pk not in undecided], periods[0])
    log("six quarters that are over")
    disputed = {Unit.objects.get(code=code).pk for code in stories.DISPUTED}
    for i, period in enumerate(periods[:-1]):
        latest = i == len(periods) - 2
        announced = (
            now - timedelta(days=6) if latest else start_of_day(period.ends) + timedelta(days=95, hours=14, minutes=30)
        )
        with transaction.atomic():
            past = past_call(
                demo.terms, period, demo.heads, departments, announced_at=announced, now=now,
                leave_open=disputed if i >= QUARTERS - 2 else (),
            )  # fmt: skip
        if i >= QUARTERS - 2:
            stories.tell_disputes(demo, past, latest=latest)
    log("the terms and the open calls")
    terms.tell_terms(demo)
    stories.tell_open_call(demo, _departments_call(demo, periods[-1], specific_form(demo)))
    money.tell_tariffs(demo, _universities_open(demo) - PUBLISHED_BEFORE)
    universities = _universities_call(demo, periods[-1])
    money.pay_for(stories.senders(demo, universities))
    stories.tell_university_call(demo, universities)
    money.tell_money(demo, universities)
    money.compare_days(demo)
    tell_deadlines(demo, universities)
    tell_requests(demo)
    stories.catch_up()
    return demo


def seed_large(units: int, calls: int, log=lambda line: None) -> None:
    """`units` units with `calls` past quarters each, on top of the tree's root: for measuring, not for reading."""
    now = database_now()
    root = "code,name,kind,parent_code\nORG,سازمان امور دانشجویان,organization,\n"
    rows = "".join(f"L{n:05},واحد نمونهٔ {n},department,ORG\n" for n in range(1, units + 1))
    make_kinds()
    import_units(data=(root + rows).encode(), by=None)
    sample = list(Unit.objects.filter(code__startswith="L").order_by("id"))
    demo = _terms(now, _people(now, sample))
    periods = last_quarters(now, calls)
    _accept(demo, sample, periods[0])
    for period in periods:
        log(f"{period.code}: {len(sample)} reports")
        announced = min(start_of_day(period.ends) + timedelta(days=95), now - timedelta(days=12))
        with transaction.atomic():
            past_call(demo.terms, period, demo.heads, sample, announced_at=announced, now=now, files=False, variety=200)


def last_quarters(now: datetime, count: int) -> list[Period]:
    """The latest quarters that ended at least 25 days ago, oldest first."""
    period = containing(PeriodKind.QUARTER, tehran_date(now) - timedelta(days=25))
    found: list[Period] = []
    while len(found) < count:
        period = containing(PeriodKind.QUARTER, period.starts - timedelta(days=1))
        found.insert(0, period)
    return found


# ------------------------------------------------------------------------------------------------ people and terms
def _people(now: datetime, units) -> tuple[dict[str, Person], dict[int, Membership]]:
    """The named people with the demo's password, and a head and an expert without one for every other unit."""
    named: dict[str, Person] = {}
    long_ago = now - timedelta(days=1200)
    with at_time(long_ago):
        for username, first, last, _unit, _role, _does in people.SEATS:
            named[username] = create_person(
                new=NewPerson(username=username, first_name=first, last_name=last, email=f"{username}@example.ir"),
                by=None, password=people.PASSWORD,
            )  # fmt: skip
        username, first, last = people.ADMIN
        named[username] = create_person(
            new=NewPerson(username=username, first_name=first, last_name=last),
            by=None,
            password=people.PASSWORD,
            superuser=True,
        )
        describe_organisation(by=named[username], **people.ORGANISATION)
    by_code = {unit.code: unit for unit in Unit.objects.all()}
    seats = [(named[s[0]], by_code[s[3]], s[4]) for s in people.SEATS if s[3] in by_code]
    taken = {(unit.pk, role) for _person, unit, role in seats}
    wanted = [(unit, role) for unit in units for role in reversed(UNIT_ROLES) if (unit.pk, role) not in taken]
    extras = Person.objects.bulk_create([_somebody(i, long_ago) for i in range(len(wanted))], batch_size=1000)
    seats += [(person, unit, role) for person, (unit, role) in zip(extras, wanted, strict=True)]
    memberships = Membership.objects.bulk_create(
        [
            Membership(person=person, unit=unit, role=role, starts_at=long_ago, accepted_at=long_ago)
            for person, unit, role in seats
        ],
        batch_size=1000,
    )
    Event.objects.bulk_create(
        [
            Event(at=long_ago, verb=UnitVerb.GRANT, noun="membership", key=str(m.pk), path=m.unit.path, unit_id=m.unit_id,
                data={"person": m.person_id, "role": m.role},
            )
            for m in memberships
        ],
        batch_size=1000,
    )  # fmt: skip
    return named, {m.unit_id: m for m in memberships if m.role == Role.HEAD}


def _somebody(number: int, at: datetime) -> Person:
    rng = Random(number)  # noqa: S311 a name for the demo
    person = Person(
        username=f"demo{number}", first_name=rng.choice(people.FIRST_NAMES), last_name=rng.choice(people.LAST_NAMES),
        created_at=at,
    )  # fmt: skip
    person.set_unusable_password()
    person.refresh_keys()
    return person


def _terms(now: datetime, found: tuple[dict[str, Person], dict[int, Membership]]) -> Demo:
    named, heads = found
    provider = Unit.objects.get(code="ORG")
    laleh = named["laleh"]
    with at_time(now - timedelta(days=1100)):
        service = create_service(provider=provider, by=named[people.ADMIN[0]], **SERVICE)
        money.yearly_type(service, laleh)
        agreement = publish_agreement(agreement=draft_agreement(service=service, by=laleh, sections=SECTIONS), by=laleh)
        for slot, (title, articles) in PAPERS.items():
            file = ContentFile(as_pdf(title, articles), name=f"{slot}.pdf")
            publish_document(
                document=upload_document(service=service, slot=slot, title=title, file=file, by=laleh), by=laleh
            )
        version = import_form(data=build(), name="student-services.xlsx", by=laleh)
        if version.confirmed_at is None:
            version = confirm_form(version=version, by=laleh)
    terms = PastTerms(
        form_version=version, agreement=agreement, request_type=service.request_types.get(code="periodic-report"),
        coordinator=Membership.objects.get(person=laleh), reviewer=Membership.objects.get(person=named["omid"]),
    )  # fmt: skip
    return Demo(now, service, agreement, version, terms, heads, named)


def _accept(demo: Demo, units: list[Unit], first: Period) -> None:
    """Every unit's head accepted the agreement before the first call."""
    at = start_of_day(first.starts)
    given = Acceptance.objects.bulk_create(
        [
            Acceptance(
                agreement=demo.agreement, unit=unit, answer=Answer.ACCEPTED, text_hash=demo.agreement.text_hash, at=at,
                by=demo.heads[unit.pk].person, membership=demo.heads[unit.pk],
            )
            for unit in units
        ],
        batch_size=1000,
    )  # fmt: skip
    Event.objects.bulk_create(
        [
            Event(
                at=at, verb=AgreementVerb.ACCEPT, noun="agreement", key=str(demo.agreement.pk), path=a.unit.path, unit_id=a.unit_id,
                person=a.by, membership=a.membership, data={"acceptance": a.pk, "hash": a.text_hash, "reason": ""},
            )
            for a in given
        ],
        batch_size=1000,
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------- the open calls
def _departments_call(demo: Demo, period: Period, form: FormVersion) -> Call:
    """To the departments, opened three weeks ago, closing at the end of the third day from now: each is asked of its field and of what
    all are asked, and compared with those of its field."""
    closes = end_of_day(tehran_date(demo.now) + timedelta(days=3))
    return _publish(
        demo, period, title=f"ارزیابی عملکرد خدمات دانشجویی، {period.label('fa')}",
        form_version=form, peers=PEERS, audience={"kinds": list(DEPARTMENT_KINDS)}, opens_at=start_of_day(tehran_date(demo.now) - timedelta(days=22)), closes_at=closes,
    )  # fmt: skip


def _universities_call(demo: Demo, period: Period) -> Call:
    """To the universities, for the whole academic year, without sign-off."""
    year = containing(PeriodKind.ACADEMIC, period.ends - timedelta(days=2))
    return _publish(
        demo, year, title=f"گزارش سالانهٔ خدمات دانشجویی دانشگاه‌ها، {year.label('fa')}",
        audience={"subtree": Unit.objects.get(code="UNI").pk, "kinds": ["public", "medical", "private", "islamic-azad", "distance", "applied-science"]},
        opens_at=_universities_open(demo), closes_at=end_of_day(tehran_date(demo.now) + timedelta(days=20)),
        needs_sign_off=False, request_type=demo.service.request_types.get(code=money.YEARLY[0]),
    )  # fmt: skip


def _universities_open(demo: Demo) -> datetime:
    return start_of_day(tehran_date(demo.now) - timedelta(days=9))


def _publish(demo: Demo, period: Period, **fields) -> Call:
    laleh = demo.people["laleh"]
    with at_time(fields["opens_at"] - PUBLISHED_BEFORE):
        call = create_call(
            by=laleh, period_kind=period.kind, period_code=period.code, period_starts=period.starts, period_ends=period.ends,
            agreement=demo.agreement, grace=timedelta(minutes=30),
            review_until=fields["closes_at"] + timedelta(days=45),
            **{"request_type": demo.terms.request_type, "form_version": demo.form_version, **fields},
        )  # fmt: skip
        publish_call(call=call, by=laleh)
        provider = demo.service.provider
        assign_reviewer(call=call, reviewer=demo.people["omid"], unit=provider, section="", lead=False, by=laleh)
    return Call.objects.get(pk=call.pk)

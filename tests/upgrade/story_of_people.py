"""The second half of the story: people, seats, units, the terms, the calendar, tariffs and the bank's statement of a day."""

from datetime import date, timedelta

from django.core.files.base import ContentFile
from django.test import Client

from sajad_portal.lib.clock import database_now, tehran_date
from sla.actions.agreement_reminders import remind_heads
from sla.actions.agreement_sections import (
    add_section,
    change_dispute_rule,
    edit_section,
    move_section,
    remove_section,
)
from sla.actions.agreements import answer_agreement, publish_agreement
from sla.actions.calendar import add_holiday, remove_holiday
from sla.actions.disputes import file_dispute
from sla.actions.documents import publish_document, upload_document
from sla.actions.reconciliation import reconcile_day
from sla.actions.services import edit_service
from sla.enums import Answer, DisputeRule
from sla.models import AgreementVersion, Payment, Service
from units.actions.imports import import_units
from units.actions.memberships import (
    accept_seat,
    change_role,
    decline_seat,
    end_membership,
    grant_membership,
    leave_seat,
)
from units.actions.notices import mark_read
from units.actions.people import (
    NewPerson,
    ask_for_reset,
    change_profile,
    create_person,
    invite_person,
    set_password,
)
from units.actions.units import create_unit, move_unit, reinstate_unit, rename_unit, retire_unit
from units.enums import Role
from units.models import Membership, Notice, Person, Unit

from .papers import PDF, file

WHY = "برای آزمون ارتقا."
OLD, NEW = "namak-o-felfel-1405", "felfel-o-namak-1406"
SIGNED_IN, NATIONAL_CODE = "shirin", "0001234560"


def before() -> None:
    """Who the story needs: a third reviewer."""
    provider = Unit.objects.get(code="ORG")
    bita = create_person(
        new=NewPerson(username="bita", first_name="بیتا", last_name="سهرابی", national_code="0792000188"),
        by=None, password=OLD,
    )  # fmt: skip
    seat(provider, bita, Role.REVIEWER, Person.objects.get(username="laleh"))


def seat(unit: Unit, person: Person, role: Role, by: Person) -> Membership:
    """A seat that is given and accepted."""
    given = grant_membership(unit=unit, person=person, role=role, by=by)
    return accept_seat(membership=given, by=person)


def after(units: list[Unit]) -> None:
    laleh, provider = Person.objects.get(username="laleh"), Unit.objects.get(code="ORG")
    _people(units[0], laleh)
    _units(provider)
    _terms(units, laleh)
    _bank_statement(laleh)


def _people(unit: Unit, laleh: Person) -> None:
    new = NewPerson(
        username=SIGNED_IN, national_code=NATIONAL_CODE, first_name="شیرین", last_name="مرادی", mobile="09123456789",
        email="shirin@example.ir",
    )  # fmt: skip
    shirin = create_person(new=new, by=None, password=OLD)
    seat(unit, shirin, Role.HEAD, laleh)
    invite_person(
        unit=unit, role=Role.REPORTER, by=laleh,
        new=NewPerson(national_code="0076543218", first_name="مانی", last_name="فروغی", email="mani@example.ir"),
    )  # fmt: skip
    change_profile(person=shirin, mobile="09120000000", email="shirin@example.ir", language="fa", by=shirin)
    set_password(person=Person.objects.get(pk=shirin.pk), password=NEW, by=shirin)
    ask_for_reset(name="shirin")
    browser = Client(headers={"host": "testserver"})
    answer = browser.post("/sign-in/", {"name": NATIONAL_CODE, "password": NEW, "remember": "on"})
    assert answer.status_code == 302, answer.content.decode()
    session = browser.session
    session.set_expiry(100 * 365 * 86400)  # so that the dump's session is still one in a hundred years
    session.save()
    gone = create_person(new=NewPerson(username="kourosh", first_name="کوروش", last_name="آذر"), by=None)
    held = change_role(membership=seat(unit, gone, Role.REPORTER, laleh), role=Role.AUDITOR, by=laleh)
    end_membership(membership=accept_seat(membership=held, by=gone), by=laleh, reason=WHY)
    leave_seat(membership=seat(unit, gone, Role.REVIEWER, laleh), by=gone, reason=WHY)
    decline_seat(membership=grant_membership(unit=unit, person=gone, role=Role.REPORTER, by=laleh), by=gone)
    mark_read(notice=Notice.objects.filter(person=laleh, channel="portal").order_by("-pk")[0], by=laleh)


def _units(provider: Unit) -> None:
    made = [
        create_unit(code=f"UPG-{n}", name=f"واحد آزمون {n}", kind="department", parent=provider, by=None)
        for n in range(1, 5)
    ]
    rename_unit(unit=made[0], name="واحد آزمون یکم", kind="office", by=None, name_en="First")
    move_unit(unit=made[1], parent=Unit.objects.get(pk=made[0].pk), by=None)
    retire_unit(unit=Unit.objects.get(pk=made[2].pk), by=None, reason=WHY)
    reinstate_unit(unit=Unit.objects.get(pk=made[2].pk), by=None)
    retire_unit(unit=Unit.objects.get(pk=made[2].pk), by=None, reason=WHY)
    retire_unit(unit=Unit.objects.get(pk=made[3].pk), by=None, reason=WHY, successor=Unit.objects.get(pk=made[0].pk))
    rows = "code,name,kind,parent_code\nUPG-1,واحد آزمون نخست,office,ORG\nUPG-5,واحد آزمون ۵,section,UPG-1\n"
    import_units(data=rows.encode(), by=None, under=None)


def _terms(units: list[Unit], laleh: Person) -> None:
    service = Service.objects.order_by("pk")[0]
    edit_service(service=service, by=laleh, description=service.description + " (بازبینی)")
    paper = ContentFile(PDF, name="faq.pdf")
    document = upload_document(service=service, slot="faq", title="پرسش‌های پرتکرار ۲", file=paper, by=laleh)
    publish_document(document=document, by=laleh)
    draft = AgreementVersion.objects.get(service=service, state="draft")
    add_section(agreement=draft, heading="بند آزمون", body="متن آزمون", by=laleh)
    section = draft.sections.order_by("position").last()
    edit_section(
        agreement=draft, key=section.key, heading="بند آزمون", body="متن دیگر", heading_en="", body_en="", by=laleh
    )
    move_section(agreement=draft, key=section.key, up=True, by=laleh)
    add_section(agreement=draft, heading="بند زاید", body="متن", by=laleh)
    remove_section(agreement=draft, key=draft.sections.order_by("position").last().key, by=laleh)
    change_dispute_rule(agreement=draft, rule=DisputeRule.JALALI_MONTH, by=laleh)
    version = publish_agreement(agreement=AgreementVersion.objects.get(pk=draft.pk), by=laleh)
    for unit, answer in zip(units[:3], (Answer.ACCEPTED, Answer.REFUSED, Answer.ACCEPTED), strict=True):
        head = unit.memberships.valid_at(database_now()).filter(role=Role.HEAD).order_by("pk")[0].person
        answer_agreement(
            agreement=version, unit=unit, answer=answer, by=head, reason=WHY if answer == "refused" else ""
        )
    remind_heads(agreement=version, by=laleh, units=units[3:], note=WHY)
    head = units[0].memberships.valid_at(database_now()).filter(role=Role.HEAD).order_by("pk")[0].person
    file_dispute(
        unit=units[0], agreement=version, section=version.sections.order_by("position")[0].key, text=WHY, by=head,
        files=[file("پرسش.txt", "متن".encode())],
    )  # fmt: skip
    add_holiday(day=tehran_date(database_now()) + timedelta(days=200), title="تعطیلی آزمون", by=laleh)
    removed = add_holiday(day=date(2027, 8, 1), title="تعطیلی زاید", by=laleh)
    remove_holiday(holiday=removed, by=laleh, reason=WHY)


def _bank_statement(laleh: Person) -> None:
    """The bank's file of today: one payment as the ledger has it, one that the ledger does not know."""
    known = Payment.objects.filter(state="paid").order_by("-settled_at")[0]
    day, terminal = tehran_date(known.settled_at), known.terminal
    lines = [
        "order_id,reference,amount,terminal,time",
        f"{known.order_id},{known.reference},{known.received_rials},{terminal},{known.settled_at.isoformat()}",
        f"AAAA-BBBB,999,5000,{terminal},{known.settled_at.isoformat()}",
    ]
    service = Service.objects.order_by("pk")[0]
    reconcile_day(service=service, day=day, by=laleh, data="\n".join(lines).encode(), name="bank.csv")

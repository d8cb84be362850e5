"""What is going on with the demo's terms: a newer directive, a few units that have not accepted, a draft of version 2."""

from collections.abc import Iterable
from datetime import timedelta

from django.core.files.base import ContentFile

from sla.actions.agreement_sections import add_section, edit_section
from sla.actions.agreements import answer_agreement, draft_agreement
from sla.actions.documents import publish_document, upload_document
from sla.enums import Answer, Slot
from units.models import Unit

from ..xlsform.sample_form import build
from .papers import LATER, as_pdf
from .stories import at_time

HESITANT = 6


def hesitant(units: Iterable[Unit]) -> list[Unit]:
    """Universities of which no other story is told: the last ones by their code."""
    return sorted((unit for unit in units if unit.parent and unit.parent.code == "UNI"), key=lambda u: u.code)[
        -HESITANT:
    ]


def tell_terms(demo) -> None:
    """After the past quarters and before the open calls: these pin the newer directive, the past ones keep the first."""
    laleh = demo.people["laleh"]
    with at_time(demo.now - timedelta(days=48)):
        for slot, (title, articles) in LATER.items():
            _publish(demo, slot, title, ContentFile(as_pdf(title, articles), name=f"{slot}.pdf"))
        _publish(demo, Slot.FORM_GUIDE, "راهنمای فیلدهای اطلاعاتی", ContentFile(build(), name="fields.xlsx"))
    refusing = hesitant(Unit.objects.select_related("parent"))[0]
    with at_time(demo.now - timedelta(days=8)):
        answer_agreement(
            agreement=demo.agreement, unit=refusing, answer=Answer.REFUSED, by=demo.heads[refusing.pk].person,
            reason="بند هزینه‌ها روشن نمی‌کند تعرفهٔ سال آینده از چه زمانی به ما اعلام می‌شود.",
        )  # fmt: skip
    with at_time(demo.now - timedelta(days=2)):
        draft = draft_agreement(service=demo.service, by=laleh)
        costs = draft.sections.get(key="costs")
        edit_section(
            agreement=draft, key="costs", heading=costs.heading, heading_en=costs.heading_en, body_en=costs.body_en,
            body=costs.body + "<p>تعرفهٔ هر سال دست‌کم یک ماه پیش از شروع آن سال در صفحهٔ خدمت اعلام می‌شود.</p>", by=laleh,
        )  # fmt: skip
        add_section(
            agreement=draft, heading="شاخص‌های زمان", by=laleh,
            body="<p>زمان‌های هدف هر نوع درخواست و زمان‌های اندازه‌گیری‌شده در صفحهٔ خدمت منتشر می‌شود.</p>",
            heading_en="Service times",
            body_en="<p>The target of each type of request and the measured times are published on the service’s page.</p>",
        )  # fmt: skip


def _publish(demo, slot: str, title: str, file: ContentFile) -> None:
    laleh = demo.people["laleh"]
    publish_document(
        document=upload_document(service=demo.service, slot=slot, title=title, file=file, by=laleh), by=laleh
    )

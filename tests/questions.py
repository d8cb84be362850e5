"""A dispute over the interpretation of the agreement, for tests: filed, looked at, told of."""

from datetime import timedelta

from sajad_portal.lib.clock import database_now
from sla.actions.disputes import file_dispute
from sla.models import Dispute
from tests.instants import tehran
from units.models import Event, Notice

FILED = tehran(1405, 2, 23, 10)  # the agreement's own date; the month ends with 1405/03/23
SECOND = timedelta(seconds=1)


def file(cast, service, by=None, section="data", text="«داده» جدول‌های پیوست را هم در بر می‌گیرد؟", **more):
    return file_dispute(
        unit=cast.a, agreement=service.agreement_versions.get(number=1), section=section, text=text,
        by=by or cast.reza, **more,
    )  # fmt: skip


def status(dispute):
    return Dispute.objects.with_status(database_now()).get(pk=dispute.pk).status


def told(dispute, verb):
    """Who is told of the dispute's event, by user name."""
    events = Event.objects.filter(noun="dispute", key=str(dispute.pk), verb=verb)
    return [
        sorted(set(Notice.objects.filter(event=event).values_list("person__username", flat=True)))
        for event in events.order_by("id")
    ]

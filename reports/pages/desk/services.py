"""Whose the desk's things are: said only where several services stand beside each other."""

from collections.abc import Iterable
from dataclasses import replace

from sla.pages.apart import ServicesApart

from ...models import Call
from .items import DeskItem


def name_services(items: Iterable[DeskItem], apart: ServicesApart) -> list[DeskItem]:
    """The items with the name of the service that they are about; with one service none says it."""
    items = list(items)
    if not apart.several:
        return items
    titles = {service.pk: service.title_here for service in apart.services}
    calls = {item.call_id for item in items if item.call_id}
    of_call = dict(Call.objects.filter(pk__in=calls).values_list("pk", "agreement__service"))
    return [
        replace(item, service=titles.get(item.service_id or of_call.get(item.call_id or 0) or 0, "")) for item in items
    ]

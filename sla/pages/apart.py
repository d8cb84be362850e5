"""Several services in one list: each thing beside its service, and the list narrowed to one of them."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from sajad_portal.lib.lists import Listed

from ..models import Service

KEY = "service"


class ServicesApart:
    """Every service there is. Where it is one, no page says a word about it.

    A list has the service as an optional column `service`: `LISTING.of(request, also=apart.also)`.
    """

    def __init__(self):
        self.services = list(Service.objects.order_by("title", "pk"))

    @property
    def several(self) -> bool:
        return len(self.services) > 1

    @property
    def also(self) -> tuple[str, ...]:
        return (KEY,) if self.several else ()

    def called(self, slug: str) -> Service | None:
        """The one that the address names; None for all, and where there is only one."""
        return next((one for one in self.services if self.several and one.slug == slug), None)

    def choose(self, listed: Listed, *, menu: bool = True) -> Service | None:
        """The same, offered as a filter of the list."""
        if not self.several:
            return None
        choices = [("", _("All services")), *((one.slug, one.title_here) for one in self.services)]
        return self.called(listed.choose(KEY, _("Service"), choices, menu=menu))

    def narrowed(self, listed: Listed, rows: QuerySet, field: str, *, menu: bool = True) -> QuerySet:
        """The rows of the chosen service; `field` leads to it."""
        chosen = self.choose(listed, menu=menu)
        return rows.filter(**{field: chosen}) if chosen else rows

"""Several services side by side: what is told of one then names it, and not a word of it where there is one alone."""

from typing import Protocol

from ..models import Service


class OfService(Protocol):
    """A call, an agreement, a type of request: whatever belongs to one service."""

    @property
    def service(self) -> Service: ...


def service_beside(of: OfService) -> str:
    """The service's title, where there are several; "" otherwise."""
    return of.service.title_here if Service.objects.count() > 1 else ""


def beside_service(title: str, of: OfService) -> str:
    """What stands in a letter or a notice: the title, and of which service it is where there are several."""
    service = service_beside(of)
    return f"{title}، {service}" if service else title

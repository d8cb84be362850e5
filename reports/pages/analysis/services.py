"""Calls of several services beside each other: then each names its own."""

from collections.abc import Iterable

from ...models import Call


def are_of_several(calls: Iterable[Call]) -> bool:
    """Whether these stand under more than one service: then each names its own."""
    return len({call.agreement.service_id for call in calls}) > 1


def title_beside(call: Call, several: bool) -> str:
    """A call's title, with its service where calls of others stand beside it."""
    return f"{call.title}، {call.service.title_here}" if several else call.title

"""What must be true of accounts: somebody looks after them, and nobody is signed in with one that is closed."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from units.enums import UnitVerb
from units.models import AccountSession, Event, Person

from .saying import holds


@holds(_("One administrator’s account at least is open."))
def an_administrator_is_open() -> Iterator[str]:
    administrators = Person.objects.filter(is_superuser=True)
    if administrators.exists() and not administrators.filter(is_active=True).exists():
        yield "person: every administrator’s account is closed; `manage.py createadmin` makes another"


@holds(_("Nobody is signed in with a closed account."))
def closed_accounts_have_no_session() -> Iterator[str]:
    going_on = AccountSession.objects.filter(ended_at=None, person__is_active=False)
    for pk, person in going_on.order_by("pk").values_list("pk", "person_id"):
        yield f"session {pk}: goes on, and the account of person {person} is closed"


@holds(_("An account is closed and opened in turns, as its last Event says, and by nobody for themselves."))
def closing_and_opening_take_turns() -> Iterator[str]:
    """The last of the two that is recorded is what the account is; nobody closed themselves."""
    last: dict[str, str] = {}
    told = Event.objects.filter(noun="person", verb__in=[UnitVerb.CLOSE, UnitVerb.REOPEN]).order_by("pk")
    for pk, key, verb, by in told.values_list("pk", "key", "verb", "person_id"):
        if last.get(key, UnitVerb.REOPEN) == verb:
            yield f"event {pk}: person {key} {verb} twice in a row"
        if verb == UnitVerb.CLOSE and str(by) == key:
            yield f"event {pk}: person {key} closed themselves"
        last[key] = verb
    states = {str(pk): active for pk, active in Person.objects.filter(pk__in=last).values_list("pk", "is_active")}
    for key, verb in last.items():
        if states.get(key) is not (verb == UnitVerb.REOPEN):
            yield f"person {key}: {verb} is recorded last, and the account is not so"


ACCOUNT_CHECKS = (an_administrator_is_open, closed_accounts_have_no_session, closing_and_opening_take_turns)

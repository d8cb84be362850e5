"""What events say was done: what the enumerations of the apps have in common."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AnyVerb(TextChoices):
    """What an Event says was done. Each app lists in its `enums` (`UnitVerb`, `AgreementVerb`, `ReportVerb`) what it records, with words for people; `nouns`: to what.

    Values are stored for good: none is renamed, and one that is recorded no more stays, because old events say it.
    """

    def __init_subclass__(cls, nouns: tuple[str, ...] = ()) -> None:
        super().__init_subclass__()
        VERBS.update(dict.fromkeys(nouns, cls))


# {noun: what is recorded of it}; filled as each app lists its verbs, so that an app can tell of what those above it record.
VERBS: dict[str, type[AnyVerb]] = {}


def words_of_verb(noun: str, verb: str) -> str:
    """A stored verb in words, in the active language; honest words for one that nobody lists, never its name."""
    known = VERBS.get(noun)
    return str(known(verb).label if known and verb in known.values else _("Another step"))

"""Notices as mails: text and HTML, in the person's language, right-to-left where it is."""

from collections.abc import Iterable
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.numbers import format_number

from ..models import Notice, Person
from ..queries.organisation import organisation, portal_name
from . import LINK_VERBS
from .links import lifetime_of, password_link


def notice_mail(notice: Notice) -> EmailMultiAlternatives:
    """One urgent notice. An invitation or a reset gets its link here (`notice.event` and `notice.person` loaded)."""
    with_link = notice.event.verb in LINK_VERBS and notice.event.noun == "person"
    with translation.override(notice.person.language):
        named = notice.event.data
        link = password_link(notice.person, named.get("seat"), named.get("link")) if with_link else ""
        url = link or absolute(notice.url)
        context = {
            "notice": notice,
            "url": url,
            "action": _("Set the password") if with_link else _("Open in the portal"),
            "lifetime": lifetime_of(named.get("seat")) if with_link else None,
        }
        return _mail(notice.person, notice.subject, "emails/notice", context)


def digest_mail(person: Person, notices: Iterable[Notice]) -> EmailMultiAlternatives:
    """What a day brought to one person, in one mail."""
    told = list(notices)
    rows = [{"notice": notice, "url": absolute(notice.url)} for notice in told]
    with translation.override(person.language):
        return _mail(
            person,
            _first_and_more([notice.subject for notice in told], person.language),
            "emails/digest",
            {"rows": rows, "url": absolute("/notices/")},
        )


def _first_and_more(subjects: list[str], language: str) -> str:
    """What the mail is about: its first notice, and how many more there are."""
    more = len(subjects) - 1
    if not more:
        return subjects[0]
    words = ngettext("%(first)s, and %(n)s more notice", "%(first)s, and %(n)s more notices", more)
    return words % {"first": subjects[0], "n": format_number(more, language=language)}


def absolute(path: str) -> str:
    """An address that works in a mail; empty stays empty."""
    return f"{settings.SITE_URL}{path}" if path.startswith("/") else path


def _sender() -> str:
    """The portal by its name, so that a mailbox shows more than an address; a name that is set up already stays."""
    address = organisation().mail_from or settings.DEFAULT_FROM_EMAIL
    name, bare = parseaddr(address)
    return address if name or not bare else formataddr((portal_name(), bare))


def _mail(person: Person, subject: str, template: str, context: dict) -> EmailMultiAlternatives:
    context |= {
        "person": person,
        "subject": subject,
        "site": settings.SITE_URL,
        "rtl": translation.get_language_bidi(),
        "language": person.language,
    }
    # A line break in a subject would be a header of its own; Django refuses it and the mail would never leave.
    mail = EmailMultiAlternatives(
        " ".join(subject.split()),
        render_to_string(f"{template}.txt", context),
        from_email=_sender(),
        to=[person.email],
    )
    mail.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return mail

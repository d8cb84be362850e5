"""Notices as mails: text and HTML, in the person's language, right-to-left where it is."""

from collections.abc import Iterable

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.numbers import format_number

from ..models import Notice, Person
from ..queries.organisation import organisation
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
    rows = [{"notice": notice, "url": absolute(notice.url)} for notice in notices]
    with translation.override(person.language):
        number = format_number(len(rows), language=person.language)
        subject = ngettext("%(n)s notice from the portal", "%(n)s notices from the portal", len(rows)) % {"n": number}
        return _mail(person, subject, "emails/digest", {"rows": rows, "url": absolute("/notices/")})


def absolute(path: str) -> str:
    """An address that works in a mail; empty stays empty."""
    return f"{settings.SITE_URL}{path}" if path.startswith("/") else path


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
        from_email=organisation().mail_from or None,
        to=[person.email],
    )
    mail.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return mail

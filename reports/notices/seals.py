"""The head of the audit trail's seal, to whoever keeps it outside the portal."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from sajad_portal.lib.jalali import format_datetime
from units.notices.mail import absolute
from units.queries.organisation import organisation

from ..models import Seal


def head_mail(head: Seal, address: str) -> EmailMessage:
    """One mail; numbers and hash in Latin, as `verifyaudit --published` takes them."""
    with translation.override(settings.LANGUAGE_CODE):
        text = _(
            "The seal of the records stood at this link when the day ended (%(at)s):\n\n%(number)s:%(sha256)s\n\n"
            "Keep this mail. It proves that nobody has rewritten what the portal recorded up to then:\n"
            "manage.py verifyaudit --published %(number)s:%(sha256)s\n\n%(url)s"
        )
        facts = {
            "at": format_datetime(head.at),
            "number": head.number,
            "sha256": head.sha256,
            "url": absolute(reverse("reports:seals")),
        }
        subject = _("Seal of the records: link %(number)s") % {"number": head.number}
        return EmailMessage(subject, text % facts, from_email=organisation().mail_from or None, to=[address])

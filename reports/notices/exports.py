"""Who is told that a file is ready: whoever ordered it."""

from django.urls import reverse
from django.utils.translation import gettext as _

from units.notices import Message

from ..models import Export


def export_ready(export: Export) -> list[Message]:
    def words():
        return (
            _("The file “%(title)s” is ready") % {"title": export.title},
            _("It is kept for three days and is yours alone."),
        )

    return [Message([export.requested_by], words, reverse("reports:export", args=[export.key]))]

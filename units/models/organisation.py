"""Whose portal this is: one row, kept by administrators, read by every page, mail and paper."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.language import current_language

# What an English page shows too, where it was written.
IN_ENGLISH = ("name", "ministry", "portal_name", "portal_title", "hours", "address")
ONLY_ROW = 1


class Organisation(models.Model):
    """Names in both languages, the service window, the logo, the sender of mails. Persian stands where no English was written.

    A portal of which nobody has said whose it is has no row; `queries.organisation` gives an empty one then.
    """

    name = models.CharField(_("name"), max_length=150)
    name_en = models.CharField(max_length=150, blank=True)
    ministry = models.CharField(_("ministry"), max_length=150, blank=True)
    ministry_en = models.CharField(max_length=150, blank=True)
    portal_name = models.CharField(_("short name of the portal"), max_length=40)
    portal_name_en = models.CharField(max_length=40, blank=True)
    portal_title = models.CharField(_("full name of the portal"), max_length=200, blank=True)
    portal_title_en = models.CharField(max_length=200, blank=True)
    window = models.CharField(_("single window"), max_length=100, blank=True)
    phone = models.CharField(_("telephone"), max_length=100, blank=True)
    hours = models.CharField(_("hours"), max_length=200, blank=True)
    hours_en = models.CharField(max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    address_en = models.CharField(max_length=300, blank=True)
    logo = models.FileField(upload_to="organisation/", blank=True)
    logo_sha256 = models.CharField(max_length=64, blank=True)
    mail_from = models.EmailField(_("sender of mails"), blank=True)
    # From this day on (Tehran) reviewers, coordinators, auditors and administrators need a second factor; empty: nobody does.
    factor_from = models.DateField(_("second factor from"), null=True, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("organisation")
        constraints = [
            models.CheckConstraint(name="organisation_is_one", condition=Q(id=ONLY_ROW)),
            models.CheckConstraint(name="organisation_has_names", condition=~Q(name="") & ~Q(portal_name="")),
            models.CheckConstraint(
                name="organisation_logo_with_hash",
                condition=Q(logo="", logo_sha256="") | (~Q(logo="") & ~Q(logo_sha256="")),
            ),
        ]

    def __str__(self):
        return self.name

    def here(self, field: str) -> str:
        """The field in the page's language."""
        english = getattr(self, f"{field}_en") if current_language() == "en" else ""
        return english or getattr(self, field)

    @property
    def name_here(self) -> str:
        return self.here("name")

    @property
    def ministry_here(self) -> str:
        return self.here("ministry")

    @property
    def portal_here(self) -> str:
        return self.here("portal_name")

    @property
    def title_here(self) -> str:
        """The full name of the portal; the short one where no full one was written."""
        return self.here("portal_title") or self.portal_here

    @property
    def hours_here(self) -> str:
        return self.here("hours")

    @property
    def address_here(self) -> str:
        return self.here("address")

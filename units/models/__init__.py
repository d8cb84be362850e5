"""People, units, memberships, the audit trail and what people are told."""

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib import national_code as secrets
from sajad_portal.lib.passwords import normal_password
from sajad_portal.lib.text import normalise, search_key, sort_key
from sajad_portal.lib.verbs import words_of_verb

from ..enums import DEPUTISED_ROLES, BackgroundPart, Channel, Role, SeatState
from .access import AccountSession, FactorReset, KnownDevice, Throttle
from .kinds import UnitAttribute, UnitKind
from .organisation import Organisation
from .querysets import MembershipQuerySet, PersonQuerySet, UnitQuerySet
from .successions import Succession

__all__ = [
    "AccountSession",
    "FactorReset",
    "KnownDevice",
    "Organisation",
    "Succession",
    "Throttle",
    "UnitAttribute",
    "UnitKind",
]

LANGUAGES = [("fa", _("Persian")), ("en", _("English"))]


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):
    def get_by_natural_key(self, username):
        return self.get(username=username)


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in. What they may do comes from their memberships; `is_superuser` sets the portal up and gives no verdict."""

    username = models.CharField(_("user name"), max_length=60, unique=True)
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    national_code_cipher = models.TextField(blank=True, default="")
    national_code_hash = models.CharField(max_length=64, null=True, blank=True, unique=True)
    mobile = models.CharField(_("mobile"), max_length=15, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=5, default="fa", choices=LANGUAGES)
    search_key = models.CharField(max_length=200, db_index=True, editable=False)
    sort_key = models.CharField(max_length=200, db_index=True, editable=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    holds_as_typed = False  # what `check_password` found last
    only_seat: int | None = None  # a program acts for them in this seat alone (queries.memberships_of)
    # Of the newest link that sets the password; an older link opens nothing.
    link_number = models.PositiveIntegerField(default=0, editable=False)
    # Signed into every session; a session that carries an earlier one is over.
    session_number = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = PersonManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self):
        return self.get_full_name()

    def save(self, *args, **kwargs):
        self.refresh_keys()
        super().save(*args, **kwargs)

    def refresh_keys(self) -> None:
        """What `save` does to the names; `bulk_create` and `bulk_update` must call it themselves."""
        self.first_name, self.last_name = normalise(self.first_name), normalise(self.last_name)
        self.search_key = search_key(f"{self.first_name} {self.last_name} {self.username}")[:200]
        self.sort_key = sort_key(f"{self.last_name} {self.first_name}")[:200]

    def get_full_name(self):
        return f"{self.first_name} {self.last_name}".strip() or self.username

    def get_short_name(self):
        return self.first_name or self.username

    def set_password(self, raw_password: str | None) -> None:
        """Stores the normal form, so that it does not matter with which keyboard the password is typed later."""
        super().set_password(raw_password if raw_password is None else normal_password(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        """As typed, which hashes of earlier versions are of (`holds_as_typed` then); then in the normal form."""
        self.holds_as_typed = super().check_password(raw_password)
        if self.holds_as_typed:
            return True
        normal = raw_password and normal_password(raw_password)
        return normal != raw_password and super().check_password(normal)

    def _get_session_auth_hash(self, secret=None):
        """Django's, with the number of sessions that were ended all at once; as Django's own until that happens."""
        number = f":{self.session_number}" if self.session_number else ""
        salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        return salted_hmac(salt, self.password + number, secret=secret, algorithm="sha256").hexdigest()

    @property
    def initials(self) -> str:
        return ".".join(part[0] for part in (self.first_name, self.last_name) if part)

    @property
    def national_code(self) -> str:
        return secrets.decrypt(self.national_code_cipher) if self.national_code_cipher else ""


class Unit(models.Model):
    """A department, office or university. `path` lists the ids from the root, each followed by a dot; it moves with the tree.

    `attributes`: {code of a `UnitAttribute`: its value as text}, without those that have none.
    """

    code = models.CharField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    # The column holds the kind's code, which files, forms and calls name.
    kind = models.ForeignKey(
        UnitKind, models.PROTECT, to_field="code", db_column="kind", related_name="units", verbose_name=_("kind")
    )
    attributes = models.JSONField(default=dict, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=250, db_index=True, editable=False)
    depth = models.PositiveSmallIntegerField(default=0, editable=False)
    search_key = models.CharField(max_length=250, db_index=True, editable=False)
    sort_key = models.CharField(max_length=250, db_index=True, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")

    # Where `queries.with_counts` has counted: active children, and people with a valid membership.
    child_count: int
    people_count: int

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [
            models.CheckConstraint(name="unit_not_own_parent", condition=Q(parent__isnull=True) | ~Q(parent=F("id")))
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.refresh_keys()
        super().save(*args, **kwargs)

    def refresh_keys(self) -> None:
        """What `save` does to the name; `bulk_create` and `bulk_update` must call it themselves."""
        self.name = normalise(self.name)
        self.search_key, self.sort_key = search_key(f"{self.name} {self.code}")[:250], sort_key(self.name)[:250]


class Membership(models.Model):
    """A seat: person × unit × role × period of validity [starts_at, ends_at), in effect from when the person accepts it."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    # A seat that needs a second person's consent cannot be accepted before it has it.
    consent_needed = models.BooleanField(default=False)
    consented_at = models.DateTimeField(null=True, blank=True)
    consented_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    # The seat that ends when this one is accepted: a role that changes.
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    granted_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    # A deputy's seat: the one it stands in for. That this is of the same unit and role, of somebody else and no deputy's
    # itself is a trigger's to refuse.
    deputy_for = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="deputies")

    # Where `current_at` or `told_at` has annotated them.
    is_valid: bool
    lasts: bool
    has_begun: bool

    # Where `queries.memberships_of` has asked: whether the unit acts on something that another one left open.
    takes_over: bool

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(
                name="membership_ends_after_start", condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at"))
            ),
            models.CheckConstraint(
                name="membership_accepted_before_end",
                condition=Q(accepted_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gte=F("accepted_at")),
            ),
            models.CheckConstraint(
                name="membership_consented_by_somebody",
                condition=Q(consented_at__isnull=True, consented_by__isnull=True)
                | Q(consented_at__isnull=False, consented_by__isnull=False),
            ),
            models.CheckConstraint(
                name="membership_accepted_after_consent",
                condition=Q(accepted_at__isnull=True)
                | Q(consent_needed=False)
                | Q(consented_at__isnull=False, accepted_at__gte=F("consented_at")),
            ),
            models.CheckConstraint(
                name="membership_consent_of_another",
                condition=Q(consented_by__isnull=True)
                | (~Q(consented_by=F("person")) & (Q(granted_by__isnull=True) | ~Q(consented_by=F("granted_by")))),
            ),
            models.CheckConstraint(name="membership_role_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(
                name="membership_deputy_for_a_time",
                condition=Q(deputy_for__isnull=True) | Q(ends_at__isnull=False, role__in=DEPUTISED_ROLES),
            ),
            models.UniqueConstraint(
                name="membership_once", fields=["person", "unit", "role"], condition=Q(ends_at__isnull=True)
            ),
        ]
        indexes = [
            models.Index(
                name="membership_awaits_consent",
                fields=["unit"],
                condition=Q(consent_needed=True, consented_at__isnull=True),
            )
        ]

    def __str__(self):
        return f"{self.person}، {self.get_role_display()} {self.unit}"

    @property
    def title(self) -> str:
        """The role; of a deputy also in whose place."""
        role = self.get_role_display()
        if self.deputy_for is None:
            return role
        return gettext("%(role)s, deputy of %(person)s") % {
            "role": role,
            "person": self.deputy_for.person.get_full_name(),
        }

    @property
    def last_moment(self) -> datetime | None:
        """When the seat ends, exclusive; a deputy's with the giver's at the latest."""
        ends = (self.ends_at, self.deputy_for.ends_at if self.deputy_for else None)
        return min((end for end in ends if end is not None), default=None)

    def state_at(self, at: datetime) -> SeatState:
        """What can be done with this seat at `at`. Whether it gives rights is `valid_at`'s to say: one that is accepted and
        begins tomorrow is held, and gives none yet.
        """
        if (last := self.last_moment) is not None and last <= at:
            return SeatState.ENDED
        if self.consent_needed and self.consented_at is None:
            return SeatState.CONSENT
        return SeatState.OFFERED if self.accepted_at is None else SeatState.HELD


def who_acted(person: Person | None, membership: Membership | None) -> str:
    """The name that stands under what was done: “X for Y” where X acted in a deputy's seat; "" for nobody."""
    if person is None:
        return ""
    if membership is None or membership.deputy_for is None:
        return person.get_full_name()
    facts = {"person": person.get_full_name(), "giver": membership.deputy_for.person.get_full_name()}
    return gettext("%(person)s for %(giver)s") % facts


class Event(models.Model):
    """Who did what to which thing, when, as whom. Append-only: a trigger refuses change on both databases.

    Noun, key, path, unit and call are plain columns, so that any app's things are told of without a foreign key upwards.
    """

    at = models.DateTimeField(db_index=True)
    verb = models.CharField(max_length=60)
    noun = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    path = models.CharField(max_length=250, blank=True, default="", db_index=True)
    unit_id = models.BigIntegerField(null=True)
    call_id = models.BigIntegerField(null=True)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(name="event_of_thing", fields=["noun", "key", "id"]),
            models.Index(name="event_of_call", fields=["call_id", "id"]),
            models.Index(name="event_by_verb", fields=["verb", "at"]),
        ]

    def __str__(self):
        return f"{self.verb} {self.noun} {self.key}"

    @property
    def who(self) -> str:
        """Who did it, in whose place and through which program; "" for the portal itself. A seat is accepted or left for nobody else."""
        who = who_acted(self.person, None if self.noun == "membership" else self.membership)
        client = self.data.get("client")
        if client is None:
            return who
        return gettext("%(person)s, through the program %(client)s") % {"person": who, "client": client["name"]}

    @property
    def words(self) -> str:
        """What was done, in the active language. Timelines say more of it where they can."""
        return words_of_verb(self.noun, self.verb)


class Notice(models.Model):
    """What one person is told about one event through one channel. Written in the event's transaction; a task sends it."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="notices")
    person = models.ForeignKey(Person, models.CASCADE, related_name="notices")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    subject = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    urgent = models.BooleanField(default=False)  # mailed at once; the rest waits for the day's digest
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="notice_once", fields=["event", "person", "channel"])]
        indexes = [
            models.Index(name="notice_of_person", fields=["person", "channel", "-id"]),
            models.Index(
                name="notice_to_send",
                fields=["channel", "urgent", "next_attempt_at"],
                condition=Q(sent_at__isnull=True),
            ),
        ]

    def __str__(self):
        return self.subject


class Digest(models.Model):
    """The claim on one person's digest of one Tehran day: the row is what keeps a second one away."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    day = models.DateField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="digest_once_a_day", fields=["person", "day"])]

    def __str__(self):
        return f"{self.person} {self.day}"


class Once(models.Model):
    """The claim on something that happens once, such as a reminder: the row is what keeps a second one away."""

    key = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField()

    def __str__(self):
        return self.key


class Heartbeat(models.Model):
    """When a part of the portal last said that it lives; a row a part, written by whichever process of it speaks."""

    part = models.CharField(max_length=10, choices=BackgroundPart.choices, unique=True)
    at = models.DateTimeField()

    def __str__(self):
        return self.part

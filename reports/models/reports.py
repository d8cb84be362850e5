"""A unit's report on a call: draft, evidence, sign-off, revisions, returns, extension requests."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.errors import promised
from sla.enums import Decision
from sla.models import ServiceRequest, both_or_neither
from units.models import Membership, Person, Unit, who_acted

from ..enums import ReportState, Standing
from .calls import Call
from .querysets import ReportQuerySet


class Report(models.Model):
    """One unit's report on one call. What the unit was when it was asked is frozen here: `unit_name` with its `unit_sort_key`,
    `unit_path`, `unit_kind` (a code) and `unit_attributes` ({code: value}); roll-ups, peers and forms of the call read these."""

    # Annotated by `with_status(at)` and `with_last_moment()`; absent on a row read without them.
    status: str
    is_open: bool
    deadline: datetime
    last_moment: datetime
    # Annotated by `queries.desk`, `queries.calls` and `queries.review` for their lists.
    asks_signature: bool
    asks_extension: bool
    accepted: bool
    timeliness: str
    handed_to: str | None  # the unit that acts on what this report's unit left open
    last_answers: dict | None
    last_standing: str | None
    # Annotated by `queries.quotas`.
    held_size: int
    held_files: int

    call = models.ForeignKey(Call, models.PROTECT, related_name="reports")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="reports")
    unit_name = models.CharField(max_length=200)
    unit_sort_key = models.CharField(max_length=250, editable=False, default="")
    unit_path = models.CharField(max_length=250, db_index=True)
    unit_kind = models.CharField(max_length=60, editable=False, default="")
    unit_attributes = models.JSONField(editable=False, default=dict)
    # Sections in which others are reviewed and this unit is not, as " a b ": what its kind and attributes make of the form.
    not_reviewed = models.TextField(editable=False, default="", db_default="", blank=True)
    request = models.OneToOneField(ServiceRequest, models.PROTECT, related_name="report")
    tracking_code = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=20, choices=ReportState.choices, default=ReportState.NOT_STARTED)
    extension_until = models.DateTimeField(null=True, blank=True)
    # The last moment that has passed, latched by the closing sweep: a clock that jumps back reopens nothing.
    closed_for = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    last_saved_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    review_started_at = models.DateTimeField(null=True, blank=True)
    correction_round = models.PositiveSmallIntegerField(default=0)
    correction_due_at = models.DateTimeField(null=True, blank=True)
    announced_at = models.DateTimeField(null=True, blank=True)
    objection_until = models.DateTimeField(null=True, blank=True)
    final_at = models.DateTimeField(null=True, blank=True)  # latched: when the result became final
    excused_at = models.DateTimeField(null=True, blank=True)
    excused_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    # Room for evidence beyond what the call gives each unit; and since when there has been none (`actions/quotas.py`).
    quota_mb = models.PositiveIntegerField(null=True, blank=True)
    quota_files = models.PositiveIntegerField(null=True, blank=True)
    quota_reached_at = models.DateTimeField(null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(name="one_report_a_unit_and_call", fields=["call", "unit"]),
            models.CheckConstraint(name="report_state_known", condition=Q(state__in=ReportState.values)),
            models.CheckConstraint(
                name="report_submitted_has_instant",
                condition=~Q(state__in=[ReportState.SUBMITTED, ReportState.UNDER_REVIEW, ReportState.RETURNED])
                | Q(submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="report_announced_has_instants",
                condition=Q(state=ReportState.ANNOUNCED, announced_at__isnull=False, objection_until__isnull=False)
                | ~Q(state=ReportState.ANNOUNCED) & Q(announced_at__isnull=True),
            ),
            models.CheckConstraint(
                name="report_returned_has_deadline",
                condition=Q(state=ReportState.RETURNED, correction_due_at__isnull=False)
                | ~Q(state=ReportState.RETURNED) & Q(correction_due_at__isnull=True),
            ),
            models.CheckConstraint(
                name="report_objection_after_result",
                condition=Q(objection_until__isnull=True) | Q(objection_until__gte=F("announced_at")),
            ),
            models.CheckConstraint(
                name="report_final_after_result",
                condition=Q(final_at__isnull=True) | Q(final_at__gte=F("announced_at")),
            ),
            models.CheckConstraint(
                name="report_excused_has_instant",
                condition=Q(state=ReportState.EXCUSED, excused_at__isnull=False)
                | ~Q(state=ReportState.EXCUSED) & Q(excused_at__isnull=True),
            ),
            both_or_neither("report_excused_by_somebody", "excused_at", "excused_by"),
        ]
        indexes = [
            models.Index(name="report_of_call_by_state", fields=["call", "state"]),
            models.Index(name="report_of_unit", fields=["unit", "-call"]),
            # Lists are read in this order: the newest call first, its units by name.
            models.Index(name="report_in_order", fields=["-call", "unit_sort_key", "id"]),
            # Without a result: few beside all that ever had one, and what people look for.
            models.Index(
                name="report_without_result",
                fields=["-call", "unit_sort_key", "id"],
                condition=~Q(state=ReportState.ANNOUNCED),
            ),
            # What `awaiting_result` asks for: the reviewing queue, which reads nothing of what was reviewed and announced.
            models.Index(
                name="report_awaiting_result",
                fields=["call"],
                condition=Q(submitted_at__isnull=False) & ~Q(state=ReportState.ANNOUNCED),
            ),
            models.Index(
                name="report_correction_due", fields=["correction_due_at"], condition=Q(correction_due_at__isnull=False)
            ),
            models.Index(
                name="report_not_final",
                fields=["objection_until"],
                condition=Q(state=ReportState.ANNOUNCED, final_at__isnull=True),
            ),
            models.Index(name="report_without_room", fields=["call"], condition=Q(quota_reached_at__isnull=False)),
        ]

    def __str__(self):
        return f"{self.unit_name}، {self.call}"

    @property
    def correction_due(self) -> datetime:
        """When the correction of a returned report is due."""
        return promised(self.correction_due_at, "report_returned_has_deadline")

    @property
    def objections_end(self) -> datetime:
        """The end (exclusive) of the objection days of an announced report."""
        return promised(self.objection_until, "report_announced_has_instants")


class DraftSection(models.Model):
    """The stored answers of one section. `version` grows with each change that stores something.

    `answers`: {question: {"v": canonical text, "n": version of its last change, "by": person id, "at": ISO instant}}.
    Besides questions: `comment:<indicator>` (why a value departs from history) and `na:<indicator>` (why it does not apply).
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="draft_sections")
    section = models.CharField(max_length=255)
    version = models.PositiveIntegerField(default=0)
    answers = models.JSONField(default=dict)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(name="draft_section_once", fields=["report", "section"])]

    def __str__(self):
        return f"{self.report_id}/{self.section}"


class Evidence(models.Model):
    """A file that supports one indicator. Taken out of the draft it stays where it stood there when somebody was asked to
    sign or submitted; revisions name it. Else it goes, file and row, after a day (`actions/files.py`)."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="evidence")
    indicator = models.CharField(max_length=255)
    name = models.CharField(max_length=200)
    file = models.FileField(upload_to="evidence/%Y/%m/")
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    # The file of a revision whose place it took when there was no room: each is replaced once.
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replacement")

    class Meta:
        ordering = ["id"]
        constraints = [both_or_neither("evidence_removed_by_somebody", "removed_at", "removed_by")]

    def __str__(self):
        return self.name


class EvidenceTotal(models.Model):
    """What the evidence of a call's units takes in the store, taken out of drafts or not. Who adds or deletes evidence holds
    this row first (`actions/quotas.py` `hold_total`), and counts what it adds or deletes."""

    call = models.OneToOneField(Call, models.PROTECT, primary_key=True, related_name="evidence_total")
    size = models.PositiveBigIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"{self.call_id}: {self.files}"


class SignOffRound(models.Model):
    """One time the expert asked for the head's signature, and what the head said."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="sign_offs")
    number = models.PositiveSmallIntegerField()
    answers = models.JSONField()  # {question: text} as asked, so that the next round shows what changed
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    note = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    signed = models.BooleanField(null=True)
    reply = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="sign_off_number_once", fields=["report", "number"]),
            models.UniqueConstraint(name="one_open_sign_off", fields=["report"], condition=Q(decided_at__isnull=True)),
            both_or_neither("sign_off_decided_whole", "decided_at", "decided_by", "signed"),
        ]

    def __str__(self):
        return f"{self.report_id}#{self.number}"


class Revision(models.Model):
    """What was submitted, for ever (append-only), with its receipt: when, how it stood to which deadline, by which rule.

    `answers` {question: text}; `values` the calculated ones; `evidence` [{"id", "indicator", "name", "sha256", "size"}];
    `sha256` over all of that and the instant in canonical JSON (actions/submission.py `revision_hash`).
    `deadline` is the instant (exclusive) that it had to beat; `rule` names it with its parts. Beside the hash, and null where it was
    submitted before that was kept: `claimed_score`, what these answers would earn if every figure were verified
    (`scoring.claims`); `doubts`, what was asked about its figures (`queries/doubts.py`).
    """

    report = models.ForeignKey(Report, models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    correction_round = models.PositiveSmallIntegerField(default=0)
    answers = models.JSONField()
    values = models.JSONField()
    evidence = models.JSONField()
    sha256 = models.CharField(max_length=64)
    receipt_code = models.CharField(max_length=40, unique=True)
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    standing = models.CharField(max_length=10, choices=Standing.choices)
    deadline = models.DateTimeField()
    rule = models.JSONField()
    claimed_score = models.JSONField(null=True, blank=True, default=None)
    doubts = models.JSONField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="revision_number_once", fields=["report", "number"]),
            models.CheckConstraint(name="revision_before_deadline", condition=Q(submitted_at__lt=F("deadline"))),
        ]

    def __str__(self):
        return f"{self.report_id}#{self.number}"

    @property
    def who(self) -> str:
        """The name that stands under it, “X for Y” where a deputy acted."""
        return who_acted(self.submitted_by, self.membership)


class ReturnRound(models.Model):
    """One return for correction. `remarks` {indicator: what is to be corrected}; only those may change."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="returns")
    number = models.PositiveSmallIntegerField()
    remarks = models.JSONField()
    note = models.TextField(blank=True)
    returned_at = models.DateTimeField()
    returned_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)  # recorded by the sweep; equals due_at
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    # Nobody has answered it, time has not, and headquarters has not taken it back.
    OPEN = Q(answered_at__isnull=True, lapsed_at__isnull=True, withdrawn_at__isnull=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="return_number_once", fields=["report", "number"]),
            models.UniqueConstraint(
                name="one_open_return",
                fields=["report"],
                condition=Q(answered_at__isnull=True, lapsed_at__isnull=True, withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(name="return_due_after_return", condition=Q(due_at__gt=F("returned_at"))),
            models.CheckConstraint(
                name="return_answered_in_time", condition=Q(answered_at__isnull=True) | Q(answered_at__lt=F("due_at"))
            ),
            models.CheckConstraint(
                name="return_ends_once",
                condition=Q(answered_at__isnull=True, lapsed_at__isnull=True)
                | Q(answered_at__isnull=True, withdrawn_at__isnull=True)
                | Q(lapsed_at__isnull=True, withdrawn_at__isnull=True),
            ),
            both_or_neither("return_withdrawn_by_somebody", "withdrawn_at", "withdrawn_by"),
        ]

    def __str__(self):
        return f"{self.report_id}#{self.number}"


class ExtensionRequest(models.Model):
    """A head asks for more time; a coordinator grants it wholly, in part, or refuses, with a reason."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="extension_requests")
    request = models.OneToOneField(ServiceRequest, models.PROTECT, related_name="extension_request")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    membership = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+"
    )  # null: asked before it was kept
    asked_until = models.DateTimeField()
    reason = models.TextField()
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    granted_until = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decision_reason = models.TextField(blank=True)

    # What waits for a decision: its fee, where it has one, is paid.
    FEE_SETTLED = Q(request__price_rials=0) | Q(request__paid_at__isnull=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_extension_request", fields=["report"], condition=Q(decided_at__isnull=True)
            ),
            both_or_neither("extension_decided_by_somebody", "decided_at", "decided_by"),
            models.CheckConstraint(
                name="extension_granted_has_instant",
                condition=Q(decision__in=["", Decision.REFUSED], granted_until__isnull=True)
                | Q(decision__in=[Decision.GRANTED, Decision.PARTLY], granted_until__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.report_id}: {self.asked_until}"

    @property
    def who(self) -> str:
        """The name that stands under it, “X for Y” where a deputy acted."""
        return who_acted(self.asked_by, self.membership)

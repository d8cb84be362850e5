"""To look things up: what is done. Every change is a verb on the portal's own pages.

No draft: its answers and its files are the unit's own until they are submitted (ADR 9). A revision names its files.
"""

from django.contrib import admin

from sajad_portal.lib.admin import ReadOnlyAdmin

from .models import (
    Call,
    CallDocument,
    DraftSection,
    ExtensionRequest,
    Form,
    FormFile,
    FormVersion,
    Objection,
    Report,
    ResultVersion,
    ReturnRound,
    Review,
    ReviewAssignment,
    ReviewItem,
    Revision,
    SignOffRound,
    Snapshot,
)


class _Inside(admin.TabularInline):
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class DocumentsInside(_Inside):
    model = CallDocument
    fields = ("document",)


class RevisionsInside(_Inside):
    model = Revision
    fields = ("number", "correction_round", "submitted_at", "standing", "receipt_code", "sha256")


class ResultsInside(_Inside):
    model = ResultVersion
    fk_name = "report"
    fields = ("number", "kind", "total", "missed", "announced_at")


class ItemsInside(_Inside):
    model = ReviewItem
    fields = ("indicator", "revision", "verified", "not_applicable", "points", "saved_at")


class FilesInside(_Inside):
    model = FormFile
    fields = ("name", "media_type", "size", "sha256")


class VersionsInside(_Inside):
    model = FormVersion
    fields = ("number", "title", "sha256", "reader", "indicator_count", "uploaded_at", "confirmed_at")


@admin.register(Form)
class FormAdmin(ReadOnlyAdmin):
    list_display = ("title", "code", "created_at")
    search_fields = ("title", "code")
    inlines = (VersionsInside,)


@admin.register(FormVersion)
class FormVersionAdmin(ReadOnlyAdmin):
    list_display = ("title", "form", "number", "indicator_count", "uploaded_at", "confirmed_at")
    list_select_related = ("form",)
    exclude = ("definition", "workbook")
    inlines = (FilesInside,)


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    list_display = ("title", "period_code", "state", "opens_at", "closes_at", "published_at", "cancelled_at")
    list_filter = ("state", "period_kind")
    search_fields = ("title", "period_code")
    date_hierarchy = "closes_at"
    inlines = (DocumentsInside,)


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    list_display = ("call", "number", "as_of", "taken_at")
    list_select_related = ("call",)


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("tracking_code", "unit_name", "call", "state", "submitted_at", "announced_at", "final_at")
    list_filter = ("state",)
    list_select_related = ("call",)
    search_fields = ("tracking_code", "unit__search_key")
    inlines = (RevisionsInside, ResultsInside)


@admin.register(DraftSection)
class DraftSectionAdmin(ReadOnlyAdmin):
    list_display = ("report", "section", "version", "saved_at", "saved_by")
    list_select_related = ("report__call", "saved_by")
    search_fields = ("report__tracking_code",)
    exclude = ("answers",)


@admin.register(SignOffRound)
class SignOffRoundAdmin(ReadOnlyAdmin):
    list_display = ("report", "number", "requested_at", "requested_by", "decided_at", "signed")
    list_select_related = ("report__call", "requested_by")
    search_fields = ("report__tracking_code",)
    exclude = ("answers",)


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    list_display = ("report", "number", "submitted_at", "submitted_by", "standing", "receipt_code")
    list_filter = ("standing",)
    list_select_related = ("report__call", "submitted_by")
    search_fields = ("report__tracking_code", "receipt_code", "sha256")


@admin.register(ReturnRound)
class ReturnRoundAdmin(ReadOnlyAdmin):
    list_display = ("report", "number", "returned_at", "returned_by", "due_at", "answered_at", "lapsed_at")
    list_select_related = ("report__call", "returned_by")
    search_fields = ("report__tracking_code",)


@admin.register(ExtensionRequest)
class ExtensionRequestAdmin(ReadOnlyAdmin):
    list_display = ("report", "asked_at", "asked_by", "asked_until", "decision", "granted_until", "decided_at")
    list_filter = ("decision",)
    list_select_related = ("report__call", "asked_by")
    search_fields = ("report__tracking_code",)


@admin.register(ReviewAssignment)
class ReviewAssignmentAdmin(ReadOnlyAdmin):
    list_display = ("call", "section", "unit", "reviewer", "lead", "assigned_at", "ended_at")
    list_select_related = ("call", "unit", "reviewer")


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ("report", "section", "reviewer", "lead", "state", "handed_in_at")
    list_filter = ("state", "lead")
    list_select_related = ("report__call", "reviewer")
    search_fields = ("report__tracking_code",)
    inlines = (ItemsInside,)


@admin.register(ResultVersion)
class ResultVersionAdmin(ReadOnlyAdmin):
    list_display = ("report", "number", "kind", "total", "missed", "announced_at", "announced_by")
    list_filter = ("kind", "missed")
    list_select_related = ("report__call", "announced_by")
    search_fields = ("report__tracking_code", "verification_code")


@admin.register(Objection)
class ObjectionAdmin(ReadOnlyAdmin):
    list_display = ("report", "result", "dispute")
    list_select_related = ("report__call", "result", "dispute")
    search_fields = ("report__tracking_code",)

"""To look things up; changed through the portal's own pages. Holidays too: /calendar/ keeps their trail."""

from django.contrib import admin

from sajad_portal.lib.admin import ReadOnlyAdmin

from .models import (
    Acceptance,
    AgreementSection,
    AgreementVersion,
    Dispute,
    DisputeMessage,
    Document,
    GeneralRequest,
    Holiday,
    LedgerEntry,
    Offer,
    Payment,
    Position,
    Reconciliation,
    Refund,
    RequestDecision,
    RequestType,
    Service,
    ServiceRequest,
)


class Inside(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class SectionsInside(Inside):
    model = AgreementSection
    fields = ("position", "key", "heading")


class TypesInside(Inside):
    model = RequestType
    fields = ("code", "kind", "title", "target_working_days")


class MessagesInside(Inside):
    model = DisputeMessage
    fields = ("at", "side", "by", "text")


class OffersInside(Inside):
    model = Offer
    fields = ("number", "side", "state", "at", "text")


class DecisionsInside(Inside):
    model = RequestDecision
    fields = ("number", "decision", "at", "by", "reason")


class PositionsInside(Inside):
    model = Position
    fields = ("number", "at", "by", "text")


@admin.register(Service)
class ServiceAdmin(ReadOnlyAdmin):
    list_display = ("title", "code", "provider")
    inlines = (TypesInside,)


@admin.register(AgreementVersion)
class AgreementVersionAdmin(ReadOnlyAdmin):
    list_display = ("service", "number", "state", "edited_on", "published_at")
    list_filter = ("state",)
    inlines = (SectionsInside,)


@admin.register(Acceptance)
class AcceptanceAdmin(ReadOnlyAdmin):
    list_display = ("unit", "agreement", "answer", "by", "at")
    list_filter = ("answer",)
    search_fields = ("unit__search_key",)
    list_select_related = ("unit", "agreement__service", "by")


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ("title", "service", "slot", "number", "published_at")
    list_filter = ("slot",)


@admin.register(Holiday)
class HolidayAdmin(ReadOnlyAdmin):
    list_display = ("day", "title", "source", "added_by")
    list_filter = ("source",)


@admin.register(ServiceRequest)
class ServiceRequestAdmin(ReadOnlyAdmin):
    list_display = ("pk", "unit", "request_type", "created_at", "stopped_at", "voided_at")
    list_select_related = ("unit", "request_type")
    search_fields = ("unit__search_key",)


@admin.register(GeneralRequest)
class GeneralRequestAdmin(ReadOnlyAdmin):
    """Drafts are their units' own: nobody reads them here."""

    list_display = ("pk", "unit", "request_type", "state", "filed_at", "decided_at", "withdrawn_at")
    list_filter = ("state",)
    list_select_related = ("unit", "request_type")
    search_fields = ("unit__search_key",)
    inlines = (DecisionsInside,)

    def get_queryset(self, request):
        return super().get_queryset(request).filter(filed_at__isnull=False)


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = ("title", "unit", "subject", "filed_at", "final_at", "outcome", "ended_at")
    list_filter = ("subject", "outcome")
    list_select_related = ("unit",)
    inlines = (PositionsInside, OffersInside, MessagesInside)


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ("order_id", "state", "amount_rials", "gateway", "begun_at", "settled_at", "reference")
    list_filter = ("state", "gateway")
    search_fields = ("order_id", "reference")
    exclude = ("token",)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "rials", "payment", "by")
    list_filter = ("kind",)
    list_select_related = ("payment", "by")
    search_fields = ("payment__order_id",)


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ("payment", "rials", "proposed_by", "consented_by", "paid_out_at", "declined_at")
    list_select_related = ("payment", "proposed_by", "consented_by")


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    list_display = ("day", "gateway", "source_name", "lines", "matched", "at")
    list_filter = ("gateway",)

"""Django's admin, to look things up. It changes nothing: every change has its verb, its rule and its Event."""

from urllib.parse import urlencode

from allauth.account import admin as _registers_addresses  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa import admin as _registers_factors  # noqa: F401
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth import admin as _registers_groups  # noqa: F401
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sajad_portal.lib.access import access
from sajad_portal.lib.admin import ReadOnlyAdmin
from sajad_portal.lib.errors import Forbidden

from .models import Digest, Event, Membership, Notice, Person, Throttle, Unit


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    """Without the password's hash, and without the national code in any form."""

    list_display = ("username", "last_name", "first_name", "is_active", "is_superuser", "last_seen_at")
    list_filter = ("is_active", "is_superuser", "language")
    search_fields = ("search_key", "email")
    ordering = ("sort_key",)
    fields = (
        "username", "first_name", "last_name", "mobile", "email", "language", "is_active", "is_superuser",
        "created_at", "last_seen_at",
    )  # fmt: skip


@admin.register(Unit)
class UnitAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "kind", "parent", "retired_at")
    list_filter = ("kind",)
    list_select_related = ("parent",)
    search_fields = ("search_key",)
    ordering = ("sort_key",)


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("person", "role", "unit", "starts_at", "ends_at", "accepted_at", "granted_by")
    list_filter = ("role",)
    list_select_related = ("person", "unit", "granted_by")
    search_fields = ("person__search_key", "unit__search_key")


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("at", "verb", "words", "noun", "key", "person", "membership")
    list_filter = ("noun", "verb")
    list_select_related = ("person", "membership__person", "membership__unit")
    search_fields = ("key",)
    ordering = ("-id",)

    @admin.display(description=_("What was done"))
    def words(self, event: Event) -> str:
        return event.words


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "person", "channel", "subject", "urgent", "sent_at", "attempts", "read_at")
    list_filter = ("channel", "urgent", ("sent_at", admin.EmptyFieldListFilter))
    list_select_related = ("person",)
    search_fields = ("subject", "person__search_key")
    ordering = ("-id",)


@admin.register(Digest)
class DigestAdmin(ReadOnlyAdmin):
    list_display = ("day", "person", "sent_at")
    list_select_related = ("person",)
    ordering = ("-id",)


@admin.register(Throttle)
class ThrottleAdmin(ReadOnlyAdmin):
    list_display = ("key", "window_starts_at", "count")
    ordering = ("-id",)


@access("public")
def sign_in_first(request: HttpRequest, extra_context=None) -> HttpResponse:
    """The admin has no door of its own: tries are counted at the portal's."""
    if request.user.is_authenticated:
        raise Forbidden(_("These pages are for administrators. What you can do is on your desk."))
    return redirect(f"{reverse('units:sign_in')}?{urlencode({'next': request.get_full_path()})}")


@access("public")
def password_elsewhere(request: HttpRequest, extra_context=None) -> HttpResponse:
    """The portal's own page counts the tries, tells the person and ends their other sessions."""
    return redirect("units:password_change")


# Rights are memberships of units; nothing asks for a group. A person’s address stands with the person, and of second factors nothing is for eyes.
admin.site.unregister([Group, EmailAddress, Authenticator])
admin.site.password_change = password_elsewhere  # type: ignore[method-assign]
admin.site.login = sign_in_first  # type: ignore[method-assign]
admin.site.site_header = gettext_lazy("Looking things up")
admin.site.site_title = gettext_lazy("Portal")
admin.site.index_title = gettext_lazy("Everything here is read-only")

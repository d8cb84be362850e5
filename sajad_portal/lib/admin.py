"""Django's admin shows every noun that has a workflow and changes none: what changes goes through verbs."""

from django.contrib import admin
from django.contrib.admin.utils import flatten


class ReadOnlyAdmin(admin.ModelAdmin):
    """To look things up. Nobody adds, changes or deletes here, whatever their permissions."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def lookup_allowed(self, lookup, value, request=None):
        """What is not shown cannot be asked for either: a filter on a token would tell it letter by letter."""
        filtered = [entry[0] if isinstance(entry, tuple) else entry for entry in self.list_filter]
        shown = {"pk", self.opts.pk.name, *flatten(self.get_fields(request)), *filtered}
        return lookup.split("__")[0] in shown and super().lookup_allowed(lookup, value, request)

"""Django's admin shows every noun that has a workflow and changes none: what changes goes through verbs."""

from django.contrib import admin


class ReadOnlyAdmin(admin.ModelAdmin):
    """To look things up. Nobody adds, changes or deletes here, whatever their permissions."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

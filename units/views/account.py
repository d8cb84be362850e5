"""Signing in and out, passwords."""

from django.shortcuts import render


def csrf_failure(request, reason=""):
    """A form older than its session: say so and offer the page again, instead of Django's bare 403."""
    return render(request, "account/stale.html", status=403)

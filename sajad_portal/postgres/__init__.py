"""Django's PostgreSQL, with an end to waiting for an answer that does not come: named by `settings.DATABASES`."""

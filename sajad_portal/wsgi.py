import os

from django.core.wsgi import get_wsgi_application

from sajad_portal.start import settings_or_end

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sajad_portal.settings")

settings_or_end()
application = get_wsgi_application()

from sajad_portal.watch.keys import insist_on_field_key  # noqa: E402 it needs the models
from sajad_portal.watch.reports import report_to_sentry  # noqa: E402

report_to_sentry()
insist_on_field_key()

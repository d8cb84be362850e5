"""gunicorn's own lines (`--logger-class sajad_portal.web_log.WebLog`), written as those of the portal."""

import os
from typing import Any

from django.conf import settings
from gunicorn.config import Config
from gunicorn.glogging import Logger

from .lib.logs import JsonFormatter, LineFormatter
from .start import settings_or_end

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sajad_portal.settings")


class WebLog(Logger):
    """The access log names no link that sets a password and no code; nor does an error that names the request it met. As JSON it
    has what the portal knows of the request (watch/middleware.py); who only watches, and is content, is not in it."""

    def setup(self, cfg: Config) -> None:
        settings_or_end()  # it is the first of gunicorn that reads them
        super().setup(cfg)
        for log in (self.access_log, self.error_log):
            for handler in log.handlers:
                form = handler.formatter._fmt if handler.formatter else None
                handler.setFormatter(JsonFormatter() if settings.LOG_FORMAT == "json" else LineFormatter(form))

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        if environ.get("portal.quiet"):
            return
        if settings.LOG_FORMAT != "json":
            super().access(resp, req, environ, request_time)
            return
        if not self.access_log_enabled:
            return
        status = str(resp.status).split(None, 1)[0]
        told = {
            "address": environ.get("REMOTE_ADDR", ""),
            **environ.get("portal.said", {}),
            "method": environ.get("REQUEST_METHOD", ""),
            "path": environ.get("RAW_URI", ""),
            "status": int(status) if status.isdigit() else status,
            "bytes": getattr(resp, "sent", None),
            "seconds": round(request_time.total_seconds(), 3),
            "referrer": environ.get("HTTP_REFERER", ""),
            "agent": environ.get("HTTP_USER_AGENT", ""),
        }
        self.access_log.info("%s %s %s", told["method"], told["path"], status, extra={"said": told})

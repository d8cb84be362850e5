"""What broke, told to people: by mail, or to a server that speaks Sentry's protocol. Nothing that somebody typed goes along: no body,
no query, no cookie, no local variable; and no line names what the log may not name."""

import logging
import threading
import time
from collections import OrderedDict
from typing import Any

import sentry_sdk
from django.conf import settings
from django.core.mail import EmailMessage
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration

from sajad_portal.lib.logs import JsonFormatter, LineFormatter, being_said, discreet

AGAIN = 3600.0  # seconds before the same fault is mailed again
MOST = 20  # mails an hour from one process


class ErrorMail(logging.Handler):
    """One mail for one fault an hour, sent beside the request. A mail that cannot be sent is no second fault."""

    def __init__(self, level: int | str = logging.NOTSET):
        super().__init__(level)
        self.setFormatter(LineFormatter("%(asctime)s %(levelname)s %(name)s\n%(message)s"))
        self._last: OrderedDict[str, float] = OrderedDict()

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("django.core.mail") or not self._is_news(record):
            return
        try:
            said = JsonFormatter().format(record)
            subject = f"[{settings.SITE_URL}] {record.levelname} {discreet(record.getMessage())}"
            mail = EmailMessage(
                " ".join(subject.split())[:180],
                f"{self.format(record)}\n\n{said}\n",
                settings.DEFAULT_FROM_EMAIL,
                settings.ERROR_MAIL_TO,
            )
            threading.Thread(target=mail.send, kwargs={"fail_silently": True}, daemon=True).start()
        except Exception:
            self.handleError(record)

    def _is_news(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        trace = record.exc_info and record.exc_info[2]
        while trace and trace.tb_next:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else str(record.msg)
        while self._last and now - next(iter(self._last.values())) > AGAIN:
            self._last.popitem(last=False)
        if f"{record.name} {where}" in self._last or len(self._last) >= MOST:
            return False
        self._last[f"{record.name} {where}"] = now
        return True


# -------------------------------------------------------------------------------------------------------- Sentry's protocol
def report_to_sentry() -> None:
    """By the settings; does nothing without an address."""
    if not settings.SENTRY_DSN:
        return
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        traces_sample_rate=0,
        auto_enabling_integrations=False,
        integrations=[
            DjangoIntegration(middleware_spans=False, signals_spans=False, cache_spans=False),
            CeleryIntegration(),
            LoggingIntegration(level=None, event_level=logging.ERROR),
        ],
        before_send=scrubbed,
    )


def scrubbed(event: Any, _hint: dict[str, Any]) -> Any:
    """The event without what somebody typed or signed in with; what is left of it is told as the log tells it."""
    request = event.get("request") or {}
    event["request"] = {key: value for key, value in request.items() if key in ("method", "url")}
    event["tags"] = {**(event.get("tags") or {}), **{k: str(v) for k, v in being_said().items() if v is not None}}
    for key in ("user", "extra", "breadcrumbs"):
        event.pop(key, None)
    for values in (event.get("exception") or {}).get("values", []):
        for frame in (values.get("stacktrace") or {}).get("frames", []):
            frame.pop("vars", None)
    return _told(event)


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _told(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_told(each) for each in value]
    return discreet(value) if isinstance(value, str) else value

"""gunicorn's own lines (`--logger-class sajad_portal.web_log.WebLog`), written as those of the portal."""

from gunicorn.config import Config
from gunicorn.glogging import Logger

from .lib.logs import LineFormatter


class WebLog(Logger):
    """The access log names no link that sets a password and no code; nor does an error that names the request it met."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        for log in (self.access_log, self.error_log):
            for handler in log.handlers:
                form = handler.formatter._fmt if handler.formatter else None
                handler.setFormatter(LineFormatter(form))

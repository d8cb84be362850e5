from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "sajad_portal"

    def ready(self) -> None:
        from . import checks  # noqa: F401 it registers what `manage.py check --deploy` tries

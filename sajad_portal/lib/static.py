"""Static files: addresses worked out once a process (a page names thirty, and none changes before the next release), and files
that everybody may read: nginx is another user, and evidence's 0640 would hold for these too."""

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    def __init__(self, *args, **kwargs):
        kwargs.setdefault("manifest_storage", StaticFilesStorage(location=settings.STATIC_LIST))
        super().__init__(*args, **kwargs)
        self._urls: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:
        if force:
            return super().url(name, force)
        if name not in self._urls:
            self._urls[name] = super().url(name)
        return self._urls[name]

    def post_process(self, paths, *args, **kwargs):
        """Afterwards, for compressed copies are written past the storage, and what an earlier release collected stays.

        Copies that set-up made lie beside their files already: they are no files of their own, to be named and compressed again."""
        own = {name: file for name, file in paths.items() if not name.endswith((".gz", ".br"))}
        yield from super().post_process(own, *args, **kwargs)
        for path in [Path(self.location), *Path(self.location).rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)

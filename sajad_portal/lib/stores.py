"""Where files lie, and what is said when there is no room left: nothing is stored by halves, and a person gets a sentence."""

import errno
import logging
from contextlib import suppress
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext as _

from .errors import Refused

logger = logging.getLogger(__name__)
# The disk, the quota of the account, the longest file that the account may write.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_LOST = "portal.upload_lost"


def is_full(exception: BaseException) -> bool:
    return isinstance(exception, OSError) and exception.errno in _FULL


def disk_full() -> Refused:
    """What a person is told; the operators have a line in the log."""
    said = _(
        "The portal has no room left on its disk, so nothing was stored. Tell the people who run the portal, and send it "
        "again once they have made room."
    )
    return Refused(said, code="disk-full", status=507)


class FileStore(FileSystemStorage):
    """The files of the portal on a disk. Where it is full: Refused (disk-full), and no half of a file stays behind."""

    def _save(self, name: str, content: File) -> str:
        try:
            return super()._save(name, content)
        except OSError as error:
            if not is_full(error):
                raise
            logger.error("No room left to store a file: %s", error)
            with suppress(OSError):
                # Whole, it is another's who had the name first.
                if self.size(name) < content.size:
                    self.delete(name)
            raise disk_full() from error


class UploadHandler(TemporaryFileUploadHandler):
    """Keeps what is being uploaded on disk. Where that is full the file is skipped and the request knows it.

    A form is read before its view is called, mostly by the CSRF middleware, where nothing that is raised becomes a page.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().new_file(*args, **kwargs)
        except OSError as error:
            self._give_up(error)
            raise SkipFile from error

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError as error:
            self._give_up(error)
            raise SkipFile from error

    def file_complete(self, file_size: int) -> UploadedFile | None:
        try:
            return super().file_complete(file_size)
        except OSError as error:  # the rest that was still in memory
            self._give_up(error)
            return None

    def _give_up(self, error: OSError) -> None:
        if not is_full(error) or self.request is None:
            raise error
        logger.error("No room left to take an upload: %s", error)
        self.request.META[_LOST] = True
        with suppress(OSError):
            self.file.close()


def has_lost_upload(request: HttpRequest) -> bool:
    """Reads the form, if nobody has yet, and tells whether a file of it found no room."""
    if request.content_type == "multipart/form-data":
        request.FILES  # noqa: B018 reading it is what fills the disk
    return _LOST in request.META

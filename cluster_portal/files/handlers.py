"""How much of an upload reaches the disk."""

from __future__ import annotations

import tempfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.files.formats import MAX_AT_ONCE, MAX_REQUEST, MAX_SIZE

if TYPE_CHECKING:
    from typing import IO


class DroppedFile(UploadedFile):
    """A file of which nothing was kept; `size` is what was sent."""


class LimitedUpload(FileUploadHandler):
    """Stands before Django's own handlers and keeps from them what the portal will refuse anyway.

    Files larger than the portal takes, more of them than it takes at once, and everything that visitors send are read
    to their end and dropped, so that the form can answer in words; requests far beyond all limits are broken off.
    """

    def handle_raw_input(
        self, input_data: IO, META: dict, content_length: int, boundary: bytes, encoding: Any = None
    ) -> None:
        self.files = 0
        if content_length > 2 * MAX_REQUEST:
            raise RequestDataTooBig
        self.dropping = content_length > MAX_REQUEST or not self._is_known()

    def _is_known(self) -> bool:
        return getattr(self.request, "actor", ANONYMOUS).is_authenticated

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.files += 1
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        return None if self._is_dropped() else raw_data

    def _is_dropped(self) -> bool:
        return self.dropping or self.files > MAX_AT_ONCE + 1 or self.received > MAX_SIZE

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if not self._is_dropped():
            return None
        return DroppedFile(BytesIO(), name=self.file_name, content_type=self.content_type, size=self.received)


class UnnamedUpload(FileUploadHandler):
    """Larger files wait on the disk without a name: nobody finds them there, and nothing of them outlives the process,
    however it ends.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115 - lives with the upload

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        self.file.seek(0)
        return UploadedFile(
            self.file, self.file_name, self.content_type, file_size, self.charset, self.content_type_extra
        )

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()

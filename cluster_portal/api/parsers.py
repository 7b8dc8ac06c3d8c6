"""JSON bodies, with a limit in words."""

from __future__ import annotations

from typing import Any

import orjson
from django.conf import settings
from rest_framework.parsers import BaseParser

from cluster_portal.api.errors import BrokenJSON, CompressedBody, TooLarge

#: A body that is too large is read to its end up to here (bytes), because a connection closed in the middle of
#: sending shows the sender a broken pipe instead of the answer.
DRAIN = 64 * 1024 * 1024


def drain(stream: Any) -> None:
    """Read on to the end of a body that is refused."""
    drained = 0
    while drained < DRAIN and (chunk := stream.read(256 * 1024)):
        drained += len(chunk)


class JSONParser(BaseParser):
    """Raises TooLarge beyond DATA_UPLOAD_MAX_MEMORY_SIZE, BrokenJSON for what is not JSON, CompressedBody."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type=None, parser_context=None) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            drain(stream)
            raise TooLarge(extra={"limit_bytes": limit})
        if parser_context["request"].headers.get("Content-Encoding", "identity") != "identity":
            raise CompressedBody
        if not raw.strip():
            return {}
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as exc:
            raise BrokenJSON(extra={"line": exc.lineno, "column": exc.colno}) from exc

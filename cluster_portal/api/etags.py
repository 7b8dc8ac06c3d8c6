"""Versions of single resources: ETag, If-Match, If-None-Match (RFC 9110).

An ETag is `"<version>-<digest>"`. The version is the row's `updated_at`: If-Match compares it alone, whatever
language the record was read in. The digest is of the answer's body: If-None-Match compares the whole.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from cluster_portal.api.renderers import dumps
from cluster_portal.common.errors import StaleVersion, VersionRequired

if TYPE_CHECKING:
    from rest_framework.request import Request

_tag = re.compile(r'(?:W/)?"([^"]*)"')


def version(obj: Any) -> str:
    """The row's version: microseconds of its last change."""
    moment = obj["updated_at"] if isinstance(obj, dict) else obj.updated_at
    return format(int(moment.timestamp()) * 1_000_000 + moment.microsecond, "x")


def etag(obj: Any, data: Any) -> str:
    """The ETag of `obj` shown as `data`."""
    return f'"{version(obj)}-{hashlib.blake2b(dumps(data), digest_size=6).hexdigest()}"'


def require_match(request: Request, obj: Any, *, required: bool) -> None:
    """Raise StaleVersion unless If-Match names the row's version, VersionRequired where it is missing and needed."""
    header = request.headers.get("If-Match")
    if header is None:
        if required:
            raise VersionRequired
        return
    if header.strip() == "*":
        return
    if version(obj) not in {tag.partition("-")[0] for tag in _tag.findall(header)}:
        raise StaleVersion(extra={"current": f'"{version(obj)}"'})


def is_fresh(request: Request, tag: str) -> bool:
    """Whether If-None-Match says that the reader has this very answer."""
    header = request.headers.get("If-None-Match", "")
    return header.strip() == "*" or tag.strip('"') in _tag.findall(header)

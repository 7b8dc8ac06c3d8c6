"""Files beside files: of a plot, a tender, a company."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cluster_portal.common.filling import fill
from investors.errors import TooManyDocuments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cluster_portal.common.errors import Conflict


def put_document(
    document: Any,
    siblings: Any,
    data: Mapping[str, Any],
    names: Sequence[str],
    *,
    exists: type[Conflict],
    too_many: type[Conflict] = TooManyDocuments,
) -> Any:
    """Write a document beside those that are there; what they belong to is locked. `data` holds `names`.

    Raises `exists` for a file that is there, `too_many` beyond the model's MOST (both at `file`), Invalid.
    """
    there = list(siblings.values_list("sha256", flat=True))
    if len(there) >= document.MOST:
        raise too_many(field="file", extra={"limit": document.MOST})
    if document.sha256 in there:
        raise exists(field="file")
    fill(document, data, names)
    document.save(force_insert=True)
    return document

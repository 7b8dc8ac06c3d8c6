"""What every page knows of the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.functional import SimpleLazyObject

from clinics.selectors.cluster import current_cluster

if TYPE_CHECKING:
    from django.http import HttpRequest


def cluster(_request: HttpRequest) -> dict[str, object]:
    """`cluster`: whose portal this is. Asked of the database only by a template that shows it."""
    return {"cluster": SimpleLazyObject(current_cluster)}

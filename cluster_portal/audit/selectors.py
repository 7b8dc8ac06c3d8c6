"""Reading the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.audit.models import Access, Entry

if TYPE_CHECKING:
    import uuid

    from django.db.models import Model, QuerySet


def history(obj: Model) -> QuerySet[Entry]:
    """Every journalled change of one row, oldest first."""
    return Entry.objects.filter(table_name=obj._meta.db_table, row_id=str(obj.pk)).order_by("at", "id")


def readers(subject_type: str, subject_id: uuid.UUID) -> QuerySet[Access]:
    """Who opened a record, latest first."""
    return Access.objects.filter(subject_type=subject_type, subject_id=subject_id).order_by("-at")

"""Writing the journal of reads. Changes are written by the database's triggers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.audit.models import Access
from cluster_portal.common.context import request_info

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor


def record_accesses(
    actor: Actor, subjects: Iterable[tuple[str, uuid.UUID | None]], *, purpose: str, reason: str = ""
) -> None:
    """Journal that `actor` opened several records at once, each a (type, id): a line for each, one statement."""
    info = request_info()
    Access.objects.bulk_create(
        Access(
            actor_kind=actor.kind,
            user_id=actor.user_id,
            client_id=actor.client_id,
            organization_id=actor.organization_id,
            request_id=info.request_id,
            ip=info.ip,
            subject_type=subject_type,
            subject_id=subject_id,
            purpose=purpose,
            reason=reason,
        )
        for subject_type, subject_id in subjects
    )


def record_access(
    actor: Actor, *, subject_type: str, subject_id: uuid.UUID | None, purpose: str = "", reason: str = ""
) -> None:
    """Journal that `actor` opened a record, or tried to and opened none (then there is no `subject_id`).

    `reason` is what the person stated, where the access needed one.
    """
    record_accesses(actor, [(subject_type, subject_id)], purpose=purpose, reason=reason)

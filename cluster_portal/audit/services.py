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
    actor: Actor, *, subject_type: str, subject_ids: Iterable[uuid.UUID], purpose: str, reason: str = ""
) -> None:
    """Journal that `actor` opened several records at once, a line for each."""
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
        for subject_id in subject_ids
    )


def record_access(
    actor: Actor, *, subject_type: str, subject_id: uuid.UUID | None, purpose: str = "", reason: str = ""
) -> None:
    """Journal that `actor` opened a record, or tried to and opened none (then there is no `subject_id`).

    `reason` is what the person stated, where the access needed one.
    """
    info = request_info()
    Access.objects.create(
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

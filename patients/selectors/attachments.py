"""The files of a referral."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patients.models import Attachment
from patients.policies import attachment_policy

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor


def attachments_of(actor: Actor, referral_id: uuid.UUID) -> QuerySet[Attachment]:
    """Those that the actor may open, the latest first, each with its referral's state and whose it is."""
    return (
        attachment_policy.queryset(actor)
        .filter(referral=referral_id)
        .select_related("organization", "referral")
        .order_by("-created_at", "-id")
    )


def see_attachment(
    actor: Actor, attachment_id: uuid.UUID, referral_id: uuid.UUID, action: str = "view"
) -> Attachment:
    """One file of a referral. Raises NotFound and Forbidden."""
    rows = Attachment.objects.filter(referral=referral_id).select_related("organization", "referral")
    return attachment_policy.get(actor, action, attachment_id, queryset=rows)

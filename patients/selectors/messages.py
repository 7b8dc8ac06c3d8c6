"""The thread of a referral, and what waits to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, DateTimeField, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from patients.models import Message, Referral
from patients.policies import referral_policy

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: Threads by their latest message.
ORDER = ("-last_at", "-id")


def messages_of(referral: Referral) -> QuerySet[Message]:
    """What the clinics wrote, the oldest first."""
    return (
        Message.objects.filter(referral=referral).select_related("organization").order_by("created_at", "id")
    )


def unread_of(actor: Actor) -> QuerySet[Message]:
    """Messages to the actor's organisation that nobody there has read."""
    if actor.organization_id is None:
        return Message.objects.none()
    rows = Message.objects.filter(addressee=actor.organization_id, read_at__isnull=True)
    return rows.exclude(author=actor.user_id) if actor.user_id else rows


def threads(actor: Actor, *, unread: bool = False) -> QuerySet[Referral]:
    """Referrals with messages that the actor may see, each with `last_at` and the number of its `unread` ones."""
    waiting = Q(messages__addressee=actor.organization_id, messages__read_at__isnull=True)
    if actor.user_id:
        waiting &= ~Q(messages__author=actor.user_id) | Q(messages__author__isnull=True)
    ours = Q(organization=actor.organization_id) | Q(addressee=actor.organization_id)
    shown = unread_of(actor) if unread else Message.objects.filter(ours)
    latest = Message.objects.filter(referral=OuterRef("pk")).order_by("-created_at", "-id")
    rows = (
        referral_policy.queryset(actor)
        .filter(pk__in=shown.values("referral"))
        .select_related("patient", "source_clinic", "target_clinic", "service_type")
        .annotate(
            last_at=Coalesce(Max("messages__created_at"), F("created_at"), output_field=DateTimeField()),
            unread=Count("messages", filter=waiting),
            last_text=Subquery(latest.values("text")[:1]),
            last_name=Subquery(latest.values("author_name")[:1]),
        )
    )
    return rows.order_by(*ORDER)

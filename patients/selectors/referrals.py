"""Reading referrals. Opening one is journalled here, so no page and no program can forget it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Max, OuterRef, Q, Subquery, Window

from clinics.models import Organization, Slot
from clinics.states import SlotState
from cluster_portal.accounts.models import User
from cluster_portal.audit.selectors import readers
from cluster_portal.audit.services import record_accesses
from cluster_portal.common.translated import localized
from patients.models import Booking, Conclusion, Consent, Referral, ReferralStep
from patients.policies import booking_policy, referral_policy
from patients.selectors import worklists
from patients.states import ACTIVE_BOOKING, OCCUPYING, ConsentKind

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: What the page of a referral shows beside its own columns.
RELATED = (
    "patient__home_clinic", "service_type__specialty", "service", "source_clinic__organization",
    "source_organization", "target_clinic__organization", "target_organization", "appointment_clinic", "author",
)  # fmt: skip

COLUMNS = tuple(field.name for field in Referral._meta.concrete_fields)


def visible_referrals(actor: Actor) -> QuerySet[Referral]:
    """Every referral that the actor sees, with what `available_actions` reads: of the visit's clinic, its clock."""
    referrals = referral_policy.queryset(actor).select_related("appointment_clinic")
    return referrals.only(*COLUMNS, "appointment_clinic__time_zone")


def see_referral(actor: Actor, referral_id: uuid.UUID, action: str = "view") -> Referral:
    """A referral with everything around it, for a step of the work on it. Raises NotFound and Forbidden."""
    rows = Referral.objects.select_related(*RELATED)
    return referral_policy.get(actor, action, referral_id, queryset=rows)


def open_referral(actor: Actor, referral_id: uuid.UUID, *, purpose: str = "referral") -> Referral:
    """The referral with its patient and clinics, and two lines in the journal of reads: who looked into this referral,
    and whose record that was. Raises NotFound for a stranger.
    """
    referral = see_referral(actor, referral_id)
    opened = [("referral", referral.pk), ("patient", referral.patient_id)]
    record_accesses(actor, opened, purpose=purpose)
    return referral


def steps_of(referral: Referral) -> QuerySet[ReferralStep]:
    """The referral's story, the first step first."""
    return ReferralStep.objects.filter(referral=referral).select_related("organization").order_by("at", "id")


def refusal_of(referral: Referral) -> str:
    """The code of the last reason for which a clinic refused the referral; empty where none did."""
    steps = ReferralStep.objects.filter(referral=referral, action="reject").order_by("-at", "-id")
    return steps.values_list("reason", flat=True).first() or ""


def visible_bookings(actor: Actor) -> QuerySet[Booking]:
    """Every booking that the actor sees, with its clinic."""
    return booking_policy.queryset(actor).select_related("clinic")


def last_calls(referral_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, ReferralStep]:
    """The last call to the patient of each of these referrals, for those of whom one was called. One query."""
    steps = ReferralStep.objects.filter(referral__in=list(referral_ids), action="record_call")
    return {step.referral_id: step for step in steps.order_by("referral", "-at", "-id").distinct("referral")}


def conclusion_of(referral: Referral) -> Conclusion | None:
    """What came back, if it has."""
    return Conclusion.objects.filter(referral=referral).select_related("read_by").first()


def booking_of(referral: Referral) -> Booking | None:
    """The place that the referral holds, has or had last."""
    return (
        Booking.objects.filter(referral=referral, state__in=OCCUPYING)
        .select_related(
            "slot__practitioner", "slot__service__service_type", "clinic__organization", "held_by"
        )
        .order_by("-created_at")
        .first()
    )


def kept_quota(referral: Referral) -> Subquery:
    """The quota in which the referral counts already, for a search of times to move it to; null where in none."""
    counted = Booking.objects.filter(referral=referral, state__in=ACTIVE_BOOKING, quota__isnull=False)
    return Subquery(counted.values("quota")[:1])


def readers_of(referral: Referral, limit: int = 6) -> list[dict[str, Any]]:
    """Who of either side looked into the referral, the latest first: `name`, `organization`, `last`. One query."""
    name = User.objects.filter(pk=OuterRef("user_id")).values("name")[:1]
    organization = Organization.objects.filter(pk=OuterRef("organization_id"))
    return list(
        readers("referral", referral.pk)
        .filter(user_id__isnull=False)
        .order_by()
        .values("user_id", "organization_id")
        .annotate(
            last=Max("at"),
            name=Subquery(name),
            organization=Subquery(organization.values(text=localized("short_name"))[:1]),
        )
        .order_by("-last")[:limit]
    )


#: How far a list is read to find the place of a referral in it.
READ_TO = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where a referral stands in a list: its number from 1, how many there are, and its neighbours (None at an end)."""

    number: int
    total: int
    previous: uuid.UUID | None = None
    next: uuid.UUID | None = None


def place_in_queue(
    actor: Actor, side: str, key: str, referral_id: uuid.UUID, by: worklists.Narrowing | None = None
) -> Place:
    """The place of a referral in a list, in the list's own order; 0 where it is not there (any more).

    The neighbours of one that has just left are the first of the list. A list of more than `READ_TO` is read to there,
    and counted.
    """
    queue = worklists.QUEUES[side][key]
    rows = worklists.narrow(actor, worklists.in_queue(actor, side, queue), by or worklists.Narrowing())
    # Counted by the same statement: a long list costs no more of them than a short one.
    found = list(rows.order_by(*queue.order).values_list("pk", Window(Count("pk")))[:READ_TO])
    ids, total = [pk for pk, _count in found], found[0][1] if found else 0
    if referral_id not in ids:
        return Place(0, total, None, ids[0] if ids else None)
    at = ids.index(referral_id)
    return Place(at + 1, total, ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None)


def earlier_visits(actor: Actor, referral: Referral, limit: int = 3) -> QuerySet[Referral]:
    """The patient's other referrals that came to the actor's organisation and were completed, latest first."""
    return (
        referral_policy.queryset(actor)
        .filter(
            Q(target_organization=actor.organization_id),
            patient=referral.patient_id,
            completed_at__isnull=False,
        )
        .exclude(pk=referral.pk)
        .select_related("service_type", "target_clinic", "conclusion")
        .order_by("-completed_at")[:limit]
    )


def missing_consents(referral: Referral) -> list[str]:
    """The consents that sending the referral needs and that are not on record, as kinds (see `check_consents`)."""
    target = referral.target_clinic
    if target is not None and target.organization_id == referral.source_organization_id:
        return []
    given = Consent.objects.filter(patient=referral.patient_id, withdrawn_on__isnull=True)
    needed = [ConsentKind.TRANSFER]
    if target is not None and target.country != referral.source_clinic.country:
        needed.append(ConsentKind.ABROAD)
    kinds = set(given.values_list("kind", flat=True))
    return [kind for kind in needed if kind not in kinds]


def see_slot(pk: str | uuid.UUID) -> Slot | None:
    """A published time with its clinic, whoever it is kept for; None for an id that is none."""
    try:
        rows = Slot.objects.select_related("clinic__organization", "practitioner", "service__service_type")
        return rows.filter(pk=pk, state=SlotState.PUBLISHED).first()
    except (ValidationError, ValueError):
        return None

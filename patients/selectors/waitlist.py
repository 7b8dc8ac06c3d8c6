"""The waiting list as people read it: who waits for what, in which order and why, what was offered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinics.models import Clinic, Service
from clinics.selectors.openness import day_of
from clinics.states import ClinicStatus
from cluster_portal.common.policy import through
from cluster_portal.common.translated import localized
from patients.models import WaitlistEntry, WaitlistOffer
from patients.models.waitlist import OPEN_OFFER, QUEUE_ORDER, WAITING
from patients.policies import referral_policy, waitlist_policy
from patients.states import ReferralState

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from patients.models import Referral

#: A queue is shown up to here; whoever stands further back reads their place on the referral's own page.
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an entry stands in the queue of its service: its place from 1, how many wait, and why how many go first."""

    place: int
    total: int
    urgent: int
    deadline: int
    longer: int


def standing(entry: WaitlistEntry) -> Standing:
    """The place of somebody who waits. One query."""
    rank, due, since = Q(rank=entry.rank), Q(due_order=entry.due_order), Q(since=entry.since)
    longer = Q(since__lt=entry.since) | since & Q(pk__lt=entry.pk)
    found = WaitlistEntry.objects.filter(WAITING, service_type=entry.service_type_id).aggregate(
        total=Count("pk"),
        urgent=Count("pk", filter=Q(rank__lt=entry.rank)),
        deadline=Count("pk", filter=rank & Q(due_order__lt=entry.due_order)),
        longer=Count("pk", filter=rank & due & longer),
    )
    before = found["urgent"] + found["deadline"] + found["longer"]
    return Standing(place=before + 1, **found)


def last_entry(referral: Referral) -> WaitlistEntry | None:
    """The referral's place on the list, or the one that it had last."""
    return WaitlistEntry.objects.filter(referral=referral).order_by("-since").first()


def offers_of(entry: WaitlistEntry) -> list[WaitlistOffer]:
    """What was offered to an entry, the latest first."""
    return list(entry.offers.select_related("slot__clinic", "slot__practitioner", "ended_by")[:20])


def is_offer_late(referral: Referral) -> bool:
    """Whether the time that is offered lies beyond the norm."""
    offer = (
        WaitlistOffer.objects.filter(OPEN_OFFER, entry__referral=referral)
        .select_related("slot__clinic")
        .first()
    )
    if offer is None or referral.due_on is None:
        return False
    return day_of(offer.slot.start, offer.slot.clinic.time_zone) > referral.due_on


def offering_clinics(service_type: str | None) -> list[Clinic]:
    """The clinics that offer a service now, by name."""
    services = Service.objects.filter(service_type=service_type, is_active=True, clinic=OuterRef("pk"))
    rows = Clinic.objects.filter(Exists(services), status=ClinicStatus.OPEN)
    return sorted(rows, key=lambda clinic: clinic.short_name)


def named_clinics(ids: list[uuid.UUID]) -> list[Clinic]:
    """Clinics by their ids, in order of name."""
    return sorted(Clinic.objects.filter(pk__in=ids), key=lambda clinic: clinic.short_name) if ids else []


def visible_entries(actor: Actor) -> QuerySet[WaitlistEntry]:
    """Every entry of the referrals that the actor sees, with its place (None once it has ended) and its open offer."""
    ahead = WaitlistEntry.objects.filter(WAITING, _before(), service_type=OuterRef("service_type")).order_by()
    number = ahead.values("service_type").annotate(n=Count("pk")).values("n")
    return waitlist_policy.queryset(actor).annotate(
        before=Coalesce(Subquery(number, output_field=IntegerField()), 0), **_open_offer()
    )


def _before() -> Q:
    """Those who stand before the entry of the query around, by `QUEUE_ORDER`."""
    q, equal = Q(), Q()
    for name in QUEUE_ORDER:
        q |= equal & Q(**{f"{name}__lt": OuterRef(name)})
        equal &= Q(**{name: OuterRef(name)})
    return q


def _open_offer() -> dict[str, Subquery]:
    offer = WaitlistOffer.objects.filter(OPEN_OFFER, entry=OuterRef("pk"), until__gt=timezone.now())
    return {
        "offered_slot": Subquery(offer.values("slot")[:1]),
        "offered_at": Subquery(offer.values("slot__start")[:1]),
        "offered_until": Subquery(offer.values("until")[:1]),
    }


def services_waited_for(actor: Actor) -> list[dict[str, Any]]:
    """The services for which the actor's patients wait, or whose times the actor's organisation gives.

    As dictionaries: code, name, `total`, `own` (whom the actor sees), `offered` (open offers). One query.
    """
    waitlist_policy.require(actor, "list")
    gives = Service.objects.filter(
        service_type=OuterRef("service_type"),
        clinic__organization=actor.organization_id,
        clinic__status=ClinicStatus.OPEN,
        is_active=True,
    )
    # By way of the referrals in that state, which an index has for each organisation: whoever waits is one of them,
    # and from the entries' side everybody's would be looked at.
    seen = referral_policy.queryset(actor).filter(state=ReferralState.WAITLISTED).order_by().values("pk")
    offered = WaitlistOffer.objects.filter(OPEN_OFFER, until__gt=timezone.now()).values("entry")
    rows = (
        WaitlistEntry.objects.filter(WAITING)
        .alias(gives=Exists(gives))
        .order_by()
        .values("service_type")
        .annotate(
            name=localized("service_type__name"),
            total=Count("pk"),
            own=Count("pk", filter=Q(referral__in=seen)),
            offered=Count("pk", filter=Q(pk__in=offered)),
            giving=Count("pk", filter=Q(gives=True)),
        )
        .order_by("-own", "name")
    )
    # Left out here and not by HAVING, which would count everything a second time.
    return [row for row in rows if row["own"] or row["giving"]]


#: What a line of the queue shows of a patient whom the actor may see; of others nothing but their place.
OWN_COLUMNS = (
    "referral__number", "patient__family", "patient__given", "patient__patronymic", "patient__birth_date",
)  # fmt: skip
#: What of a stranger's line nobody else learns.
STRANGE_COLUMNS = (
    *OWN_COLUMNS, "referral_id", "note", "clinics", "weekdays", "parts", "earliest_on", "latest_on", "notice_hours",
    "target_name", "offered_at",
)  # fmt: skip


def queue(actor: Actor, service_type: str) -> list[dict[str, Any]]:
    """The head of a queue, as far as a page shows it (see `whole_queue`). One query."""
    return [as_seen(row) for row in whole_queue(actor, service_type)[:SHOWN]]


def whole_queue(actor: Actor, service_type: str) -> QuerySet:
    """The queue of a service from its head, as dictionaries; `seen` says whether the actor may know who it is.

    Each row goes through `as_seen` before it is told to anybody.
    """
    waitlist_policy.require(actor, "list")
    # Asked of the referral that is read anyway: a subquery is answered by all that the actor ever saw.
    sees = through("referral", referral_policy.q(actor))
    return (
        WaitlistEntry.objects.filter(WAITING, service_type=service_type)
        .annotate(seen=Case(When(sees, then=True), default=False) if sees else Value(True), **_open_offer())
        .order_by(*QUEUE_ORDER)
        .values(
            "id", "referral_id", "rank", "due_order", "since", "clinics", "weekdays", "parts", "earliest_on",
            "latest_on", "notice_hours", "note", "seen", "offered_at", "offered_until", *OWN_COLUMNS,
            priority=F("referral__priority"), due_on=F("referral__due_on"),
            source_name=localized("referral__source_clinic__short_name"),
            target_name=localized("referral__target_clinic__short_name"),
            zone=F("referral__source_clinic__time_zone"),
        )
    )  # fmt: skip


def as_seen(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the queue; of a stranger without number, name and wishes."""
    if not row["seen"]:
        for name in STRANGE_COLUMNS:
            row[name] = None
    return row

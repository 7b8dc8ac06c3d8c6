"""Weekly patterns, and the days that they leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.utils import timezone

from clinics.models import Clinic, Room, RoomClosure, Schedule, ScheduleException
from clinics.policies import exception_policy, room_policy, schedule_policy
from clinics.selectors.calendar import today_at
from clinics.states import SlotState

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor


def running_schedules() -> list[uuid.UUID]:
    """The patterns that still ask for slots: active, and not over yet."""
    today = timezone.now().date()
    running = Q(valid_to__isnull=True) | Q(valid_to__gte=today)
    return list(Schedule.objects.filter(running, is_active=True).order_by("pk").values_list("pk", flat=True))


def patterns_at(actor: Actor, clinic: Clinic, specialty: str = "") -> list[Schedule]:
    """The clinic's patterns that are not over, with hours and their number of `drafts` and `published` slots ahead."""
    today = today_at(clinic.time_zone)
    ahead = Q(slots__start__gt=timezone.now())
    narrowed = Q(service__service_type__specialty=specialty) if specialty else Q()
    return list(
        schedule_policy.queryset(actor)
        .filter(narrowed, service__clinic=clinic, is_active=True)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today))
        .select_related("service__service_type", "service__clinic", "practitioner")
        .prefetch_related("hours")
        .annotate(
            drafts=Count("slots", filter=ahead & Q(slots__state=SlotState.DRAFT)),
            published=Count("slots", filter=ahead & Q(slots__state=SlotState.PUBLISHED)),
        )
        .order_by("practitioner__family", "practitioner__given", "service__service_type__name_ru", "pk")
    )


def pattern(actor: Actor, schedule_id: uuid.UUID) -> Schedule:
    """One pattern to be changed. Raises NotFound for a stranger's, Forbidden for those who do not plan."""
    return schedule_policy.get(
        actor,
        "edit",
        schedule_id,
        queryset=Schedule.objects.select_related(
            "service__clinic", "service__service_type", "practitioner"
        ).prefetch_related("hours"),
    )


def exceptions_at(actor: Actor, clinic: Clinic) -> list[ScheduleException]:
    """Days without reception that are not over, the next first."""
    return list(
        exception_policy.queryset(actor)
        .filter(clinic=clinic, last_day__gte=today_at(clinic.time_zone))
        .select_related("practitioner")
        .order_by("first_day", "practitioner__family")
    )


def rooms_to_close(actor: Actor, clinic: Clinic) -> QuerySet[Room]:
    """The clinic's rooms in use that the actor may close for some days, by number."""
    rows = room_policy.queryset(actor, "shut").filter(clinic=clinic)
    return rows.exclude(closed_on__lt=today_at(clinic.time_zone)).order_by("number")


def closures_at(actor: Actor, clinic: Clinic) -> list[RoomClosure]:
    """Closures of rooms that are not over, the next first."""
    rooms = room_policy.queryset(actor).filter(clinic=clinic)
    rows = RoomClosure.objects.filter(room__in=rooms, last_day__gte=today_at(clinic.time_zone))
    return list(rows.select_related("room").order_by("first_day", "room__number"))

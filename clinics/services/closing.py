"""Closing whole days of a clinic in one go: public holidays, and days off that only its region knows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import ScheduleException, Slot
from clinics.policies import clinic_policy, exception_policy
from clinics.selectors.calendar import today_at
from clinics.selectors.days_off import people_without_leave, slots_on
from clinics.services.places import lock_slots
from clinics.services.slots import close
from clinics.states import ExceptionReason, SlotState
from cluster_portal.common.errors import Forbidden, Invalid
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable
    from datetime import date

    from cluster_portal.common.actor import Actor


@service
def close_days(
    actor: Actor,
    *,
    clinic_id: uuid.UUID,
    days: Iterable[date],
    comment: str = "",
    keep_booked: bool = False,
) -> int:
    """Nobody who has a pattern sees patients on these days: an exception for each of them, free times closed.

    Returns how many times were closed or deleted. Raises NotFound, Forbidden, Invalid, and StrandedBookings with every
    time in the way; nothing is changed then. `keep_booked` as in `schedules.add_exception`.
    """
    exception_policy.require(actor, "create")
    clinic = clinic_policy.get(actor, "view", clinic_id)
    if clinic.organization_id != actor.organization_id:
        raise Forbidden
    wanted = sorted(set(days))
    if not wanted:
        raise Invalid({"days": [_("Please choose at least one day.")]})
    if wanted[0] < today_at(clinic.time_zone):
        raise Invalid({"days": [_("This day has passed.")]})
    slots = list(lock_slots(pk for day in wanted for pk in slots_on(clinic, day)).values())
    ScheduleException.objects.bulk_create(
        ScheduleException(
            practitioner_id=person, clinic=clinic, first_day=first, last_day=last, reason=ExceptionReason.HOLIDAY,
            comment=comment.strip()[:300],
        )
        for first, last in stretches(wanted)
        for person in people_without_leave(clinic, first, last)
    )  # fmt: skip
    drafts = [slot.pk for slot in slots if slot.state == SlotState.DRAFT]
    alive = [slot for slot in slots if slot.state == SlotState.PUBLISHED and slot.start > timezone.now()]
    closed = close(actor, alive, ExceptionReason.HOLIDAY, keep_booked=keep_booked)
    Slot.objects.filter(pk__in=drafts).delete()
    return closed + len(drafts)


def stretches(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days in their order as stretches of days that follow one another."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and found[-1][1] + timedelta(days=1) == day:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found

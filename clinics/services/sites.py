"""A site from its plan to its closing. Nothing here leaves a booked patient without a time.

Lock order: the clinic, referrals that wait for it, its patterns, its slots by their ids. A referral that is sent here
waits for the clinic's lock in the database (`sent_to_open`).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.errors import WaitingReferrals
from clinics.models import Schedule, Slot
from clinics.occupants import give_back_waiting, waiting_at
from clinics.policies import clinic_policy
from clinics.selectors.calendar import today_at
from clinics.services.places import lock_slots
from clinics.services.slots import close
from clinics.states import CLINIC, SlotState
from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid
    from datetime import date

    from clinics.models import Clinic
    from cluster_portal.common.actor import Actor


@service
def start_building(actor: Actor, *, clinic_id: uuid.UUID) -> Clinic:
    """A planned site is being built. Raises NotFound, Forbidden, IllegalTransition."""
    return _move(clinic_policy.get(actor, "edit", clinic_id, lock=True), "start_building")


@service
def open_clinic(actor: Actor, *, clinic_id: uuid.UUID, opened_on: date) -> Clinic:
    """A site begins to see patients, or began on a day that is past. Raises NotFound, Forbidden, IllegalTransition,
    Invalid.
    """
    clinic = clinic_policy.get(actor, "edit", clinic_id, lock=True)
    CLINIC.find(clinic.status, "open")
    if opened_on > today_at(clinic.time_zone):
        raise Invalid({"opened_on": [_("The date lies in the future.")]})
    clinic.opened_on, clinic.planned_for = opened_on, ""
    return _move(clinic, "open", "opened_on", "planned_for")


@service
def close_clinic(
    actor: Actor,
    *,
    clinic_id: uuid.UUID,
    closed_on: date,
    reason: str,
    keep_booked: bool = False,
    return_waiting: bool = False,
) -> Clinic:
    """A site ends its work, today or on a day that is past: its times ahead are closed and no new ones are made.

    Raises NotFound, Forbidden, IllegalTransition, Invalid, WaitingReferrals with the referrals that have no time, and
    StrandedBookings with the times that patients are booked at; nothing is changed then. With `return_waiting` those
    referrals go back to the clinics that sent them, by the reason that this one closes. With `keep_booked` the free
    times close, nobody else gets into the booked ones, and the clinic stays open until its patients have been moved.
    """
    clinic = clinic_policy.get(actor, "edit", clinic_id, lock=True)
    CLINIC.find(clinic.status, "close")
    reason = reason.strip()
    _check_closing(clinic, closed_on, reason)
    # Before any slot is locked: whoever books locks the referral first.
    if waiting := waiting_at(clinic.pk):
        if not return_waiting:
            raise WaitingReferrals(extra={"referrals": [asdict(row) for row in waiting]})
        give_back_waiting(actor, clinic.pk)
    # Whoever makes or publishes times locks the pattern first, so none come while the clinic closes.
    list(
        Schedule.objects.select_for_update(no_key=True)
        .filter(service__clinic=clinic)
        .order_by("pk")
        .values("pk")
    )
    ahead = Slot.objects.filter(clinic=clinic, start__gt=timezone.now()).exclude(state=SlotState.BLOCKED)
    slots = lock_slots(ahead.values_list("pk", flat=True)).values()
    close(actor, slots, reason, keep_booked=keep_booked)
    # A booking that ended while its slot was waited for has left a referral that nobody has been shown yet.
    if late := waiting_at(clinic.pk):
        raise WaitingReferrals(extra={"referrals": [asdict(row) for row in late]})
    if ahead.filter(taken__gt=0).exists():
        return clinic
    clinic.closed_on, clinic.close_reason = closed_on, reason
    return _move(clinic, "close", "closed_on", "close_reason")


def _check_closing(clinic: Clinic, closed_on: date, reason: str) -> None:
    errors = {}
    if closed_on > today_at(clinic.time_zone):
        errors["closed_on"] = [_("A closing is entered when it has come. Until then, close its times.")]
    elif clinic.opened_on and closed_on < clinic.opened_on:
        errors["closed_on"] = [_("The clinic was opened later than that.")]
    if not reason:
        errors["reason"] = [_("Please say why: colleagues and the journal will ask.")]
    elif len(reason) > 300:
        errors["reason"] = [_("The message is longer than %(n)s characters.") % {"n": 300}]
    if errors:
        raise Invalid(errors)


@service
def reopen_clinic(actor: Actor, *, clinic_id: uuid.UUID) -> Clinic:
    """A closed site works again; its times are opened by its own people. Raises NotFound, Forbidden,
    IllegalTransition.
    """
    clinic = clinic_policy.get(actor, "edit", clinic_id, lock=True)
    CLINIC.find(clinic.status, "reopen")
    clinic.closed_on, clinic.close_reason = None, ""
    return _move(clinic, "reopen", "closed_on", "close_reason")


def _move(clinic: Clinic, action: str, *changed: str) -> Clinic:
    CLINIC.move(clinic, action)
    clinic.save(update_fields=["status", *changed, "updated_at"])
    return clinic


ACTIONS = {
    "start_building": start_building, "open": open_clinic, "close": close_clinic, "reopen": reopen_clinic,
}  # fmt: skip

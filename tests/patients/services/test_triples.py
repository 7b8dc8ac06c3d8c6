"""Every state, action and role: what the table allows moves, everything else is refused with the right error.

The table is the one that `test_states` has by hand; who may do what is said here once more, without the policies.
"""

from __future__ import annotations

import pytest
from django.db import transaction

from cluster_portal.common.errors import Forbidden, IllegalTransition, NotFound
from patients.models import Referral
from patients.services.actions import ACTIONS, perform
from patients.states import RECEIVING, REFERRING, ReferralState
from tests.factories import clinics, patients
from tests.patients.test_states import DESIGNED

pytestmark = pytest.mark.django_db

#: Role: whose person it is, and which part that side's verbs are open to (a registrar's: those of the desk).
ROLES = {
    "referring registrar": ("source", "referrer"),
    "referring coordinator": ("source", "coordinator"),
    "referring manager": ("source", "manager"),
    "receiving registrar": ("target", "referrer"),
    "receiving coordinator": ("target", "coordinator"),
    "receiving manager": ("target", "manager"),
    "receiving clinic's analyst": ("target", "analyst"),
    "clinic that redirected it": ("past", "coordinator"),
    "stranger": ("", "coordinator"),
    "cluster office": ("", "office"),
}
#: What the receiving clinic's registrar does at the desk; the rest is decided by others.
AT_THE_DESK = {
    "arrive", "no_show", "record_call", "book", "reschedule", "cancel_booking", "wait", "change_preferences",
    "stop_waiting",
}  # fmt: skip


@pytest.fixture
def pair():
    return patients.make_pair(triage=True)


def person(pair, role):
    side, kind = ROLES[role]
    places = {"source": pair.source.organization, "target": pair.target.organization}
    organization = places.get(side) or clinics.make_organization()
    return clinics.make_actor(kind, organization=organization)


def given(pair, state, past):
    """A referral in which whatever the state allows can be done now: its time is today, it was missed once, offered."""
    slot = pair.slot(clinics.at(0, 0)) if state in {"booked", "in_care", "completed"} else None
    referral = pair.referral(state, slot=slot, no_shows=1, past_targets=[past] if past else [])
    if state == "waitlisted":
        patients.make_offer(referral, pair.slot(clinics.at(4)))
    return referral


def inputs(pair):
    """Answers that satisfy every action."""
    return {
        "slot_id": pair.slot(clinics.at(20)).pk, "service_id": clinics.make_service().pk, "reason": "other",
        "comment": "По просьбе пациента", "late_code": "other", "late_reason": "По просьбе пациента",
        "priority": "urgent", "text": "Данных за острую патологию нет.", "diagnosis_code": "I48.0",
    }  # fmt: skip


def expected(role, state, action):
    """The error that refuses it, or the states that it may lead to."""
    side, kind = ROLES[role]
    unseen = side == "target" and state == ReferralState.DRAFT
    if not side or kind in ("analyst", "office") or unseen:
        return NotFound
    if side == "past":
        return Forbidden
    lines = {(source, target): sides for (name, source, target), sides in DESIGNED.items() if name == action}
    own = REFERRING if side == "source" else RECEIVING
    of_the_action = set().union(*lines.values())
    if own not in of_the_action or (side == "target" and kind == "referrer" and action not in AT_THE_DESK):
        return Forbidden
    targets = {target for (source, target), sides in lines.items() if source == state and own in sides}
    return targets or IllegalTransition


@pytest.mark.parametrize("state", ReferralState.values)
@pytest.mark.parametrize("role", ROLES)
def test_every_action(pair, role, state):
    actor = person(pair, role)
    past = actor.organization_id if ROLES[role][0] == "past" else None
    referral, data = given(pair, state, past), inputs(pair)
    for action in ACTIONS:
        wanted, told = expected(role, state, action), f"{role}: {action} of {state}"
        with transaction.atomic():
            if isinstance(wanted, set):
                perform(actor, referral_id=referral.pk, action=action, data=data)
                assert Referral.objects.get(pk=referral.pk).state in wanted, told
            else:
                with pytest.raises((Forbidden, IllegalTransition, NotFound)) as caught:
                    perform(actor, referral_id=referral.pk, action=action, data=data)
                assert caught.type is wanted or issubclass(caught.type, wanted), f"{told}: {caught.type}"
                assert Referral.objects.get(pk=referral.pk).state == state
            transaction.set_rollback(True)

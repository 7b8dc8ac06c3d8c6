"""No dead button: what is offered works, what is not offered does not."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cluster_portal.common.errors import Forbidden, IllegalTransition, NotFound
from patients.errors import TooEarly
from patients.models import Referral
from patients.services.actions import ACTIONS, available_actions, perform
from patients.states import REFERRAL, ReferralState
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return patients.make_pair(triage=True)


@pytest.fixture
def people(pair):
    """Everybody who may come across a referral, by name."""
    return {
        "referrer": pair.referrer,
        "manager there": clinics.make_actor("manager", organization=pair.source.organization),
        "coordinator": pair.coordinator,
        "registrar here": clinics.make_actor("referrer", organization=pair.target.organization),
        "stranger": clinics.make_actor("coordinator"),
        "office": clinics.make_actor("office"),
    }


def inputs(pair):
    """Answers that satisfy every action."""
    return {
        "slot_id": clinics.make_slot(pair.service, start=clinics.at(20)).pk,
        "service_id": clinics.make_service().pk,
        "reason": "other",
        "comment": "По просьбе пациента",
        "late_reason": "По просьбе пациента",
        "priority": "urgent",
        "text": "Данных за острую патологию нет.",
        "diagnosis_code": "I48.0",
        "recommendations": "",
    }


@pytest.mark.parametrize("state", ReferralState.values)
@pytest.mark.parametrize("when", ["before", "at", "next day"])
def test_every_person_in_every_state_at_every_moment(pair, people, state, when):
    if when != "before" and state != "booked":
        return
    slot = clinics.make_slot(pair.service, start=clinics.at(2, 12))
    referral = pair.referral(state, slot=slot if state in {"booked", "in_care", "completed"} else None)
    data = inputs(pair)
    moment = {
        "before": timezone.now(),
        "at": slot.start + timedelta(minutes=5),
        "next day": slot.start + timedelta(days=1),
    }[when]
    with time_machine.travel(moment):
        for name, actor in people.items():
            offered = set(available_actions(actor, referral)) - {"edit"}
            for action in ACTIONS:
                works = True
                with transaction.atomic():
                    try:
                        perform(actor, referral_id=referral.pk, action=action, data=data)
                    except (IllegalTransition, Forbidden, NotFound, TooEarly):
                        works = False
                    transaction.set_rollback(True)
                assert works == (action in offered), f"{name}: {action} of {state}, {when}"


def test_every_action_of_the_table_has_a_verb_or_waits_for_its_issue():
    assert set(REFERRAL.actions) == set(ACTIONS)


def test_a_draft_is_edited_and_a_sent_one_is_not(pair):
    assert "edit" in available_actions(pair.referrer, pair.referral("draft"))
    assert "edit" in available_actions(pair.referrer, pair.referral("returned"))
    assert "edit" not in available_actions(pair.coordinator, pair.referral("returned"))
    assert "edit" not in available_actions(pair.referrer, pair.referral("submitted"))


def test_lists_ask_for_every_row_without_a_query(pair):
    pair.referral("booked"), pair.referral("submitted")
    rows = list(Referral.objects.select_related("appointment_clinic"))
    with CaptureQueriesContext(connection) as queries:
        for row in rows:
            available_actions(pair.coordinator, row)
    assert len(queries) == 0


def test_an_action_takes_only_its_own_inputs(pair):
    referral = pair.referral("submitted")
    perform(
        pair.coordinator,
        referral_id=referral.pk,
        action="accept",
        data={"comment": "", "state": "completed", "actor": "x", "referral_id": uuid.uuid4()},
    )
    referral.refresh_from_db()
    assert referral.state == "accepted"
    with pytest.raises(KeyError):
        perform(pair.coordinator, referral_id=referral.pk, action="delete", data={})

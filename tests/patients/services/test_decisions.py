"""What the receiving side decides, how the referring side takes it back, and what the story keeps of it."""

import uuid
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from clinics.states import ClinicStatus
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.common.models import OutboxMessage
from patients.errors import ConsentMissing
from patients.events import REFERRAL_MOVED
from patients.models import PatientLink, Referral
from patients.policies import patient_policy, referral_policy
from patients.services.booking import book_referral, hold_slot
from patients.services.decisions import (
    accept_referral,
    cancel_referral,
    redirect_referral,
    reject_referral,
    return_referral,
)
from patients.services.drafts import submit_referral
from tests.factories import clinics, patients
from tests.factories.patients import active_bookings, taken_and_occupied

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return patients.make_pair(triage=True)


@pytest.fixture
def submitted(pair):
    return pair.referral("submitted")


def fresh(referral):
    referral.refresh_from_db()
    return referral


def last_step(referral):
    return referral.steps.latest("id")


def invalid(service, actor, **arguments):
    with pytest.raises(Invalid) as caught:
        service(actor, **arguments)
    return set(caught.value.errors)


class TestAccept:
    def test_as_it_is(self, pair, submitted):
        due = submitted.due_on
        accept_referral(pair.coordinator, referral_id=submitted.pk)
        assert (fresh(submitted).state, submitted.due_on) == ("accepted", due)
        assert submitted.state_since > submitted.submitted_at
        step = last_step(submitted)
        assert (step.action, step.from_state, step.to_state) == ("accept", "submitted", "accepted")
        assert step.actor_name == pair.coordinator.name

    def test_with_another_priority_the_norm_changes_from_the_clinic_s_first_day(self, pair):
        # 1:00 on 8 April in Yuzhno-Sakhalinsk is still 7 April in UTC; one working day from the 8th is the 9th.
        moment = "2026-04-07T14:00:00+00:00"
        with time_machine.travel(moment, tick=False):
            referral = pair.referral("submitted", submitted_at=timezone.now())
        accept_referral(
            pair.coordinator, referral_id=referral.pk, priority="urgent", comment="Нарастает одышка"
        )
        assert (fresh(referral).priority, referral.due_on) == ("urgent", date(2026, 4, 9))
        details = last_step(referral).details
        assert details["priority"] == ["planned", "urgent"] and details["due_on"][1] == "2026-04-09"

    def test_another_priority_needs_words_and_has_to_exist(self, pair, submitted):
        arguments = {"referral_id": submitted.pk}
        assert invalid(accept_referral, pair.coordinator, **arguments, priority="urgent") == {"comment"}
        assert invalid(accept_referral, pair.coordinator, **arguments, priority="now", comment="!") == {
            "priority"
        }
        accept_referral(pair.coordinator, **arguments, priority="planned")
        assert fresh(submitted).priority == "planned"


class TestReturnAndReject:
    @pytest.mark.parametrize(
        ("service", "reason", "state"),
        [(return_referral, "tests_missing", "returned"), (reject_referral, "not_indicated", "rejected")],
    )
    def test_with_a_coded_reason(self, pair, submitted, service, reason, state):
        service(pair.coordinator, referral_id=submitted.pk, reason=reason, comment=" Нет ЭКГ ")
        assert fresh(submitted).state == state
        assert (last_step(submitted).reason, last_step(submitted).comment) == (reason, "Нет ЭКГ")

    @pytest.mark.parametrize("service", [return_referral, reject_referral, cancel_referral])
    def test_reasons_are_of_the_action_s_own_dictionary_and_other_is_explained(
        self, pair, submitted, service
    ):
        actor = pair.referrer if service is cancel_referral else pair.coordinator
        for reason in ("", "nonsense", "practitioner_away"):
            assert invalid(service, actor, referral_id=submitted.pk, reason=reason) == {"reason"}
        assert invalid(service, actor, referral_id=submitted.pk, reason="other", comment=" ") == {"comment"}
        assert fresh(submitted).state == "submitted"

    def test_the_deadline_runs_on(self, pair, submitted):
        due = submitted.due_on
        return_referral(pair.coordinator, referral_id=submitted.pk, reason="identity")
        assert fresh(submitted).due_on == due

    def test_a_rejected_one_lets_its_hold_go(self, pair):
        referral, slot = pair.referral("accepted"), pair.slot()
        hold_slot(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)
        reject_referral(pair.coordinator, referral_id=referral.pk, reason="no_licence")
        assert fresh(referral).state == "rejected"
        assert active_bookings(referral) == []
        assert taken_and_occupied(slot) == (0, 0)


class TestRedirect:
    def test_to_another_organisation_which_decides_anew_and_the_first_one_goes_on_seeing_it(
        self, pair, submitted
    ):
        target = clinics.make_service()
        other = clinics.make_actor("coordinator", organization=target.clinic.organization)
        redirect_referral(
            pair.coordinator, referral_id=submitted.pk, service_id=target.pk, comment="Нужна ангиография"
        )
        assert (fresh(submitted).state, submitted.service) == ("submitted", target)
        assert submitted.target_clinic == target.clinic
        assert submitted.past_targets == [pair.target.organization_id]
        details = last_step(submitted).details
        assert (details["from"], details["to"]) == (str(pair.service.pk), str(target.pk))
        assert referral_policy.allows(pair.coordinator, "view", submitted)
        assert not referral_policy.allows(pair.coordinator, "accept", submitted)
        assert patient_policy.allows(other, "view", pair.patient)
        accept_referral(other, referral_id=submitted.pk)
        with pytest.raises(Forbidden):
            reject_referral(pair.coordinator, referral_id=submitted.pk, reason="not_indicated")

    def test_within_one_s_own_organisation(self, pair, submitted):
        target = clinics.make_service(clinics.make_clinic(pair.target.organization))
        redirect_referral(pair.coordinator, referral_id=submitted.pk, service_id=target.pk, comment="Рядом")
        assert fresh(submitted).past_targets == []

    def test_there_and_back(self, pair, submitted):
        target = clinics.make_service()
        other = clinics.make_actor("coordinator", organization=target.clinic.organization)
        redirect_referral(pair.coordinator, referral_id=submitted.pk, service_id=target.pk, comment="К вам")
        redirect_referral(other, referral_id=submitted.pk, service_id=pair.service.pk, comment="К вам")
        assert fresh(submitted).target_clinic == pair.target
        assert submitted.past_targets == [pair.target.organization_id, target.clinic.organization_id]
        assert [step.action for step in submitted.steps.all()] == ["redirect", "redirect"]

    def test_only_to_a_service_that_is_offered_to_this_patient_and_with_words(self, pair, submitted):
        closed = clinics.make_service(
            clinics.make_clinic(status=ClinicStatus.CLOSED, closed_on=date(2026, 1, 1), close_reason="ремонт")
        )
        for service in (pair.service, closed, clinics.make_service(is_active=False)):
            assert invalid(
                redirect_referral,
                pair.coordinator,
                referral_id=submitted.pk,
                service_id=service.pk,
                comment="К вам",
            ) == {"service"}
        unfit = clinics.make_service(sex="f", payments=["paid"])
        assert invalid(
            redirect_referral, pair.coordinator, referral_id=submitted.pk, service_id=unfit.pk, comment=" "
        ) == {"service", "payment", "comment"}
        assert invalid(
            redirect_referral,
            pair.coordinator,
            referral_id=submitted.pk,
            service_id=uuid.uuid4(),
            comment="К вам",
        ) == {"service"}
        assert fresh(submitted).state == "submitted"

    def test_not_abroad_without_consent(self, pair, submitted):
        seoul = clinics.make_service(clinics.make_clinic(country="KR", time_zone="Asia/Seoul"))
        with pytest.raises(ConsentMissing):
            redirect_referral(
                pair.coordinator, referral_id=submitted.pk, service_id=seoul.pk, comment="К вам"
            )
        assert fresh(submitted).target_clinic == pair.target
        assert not PatientLink.objects.filter(organization=seoul.clinic.organization).exists()

    def test_an_accepted_one_lets_its_hold_go(self, pair):
        referral, slot = pair.referral("accepted"), pair.slot()
        hold_slot(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)
        redirect_referral(
            pair.coordinator, referral_id=referral.pk, service_id=clinics.make_service().pk, comment="К вам"
        )
        assert taken_and_occupied(slot) == (0, 0)


class TestCancel:
    @pytest.mark.parametrize("state", ["draft", "submitted", "returned", "accepted", "waitlisted", "booked"])
    def test_whatever_is_open_is_taken_back_and_its_time_freed(self, pair, state):
        slot = pair.slot()
        referral = pair.referral(state, slot=slot)
        if state in {"draft", "accepted", "waitlisted"} and referral.submitted_at:
            hold_slot(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)
        cancel_referral(pair.referrer, referral_id=referral.pk, reason="recovered")
        assert fresh(referral).state == "cancelled"
        assert (referral.appointment_at, referral.appointment_clinic) == (None, None)
        assert active_bookings(referral) == []
        assert taken_and_occupied(slot) == (0, 0)

    @pytest.mark.parametrize("state", ["in_care", "completed", "rejected", "cancelled"])
    def test_what_is_under_way_or_over_is_not(self, pair, state):
        referral = pair.referral(state)
        with pytest.raises(IllegalTransition):
            cancel_referral(pair.referrer, referral_id=referral.pk, reason="recovered")

    def test_a_draft_that_was_never_sent_stays_unseen(self, pair):
        referral = pair.referral()
        cancel_referral(pair.referrer, referral_id=referral.pk, reason="mistake")
        assert not referral_policy.allows(pair.coordinator, "view", referral)


SERVICES = {
    "accept": (accept_referral, {}),
    "return_for_info": (return_referral, {"reason": "identity"}),
    "reject": (reject_referral, {"reason": "not_indicated"}),
    "redirect": (redirect_referral, {"comment": "К вам", "service_id": uuid.uuid4()}),
}


class TestWho:
    @pytest.mark.parametrize("action", SERVICES)
    def test_only_those_who_decide_at_the_receiving_side(self, pair, submitted, action):
        service, arguments = SERVICES[action]
        registrar = clinics.make_actor("referrer", organization=pair.target.organization)
        for actor, error in (
            (pair.referrer, Forbidden),
            (clinics.make_actor("coordinator"), NotFound),
            (clinics.make_actor("office"), NotFound),
            (registrar, Forbidden),
        ):
            with pytest.raises(error):
                service(actor, referral_id=submitted.pk, **arguments)
        assert fresh(submitted).state == "submitted"

    @pytest.mark.parametrize("action", SERVICES)
    def test_a_draft_is_not_even_there(self, pair, action):
        service, arguments = SERVICES[action]
        with pytest.raises(NotFound):
            service(pair.coordinator, referral_id=pair.referral().pk, **arguments)

    def test_only_the_referring_side_cancels(self, pair, submitted):
        with pytest.raises(Forbidden):
            cancel_referral(pair.coordinator, referral_id=submitted.pk, reason="recovered")

    @pytest.mark.parametrize("action", SERVICES)
    def test_the_same_click_twice_is_told_so(self, pair, submitted, action):
        service, arguments = SERVICES[action]
        arguments = arguments | ({"service_id": clinics.make_service().pk} if action == "redirect" else {})
        service(pair.coordinator, referral_id=submitted.pk, **arguments)
        with pytest.raises((IllegalTransition, Forbidden)):
            service(pair.coordinator, referral_id=submitted.pk, **arguments)


def test_each_step_tells_the_other_side_once(pair, submitted):
    accept_referral(pair.coordinator, referral_id=submitted.pk)
    slot = pair.slot()
    book_referral(pair.referrer, referral_id=submitted.pk, slot_id=slot.pk)
    told = OutboxMessage.objects.filter(task=REFERRAL_MOVED, payload__referral=str(submitted.pk)).order_by(
        "id"
    )
    assert [m.payload["action"] for m in told] == ["accept", "book"]
    assert [m.payload["organization"] for m in told] == [
        str(pair.coordinator.organization_id), str(pair.referrer.organization_id),
    ]  # fmt: skip
    assert all("comment" not in m.payload and "patient" not in m.payload for m in told)


def test_returned_and_sent_again_the_story_keeps_all_of_it(pair, submitted):
    return_referral(pair.coordinator, referral_id=submitted.pk, reason="tests_missing")
    submit_referral(pair.referrer, referral_id=submitted.pk)
    accept_referral(pair.coordinator, referral_id=submitted.pk)
    assert [(s.action, s.from_state, s.to_state) for s in submitted.steps.all()] == [
        ("return_for_info", "submitted", "returned"),
        ("submit", "returned", "submitted"),
        ("accept", "submitted", "accepted"),
    ]
    assert Referral.objects.get(pk=submitted.pk).state_since - submitted.submitted_at < timedelta(minutes=1)

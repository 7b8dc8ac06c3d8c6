"""Writing a referral and sending it: complete, with consent, and with its deadline."""

import uuid
from dataclasses import replace
from datetime import date

import pytest
import time_machine
from django.utils import timezone

from clinics.states import BookingMode, ClinicStatus, Payment
from cluster_portal.common import numbering
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.common.models import OutboxMessage
from patients.errors import ConsentMissing, ReferralIncomplete
from patients.events import REFERRAL_MOVED
from patients.models import PatientLink, Referral, WaitingNorm
from patients.policies import patient_policy
from patients.services.drafts import draft_referral, submit_referral, update_draft
from patients.services.emergency import open_in_emergency
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db


@pytest.fixture
def triaged():
    clinics.make_cluster()
    return patients.make_pair(triage=True)


def complete(pair, **fields):
    return {
        "service": pair.service, "diagnosis_code": "i48.0", "reason": " Пароксизмы ", "priority": "planned",
    } | fields  # fmt: skip


def draft(pair, **fields):
    return draft_referral(pair.referrer, patient_id=pair.patient.pk, data=complete(pair, **fields))


def submit(pair, referral):
    return submit_referral(pair.referrer, referral_id=referral.pk)


def invalid(pair, **fields):
    with pytest.raises(Invalid) as caught:
        draft(pair, **fields)
    return set(caught.value.errors)


class TestDraft:
    def test_nothing_but_the_patient_is_needed(self, pair):
        referral = draft_referral(pair.referrer, patient_id=pair.patient.pk)
        referral.refresh_from_db()
        assert referral.state == "draft"
        assert numbering.is_valid(referral.number)
        assert referral.number.startswith("SKH-")
        assert referral.source_clinic == pair.source
        assert referral.author_id == pair.referrer.user_id
        assert referral.referrer_name == pair.referrer.name
        assert (referral.submitted_at, referral.due_on, referral.target_clinic) == (None, None, None)
        step = referral.steps.get()
        assert (step.action, step.from_state, step.to_state) == ("draft", "", "draft")
        assert (step.organization_id, step.user_id) == (pair.referrer.organization_id, pair.referrer.user_id)

    def test_a_program_drafts_too(self, pair):
        program = replace(pair.referrer, kind="client", user_id=None, client_id=uuid.uuid4())
        referral = draft_referral(
            program, patient_id=pair.patient.pk, data=complete(pair, referrer_name="Ан")
        )
        assert (referral.author_id, referral.referrer_name) == (None, "Ан")
        assert submit_referral(program, referral_id=referral.pk).state == "accepted"

    def test_a_service_brings_its_type_and_clinic(self, pair):
        referral = Referral.objects.get(pk=draft(pair).pk)
        assert referral.service_type_id == "cardiologist"
        assert referral.target_clinic == pair.target
        assert referral.target_organization == pair.target.organization
        assert (referral.diagnosis_code, referral.reason) == ("I48.0", "Пароксизмы")

    def test_a_stranger_s_patient_is_not_found(self, pair):
        with pytest.raises(NotFound):
            draft_referral(pair.coordinator, patient_id=pair.patient.pk)
        with pytest.raises(NotFound):
            draft_referral(pair.referrer, patient_id=uuid.uuid4())
        with pytest.raises(Forbidden):
            draft_referral(clinics.make_actor("office"), patient_id=pair.patient.pk)
        assert not Referral.objects.exists()

    def test_wrong_answers_are_named(self, pair):
        assert invalid(pair, state="booked", number="1") == {"state", "number"}
        assert invalid(pair, diagnosis_code="кашель") == {"diagnosis_code"}
        assert invalid(pair, diagnosis_code="Z99.99") == {"diagnosis_code"}
        assert invalid(pair, priority="soon") == {"priority"}
        assert invalid(pair, payment="barter", conditions="9", care_kind="x", suspicion="?") == {
            "payment", "conditions", "care_kind", "suspicion",
        }  # fmt: skip
        assert invalid(pair, source_clinic=pair.target) == {"source_clinic"}
        assert invalid(pair, diagnosis_text="я" * 301) == {"diagnosis_text"}
        assert invalid(pair, service_type=clinics.make_service_type("mri", "radiology")) == {"service"}

    def test_a_service_that_is_not_offered_is_refused(self, pair):
        pair.service.is_active = False
        pair.service.save()
        assert invalid(pair) == {"service"}
        closed = clinics.make_clinic(
            status=ClinicStatus.CLOSED, closed_on=date(2026, 1, 1), close_reason="ремонт"
        )
        assert invalid(pair, service=clinics.make_service(closed)) == {"service"}

    def test_an_organisation_without_a_clinic_refers_nobody(self, pair):
        actor = clinics.make_actor("referrer")
        organization = clinics.Organization.objects.get(pk=actor.organization_id)
        patient = patients.make_patient(organization)
        with pytest.raises(Invalid) as caught:
            draft_referral(actor, patient_id=patient.pk)
        assert caught.value.field == "source_clinic"

    def test_a_draft_does_not_prolong_an_emergency_access(self, pair):
        stranger = clinics.make_actor("referrer")
        clinics.make_clinic(clinics.Organization.objects.get(pk=stranger.organization_id))
        open_in_emergency(
            stranger, identifier=pair.patient.snils, birth_date=pair.patient.birth_date, reason="Без сознания"
        )
        referral = draft_referral(stranger, patient_id=pair.patient.pk, data=complete(pair))
        with time_machine.travel(timezone.now() + timezone.timedelta(days=3)):
            assert not patient_policy.allows(stranger, "view", pair.patient)
        submit_referral(stranger, referral_id=referral.pk)
        with time_machine.travel(timezone.now() + timezone.timedelta(days=3)):
            assert patient_policy.allows(stranger, "view", pair.patient)


class TestUpdate:
    def test_a_draft_is_changed_field_by_field(self, pair):
        referral = draft(pair)
        update_draft(pair.referrer, referral_id=referral.pk, data={"question": "Нужна ли операция?"})
        referral.refresh_from_db()
        assert (referral.question, referral.reason) == ("Нужна ли операция?", "Пароксизмы")

    def test_another_type_lets_the_clinic_go(self, pair):
        referral = draft(pair)
        other = clinics.make_service_type("mri", "radiology")
        update_draft(pair.referrer, referral_id=referral.pk, data={"service_type": other})
        referral.refresh_from_db()
        assert (referral.service_type_id, referral.service, referral.target_clinic) == ("mri", None, None)
        assert referral.target_organization is None

    def test_only_its_authors_organisation_changes_it_and_only_before_it_is_sent(self, pair):
        referral = draft(pair)
        for stranger in (pair.coordinator, clinics.make_actor("referrer")):
            with pytest.raises(NotFound):
                update_draft(stranger, referral_id=referral.pk, data={"reason": "Чужое"})
        submit(pair, referral)
        with pytest.raises(IllegalTransition):
            update_draft(pair.referrer, referral_id=referral.pk, data={"reason": "Поздно"})
        with pytest.raises(Forbidden):
            update_draft(pair.coordinator, referral_id=referral.pk, data={"reason": "Чужое"})

    def test_what_a_returned_referral_leaves_goes_on_seeing_it(self, triaged):
        referral = triaged.referral("returned")
        elsewhere = clinics.make_service()
        update_draft(triaged.referrer, referral_id=referral.pk, data={"service": elsewhere})
        referral.refresh_from_db()
        assert referral.target_clinic == elsewhere.clinic
        assert referral.past_targets == [triaged.target.organization_id]

    def test_what_was_never_sent_leaves_no_trace_elsewhere(self, pair):
        referral = draft(pair)
        update_draft(pair.referrer, referral_id=referral.pk, data={"service": clinics.make_service()})
        referral.refresh_from_db()
        assert referral.past_targets == []


class TestSubmit:
    def test_a_directly_booked_service_accepts_at_once(self, pair):
        referral = submit(pair, draft(pair))
        referral.refresh_from_db()
        assert referral.state == "accepted"
        assert referral.submitted_at is not None
        assert PatientLink.objects.filter(
            patient=pair.patient, organization=pair.target.organization, kind="received"
        ).exists()
        assert patient_policy.allows(pair.coordinator, "view", pair.patient)
        payload = OutboxMessage.objects.filter(task=REFERRAL_MOVED).latest("id").payload
        step = referral.steps.get(action="submit")
        assert payload == {
            "referral": str(referral.pk), "step": step.pk, "action": "submit",
            "organization": str(pair.referrer.organization_id),
        }  # fmt: skip

    def test_a_service_with_triage_decides_first(self, triaged):
        referral = submit(triaged, draft(triaged))
        assert referral.state == "submitted"
        assert [step.action for step in referral.steps.all()] == ["draft", "submit"]

    def test_any_clinic_that_offers_the_type(self, pair):
        service_type = pair.service.service_type
        referral = submit(pair, draft(pair, service=None, service_type=service_type))
        assert referral.state == "accepted"
        assert referral.target_organization_id is None
        assert PatientLink.objects.filter(patient=pair.patient).count() == 2  # registered, referred

    def test_everything_that_is_missing_is_named_at_once(self, pair):
        referral = draft_referral(pair.referrer, patient_id=pair.patient.pk)
        with pytest.raises(ReferralIncomplete) as caught:
            submit(pair, referral)
        assert set(caught.value.errors) == {"diagnosis_code", "reason", "service_type"}
        assert Referral.objects.get(pk=referral.pk).state == "draft"

    @pytest.mark.parametrize(
        ("limits", "field"),
        [
            ({"age_min": 90}, "service"),
            ({"age_max": 17}, "service"),
            ({"sex": "f"}, "service"),
            ({"payments": [Payment.PAID]}, "payment"),
        ],
    )
    def test_a_service_that_does_not_fit_the_patient(self, pair, limits, field):
        referral = draft(pair)
        type(pair.service).objects.filter(pk=pair.service.pk).update(**limits)
        with pytest.raises(ReferralIncomplete) as caught:
            submit(pair, referral)
        assert set(caught.value.errors) == {field}

    def test_a_service_that_closed_meanwhile(self, pair):
        referral = draft(pair)
        type(pair.service).objects.filter(pk=pair.service.pk).update(is_active=False)
        with pytest.raises(ReferralIncomplete) as caught:
            submit(pair, referral)
        assert set(caught.value.errors) == {"service"}

    def test_nothing_leaves_without_consent(self, pair):
        referral = draft(pair)
        consent = pair.patient.consents.get()
        consent.withdrawn_on = timezone.localdate()
        consent.save()
        with pytest.raises(ConsentMissing) as caught:
            submit(pair, referral)
        assert caught.value.extra == {"kind": "transfer"}
        assert Referral.objects.get(pk=referral.pk).state == "draft"
        patients.make_consent(pair.patient)
        assert submit(pair, referral).state == "accepted"

    def test_within_one_s_own_organisation_nothing_leaves(self, pair):
        pair.patient.consents.all().delete()
        own = clinics.make_service(clinics.make_clinic(pair.source.organization))
        assert submit(pair, draft(pair, service=own)).state == "accepted"

    def test_the_country_is_not_left_without_a_consent_to_that(self, pair):
        seoul = clinics.make_service(clinics.make_clinic(country="KR", time_zone="Asia/Seoul"))
        referral = draft(pair, service=seoul)
        with pytest.raises(ConsentMissing) as caught:
            submit(pair, referral)
        assert caught.value.extra == {"kind": "abroad"}
        patients.make_consent(pair.patient, "abroad")
        assert submit(pair, referral).state == "accepted"

    def test_only_the_referring_side_sends(self, pair):
        referral = draft(pair)
        with pytest.raises(NotFound):
            submit_referral(pair.coordinator, referral_id=referral.pk)
        submit(pair, referral)
        with pytest.raises(Forbidden):
            submit_referral(pair.coordinator, referral_id=referral.pk)
        with pytest.raises(IllegalTransition):
            submit(pair, referral)


class TestDeadline:
    #: A Friday evening in UTC that is a Saturday morning in Yuzhno-Sakhalinsk.
    MOMENT = "2026-03-06T15:00:00+00:00"

    def due(self, pair, **fields):
        with time_machine.travel(self.MOMENT, tick=False):
            return submit(pair, draft(pair, **fields)).due_on

    def test_it_is_counted_in_working_days_of_the_clinic_from_its_own_day(self, pair):
        # From Saturday 7 March; 8 March is a holiday moved to Monday the 9th; 14 working days end on the 27th.
        assert self.due(pair) == date(2026, 3, 27)

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"suspicion": "oncology"}, date(2026, 3, 12)),
            ({"suspicion": "cardiovascular"}, date(2026, 3, 12)),
            ({"priority": "urgent"}, date(2026, 3, 10)),
            ({"priority": "emergency"}, date(2026, 3, 7)),
            ({"priority": "urgent", "suspicion": "oncology"}, date(2026, 3, 10)),
        ],
    )
    def test_the_strictest_norm_holds(self, pair, fields, expected):
        assert self.due(pair, **fields) == expected

    def test_norms_have_their_time_their_country_and_their_specialty(self, pair):
        WaitingNorm.objects.filter(priority="", suspicion="").update(valid_to=date(2026, 1, 1))
        assert self.due(pair) is None
        WaitingNorm.objects.create(
            country="RU", specialty_code="cardiology", days=10, calendar_days=True,
            valid_from=date(2026, 3, 1), source="—",
        )  # fmt: skip
        WaitingNorm.objects.create(
            country="RU", specialty_code="surgery", days=1, valid_from=date(2026, 3, 1), source="—"
        )
        WaitingNorm.objects.create(country="KZ", days=1, valid_from=date(2026, 3, 1), source="—")
        assert self.due(pair) == date(2026, 3, 17)

    def test_the_clock_goes_on_while_a_referral_is_returned(self, triaged):
        with time_machine.travel(self.MOMENT, tick=False):
            referral = submit(triaged, draft(triaged))
        first, submitted = referral.due_on, referral.submitted_at
        Referral.objects.filter(pk=referral.pk).update(state="returned")
        with time_machine.travel("2026-03-20T01:00:00+00:00", tick=False):
            again = submit(triaged, referral)
        assert (again.due_on, again.submitted_at) == (first, submitted)

    def test_a_suspicion_found_meanwhile_shortens_it_from_the_first_day(self, triaged):
        with time_machine.travel(self.MOMENT, tick=False):
            referral = submit(triaged, draft(triaged))
        Referral.objects.filter(pk=referral.pk).update(state="returned")
        with time_machine.travel("2026-03-20T01:00:00+00:00", tick=False):
            update_draft(triaged.referrer, referral_id=referral.pk, data={"suspicion": "oncology"})
            again = submit(triaged, referral)
        assert again.due_on == date(2026, 3, 12)


def test_a_referral_that_needs_triage_is_not_decided_by_its_sender(triaged):
    referral = draft(triaged)
    assert triaged.service.booking_mode == BookingMode.TRIAGE
    assert submit(triaged, referral).state == "submitted"

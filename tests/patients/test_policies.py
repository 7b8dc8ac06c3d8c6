"""Who sees which patients and referrals, and what they may do with them: one rule for lists and single rows."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from cluster_portal.common.actor import ANONYMOUS, SYSTEM
from patients.models import PatientLink
from patients.policies import patient_policy, referral_policy
from patients.states import RECEIVING, REFERRAL, REFERRING, LinkKind, ReferralState
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db

STAFF = ("referrer", "coordinator", "manager", "client")


@pytest.fixture
def pair():
    return patients.make_pair(triage=True)


def with_roles(actor, *roles):
    return replace(actor, roles=frozenset(roles))


class TestPatients:
    @pytest.mark.parametrize("kind", LinkKind.values)
    def test_any_link_opens_the_record_to_staff(self, pair, kind):
        patient = patients.make_patient(linked=False)
        patients.make_link(patient, pair.source.organization, kind)
        for role in STAFF:
            assert patient_policy.allows(with_roles(pair.referrer, role), "view", patient)
        for actor in (with_roles(pair.referrer, "office"), with_roles(pair.referrer), ANONYMOUS):
            assert not patient_policy.allows(actor, "view", patient)
            assert not patient_policy.queryset(actor).exists()
        assert patient_policy.allows(SYSTEM, "view", patient)

    def test_without_a_link_nobody_sees_it_not_even_who_registered_it(self, pair):
        patient = patients.make_patient(pair.source.organization, linked=False)
        assert not patient_policy.allows(pair.referrer, "view", patient)

    def test_an_access_that_ended_is_none(self, pair):
        patient = patients.make_patient(linked=False)
        patients.make_link(
            patient, pair.source.organization, LinkKind.EMERGENCY, until=timezone.now() + timedelta(minutes=1)
        )
        assert patient_policy.allows(pair.referrer, "view", patient)
        PatientLink.objects.filter(patient=patient).update(until=timezone.now() - timedelta(seconds=1))
        for action in ("view", "update", "refer"):
            assert not patient_policy.allows(pair.referrer, action, patient)

    def test_two_links_show_a_patient_once(self, pair):
        patients.make_link(pair.patient, pair.source.organization, LinkKind.REFERRED)
        assert list(patient_policy.queryset(pair.referrer)) == [pair.patient]

    def test_somebody_without_an_organisation_sees_nothing(self, pair):
        lost = replace(pair.referrer, organization_id=None)
        assert not patient_policy.queryset(lost).exists()
        assert not patient_policy.may(lost, "create")
        assert not referral_policy.queryset(lost).exists()


class TestReferrals:
    def test_the_receiving_side_sees_what_was_sent(self, pair):
        for state in ReferralState:
            referral = pair.referral(state)
            assert referral_policy.allows(pair.referrer, "view", referral)
            assert referral_policy.allows(pair.coordinator, "view", referral) == (state != "draft")

    def test_a_stranger_and_the_office_see_none(self, pair):
        for state in ReferralState:
            pair.referral(state)
        stranger = with_roles(clinics.make_actor("manager"), *STAFF)
        for actor in (stranger, clinics.make_actor("office"), ANONYMOUS):
            for action in referral_policy.rules:
                assert not referral_policy.queryset(actor, action).exists()

    def test_who_passed_it_on_sees_it_and_does_nothing_more(self, pair):
        referral = pair.referral("submitted", service=clinics.make_service())
        referral.past_targets = [pair.target.organization_id]
        referral.save()
        assert referral_policy.allows(pair.coordinator, "view", referral)
        for action in set(referral_policy.rules) - {"view"}:
            assert not referral_policy.allows(pair.coordinator, action, referral), action

    @pytest.mark.parametrize("action", REFERRAL.actions)
    def test_the_policy_and_the_sides_say_the_same(self, pair, action):
        referral = pair.referral("submitted")
        sides = frozenset().union(*(line.sides for line in REFERRAL.transitions if line.action == action))
        people = [
            with_roles(person, role)
            for person in (pair.referrer, pair.coordinator, clinics.make_actor("manager"))
            for role in (*STAFF, "office")
        ]
        for actor in people:
            expected = bool(sides & referral_policy.sides(actor, referral, action))
            assert referral_policy.allows(actor, action, referral) == expected, (actor.roles, action)

    def test_one_organisation_can_stand_on_both_sides(self, pair):
        own = clinics.make_service(clinics.make_clinic(pair.source.organization))
        referral = pair.referral("submitted", service=own)
        manager = with_roles(pair.referrer, "manager")
        assert referral_policy.sides(manager, referral) == {REFERRING, RECEIVING}
        assert referral_policy.sides(pair.referrer, referral) == {REFERRING}

    def test_a_draft_has_no_receiving_side(self, pair):
        assert referral_policy.sides(pair.coordinator, pair.referral("draft")) == frozenset()

    def test_a_registrar_at_the_desk_books_and_marks_but_does_not_decide(self, pair):
        referral = pair.referral("submitted")
        registrar = with_roles(pair.coordinator, "referrer")
        for action in ("book", "reschedule", "cancel_booking", "arrive", "no_show"):
            assert referral_policy.allows(registrar, action, referral)
        for action in ("accept", "reject", "redirect", "return_for_info", "complete"):
            assert not referral_policy.allows(registrar, action, referral)

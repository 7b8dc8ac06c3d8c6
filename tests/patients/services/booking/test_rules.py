"""What a time has to fulfil: the licence of its day, whose it is, the norm, the patient's other visits."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from clinics.errors import LicenceLapsed, SlotClosed, SlotReserved
from clinics.states import Audience, LicenceStatus
from cluster_portal.common.errors import Invalid
from patients.errors import LateReasonRequired, PatientBusy
from patients.services.booking import (
    cancel_booking,
)
from tests.factories import clinics
from tests.factories.patients import taken_and_occupied
from tests.patients.services.booking.support import book, hold, move, refused

pytestmark = pytest.mark.django_db


class TestLicence:
    def test_none(self, pair, referral, slot):
        pair.target.licences.all().delete()
        with refused(LicenceLapsed, slot):
            book(pair.referrer, referral, slot)

    @pytest.mark.parametrize(
        ("fields", "fits"),
        [
            ({"valid_to": date(2026, 3, 10)}, True),
            ({"valid_to": date(2026, 3, 9)}, False),
            ({"valid_from": date(2026, 3, 10)}, True),
            ({"valid_from": date(2026, 3, 11)}, False),
            ({"status": LicenceStatus.SUSPENDED}, False),
            ({"status": LicenceStatus.CANCELLED}, False),
            ({"activities": ["surgery"]}, False),
            ({"activities": ["surgery", "cardiology"]}, True),
        ],
    )
    def test_on_the_clinic_s_own_day_of_the_slot(self, pair, fields, fits):
        # 08:30 on 10 March in Yuzhno-Sakhalinsk is 21:30 on 9 March in UTC. What the database takes for now is later:
        # so the slot's counter is looked at by the Python side alone, before any place is taken.
        pair.target.licences.all().delete()
        clinics.make_licence(pair.target, **fields)
        referral = pair.referral("accepted", due_on=date(2026, 4, 1))
        slot = pair.slot(clinics.at(date(2026, 3, 10), 8, 30))
        with time_machine.travel("2026-03-01T00:00:00+00:00"):
            expected = SlotClosed if fits else LicenceLapsed
            with pytest.raises((LicenceLapsed, SlotClosed)) as caught, transaction.atomic():
                book(pair.referrer, referral, slot)
        assert caught.type is expected

    def test_a_licence_of_another_site_does_not_help(self, pair, referral, slot):
        pair.target.licences.all().delete()
        clinics.make_licence(clinics.make_clinic(pair.target.organization))
        with refused(LicenceLapsed, slot):
            book(pair.referrer, referral, slot)


class TestAudience:
    """Own slots are the clinic's own; the cluster's fall to the own pool at their release; urgent ones to all."""

    BEFORE, AFTER = timedelta(hours=1), -timedelta(hours=1)

    @pytest.mark.parametrize(
        ("audience", "release", "own", "priority", "fits"),
        [
            (Audience.OWN, BEFORE, True, "planned", True),
            (Audience.OWN, BEFORE, False, "planned", False),
            (Audience.OWN, BEFORE, False, "emergency", False),
            (Audience.OWN, AFTER, False, "planned", False),
            (Audience.CLUSTER, BEFORE, True, "planned", True),
            (Audience.CLUSTER, BEFORE, False, "planned", True),
            (Audience.CLUSTER, AFTER, False, "planned", False),
            (Audience.CLUSTER, AFTER, False, "urgent", False),
            (Audience.CLUSTER, AFTER, True, "planned", True),
            (Audience.URGENT, BEFORE, True, "planned", False),
            (Audience.URGENT, BEFORE, False, "planned", False),
            (Audience.URGENT, BEFORE, False, "urgent", True),
            (Audience.URGENT, BEFORE, False, "emergency", True),
            (Audience.URGENT, AFTER, False, "planned", True),
            (Audience.URGENT, AFTER, True, "planned", True),
        ],
    )
    def test_who_may_book_it(self, pair, audience, release, own, priority, fits):
        service = pair.service
        if own:
            service = clinics.make_service(clinics.make_clinic(pair.source.organization))
        referral = pair.referral("accepted", service=service, priority=priority)
        slot = clinics.make_slot(service, audience=audience, release_at=timezone.now() + release)
        if fits:
            assert book(pair.referrer, referral, slot).state == "booked"
        else:
            with refused(SlotReserved, slot) as caught:
                book(pair.referrer, referral, slot)
            assert "alternatives" in caught.value.extra


class TestLate:
    def test_later_than_the_norm_needs_a_reason(self, pair):
        referral = pair.referral("accepted", due_on=(timezone.now() + timedelta(days=3)).date())
        slot = pair.slot(clinics.at(9))
        for reason in ("", "   "):
            with refused(LateReasonRequired, slot) as caught:
                book(pair.referrer, referral, slot, late_reason=reason)
            assert caught.value.field == "late_code"
            assert caught.value.extra == {"due_on": referral.due_on.isoformat()}
        book(pair.referrer, referral, slot, late_reason=" Просит пациент ")
        referral.refresh_from_db()
        assert (referral.late_code, referral.late_reason) == ("other", "Просит пациент")

    @pytest.mark.parametrize(
        ("code", "words", "field"),
        [
            ("nonsense", "", "late_code"),
            ("tests_missing", "", "late_code"),
            ("other", " ", "late_reason"),
        ],
    )
    def test_a_wrong_code_is_refused_at_its_field(self, pair, code, words, field):
        referral = pair.referral("accepted", due_on=clinics.at(3).date())
        with pytest.raises(Invalid) as caught:
            book(pair.referrer, referral, pair.slot(clinics.at(9)), late_code=code, late_reason=words)
        assert set(caught.value.errors) == {field}

    def test_a_coded_reason_is_enough(self, pair):
        referral = pair.referral("accepted", due_on=clinics.at(3).date())
        book(pair.referrer, referral, pair.slot(clinics.at(9)), late_code="no_time")
        referral.refresh_from_db()
        assert (referral.late_code, referral.late_reason) == ("no_time", "")
        assert referral.steps.latest("id").details["late"] == "no_time"

    def test_in_time_nothing_is_kept_of_a_code(self, pair):
        referral = pair.referral("accepted", due_on=clinics.at(9).date())
        book(pair.referrer, referral, pair.slot(clinics.at(3)), late_code="no_time")
        referral.refresh_from_db()
        assert referral.late_code == "" and "late" not in referral.steps.latest("id").details

    def test_on_the_last_day_it_does_not(self, pair):
        slot = pair.slot(clinics.at(5, 8))
        referral = pair.referral("accepted", due_on=clinics.at(5).date())
        assert book(pair.referrer, referral, slot).state == "booked"

    def test_moving_beyond_the_norm_needs_one_and_moving_back_forgets_it(self, pair):
        early, late = pair.slot(clinics.at(2)), pair.slot(clinics.at(9))
        referral = pair.referral("accepted", due_on=clinics.at(5).date())
        book(pair.referrer, referral, early)
        with refused(LateReasonRequired, early, late):
            move(pair.referrer, referral, late)
        move(pair.referrer, referral, late, late_reason="Шторм")
        move(pair.referrer, referral, early)
        referral.refresh_from_db()
        assert (referral.late_code, referral.late_reason) == ("", "")


class TestPatientOverlap:
    def test_a_patient_is_never_in_two_places(self, pair, referral, slot):
        book(pair.referrer, referral, slot)
        other = clinics.make_slot(start=slot.start + timedelta(minutes=10))
        with refused(PatientBusy, slot, other) as caught:
            book(pair.referrer, pair.referral("accepted"), other)
        assert caught.value.field == "slot"
        with refused(PatientBusy, slot, other):
            hold(pair.referrer, pair.referral("accepted"), other)

    def test_one_visit_may_follow_another(self, pair, referral, slot):
        book(pair.referrer, referral, slot)
        after = clinics.make_slot(start=slot.end)
        assert book(pair.referrer, pair.referral("accepted"), after).state == "booked"

    def test_an_ended_one_stands_in_nobody_s_way(self, pair, referral, slot):
        book(pair.referrer, referral, slot)
        cancel_booking(pair.referrer, referral_id=referral.pk, reason="patient_asked")
        same = clinics.make_slot(start=slot.start)
        assert book(pair.referrer, pair.referral("accepted"), same).state == "booked"

    def test_a_lapsed_hold_of_another_referral_does_neither(self, pair, referral, slot):
        other = pair.referral("accepted")
        held = hold(pair.referrer, other, slot)
        with time_machine.travel(timezone.now() + timedelta(minutes=11)):
            same = clinics.make_slot(start=slot.start)
            assert book(pair.referrer, referral, same).state == "booked"
        held.refresh_from_db()
        assert (held.state, held.end_reason) == ("cancelled", "replaced")
        assert taken_and_occupied(slot) == (0, 0)
        assert taken_and_occupied(same) == (1, 1)

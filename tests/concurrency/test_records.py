"""Two hands at one record, one chain of links, one closing clinic: nothing is lost, nobody is left without a time."""

import threading

import pytest

from clinics.models import ChangeRequest, Clinic, ClinicLink, Organization
from clinics.services.changes import approve_change, request_change
from clinics.services.premises import link_clinics
from clinics.services.records import create_organization, update_clinic
from clinics.services.sites import close_clinic
from cluster_portal.audit.triggers import without_triggers
from patients.models import Booking
from patients.services.booking import book_referral
from tests.concurrency.support import together
from tests.factories import clinics, patients
from tests.factories.records import make_link

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency, pytest.mark.slow]
ROUNDS = 8


def test_the_control_loses_an_update():
    """What these tests look for happens here, where each of two writers saves the whole record that it has read."""
    clinic, both_have_read = clinics.make_clinic(phone="0"), threading.Barrier(2)

    def write(**fields):
        mine = Clinic.objects.get(pk=clinic.pk)
        both_have_read.wait()
        for name, value in fields.items():
            setattr(mine, name, value)
        mine.save()

    outcome = together(lambda: write(phone="1"), lambda: write(email="a@example.org"))
    assert outcome.unexpected == []
    clinic.refresh_from_db()
    assert (clinic.phone, clinic.email) != ("1", "a@example.org")


def test_of_two_editors_of_one_version_one_writes():
    clinics.make_cluster()
    offices = [clinics.make_actor("office") for _n in range(2)]
    for n in range(ROUNDS):
        clinic = clinics.make_clinic(phone="0")
        outcome = together(
            *(
                lambda office=office, value=f"{n}{place}", clinic=clinic: update_clinic(
                    office, clinic_id=clinic.pk, data={"phone": value}, seen=clinic.updated_at
                )
                for place, office in enumerate(offices, 1)
            )
        )
        assert outcome.unexpected == []
        assert (len(outcome.results), dict(outcome.refused)) == (1, {"record_changed": 1})
        clinic.refresh_from_db()
        assert clinic.phone == outcome.results[0].phone


def test_approving_and_editing_the_same_field_meet():
    office, editor = clinics.make_actor("office"), clinics.make_actor("office")
    seen = set()
    for _n in range(ROUNDS):
        clinic = clinics.make_clinic(phone="0")
        manager = clinics.make_actor("manager", organization=clinic.organization)
        change = request_change(manager, clinic_id=clinic.pk, data={"phone": "asked"})
        outcome = together(
            lambda change=change: approve_change(office, change_id=change.pk),
            lambda clinic=clinic: update_clinic(
                editor, clinic_id=clinic.pk, data={"phone": "typed"}, seen=clinic.updated_at
            ),
        )
        assert outcome.unexpected == []
        clinic.refresh_from_db()
        change.refresh_from_db()
        # Whoever comes second is told what the first one wrote.
        expected = {"asked": ("approved", "record_changed"), "typed": ("pending", "change_conflict")}[
            clinic.phone
        ]
        assert (change.state, *outcome.refused) == expected
        seen.add(clinic.phone)
    assert seen


def test_a_request_is_decided_once_and_asked_once():
    offices = [clinics.make_actor("office") for _n in range(2)]
    for _n in range(ROUNDS):
        clinic = clinics.make_clinic(phone="0")
        managers = [clinics.make_actor("manager", organization=clinic.organization) for _n in range(2)]
        asked = together(
            *(
                lambda manager=manager, clinic=clinic: request_change(
                    manager, clinic_id=clinic.pk, data={"phone": "1"}
                )
                for manager in managers
            )
        )
        assert (asked.unexpected, len(asked.results), dict(asked.refused)) == ([], 1, {"change_pending": 1})
        change = ChangeRequest.objects.get(clinic=clinic)
        decided = together(
            *(
                lambda office=office, change=change: approve_change(office, change_id=change.pk)
                for office in offices
            )
        )
        assert (decided.unexpected, len(decided.results)) == ([], 1)
        assert dict(decided.refused) == {"illegal_transition": 1}


def has_circle():
    below = {}
    for hub, spoke in ClinicLink.objects.values_list("hub", "spoke"):
        below.setdefault(hub, set()).add(spoke)

    def reaches(start, goal, known):
        return any(
            step == goal or (step not in known and reaches(step, goal, known | {step}))
            for step in below.get(start, ())
        )

    return any(reaches(clinic, clinic, frozenset()) for clinic in below)


def test_links_never_close_a_circle():
    office = clinics.make_actor("office")
    for _n in range(ROUNDS):
        ring = [clinics.make_clinic() for _n in range(3)]
        outcome = together(
            *(
                lambda hub=hub, spoke=spoke: link_clinics(office, hub_id=hub.pk, spoke_id=spoke.pk)
                for hub, spoke in zip(ring, [*ring[1:], ring[0]], strict=True)
            )
        )
        assert (outcome.unexpected, len(outcome.results)) == ([], 2)
        assert dict(outcome.refused) == {"linked_in_circle": 1}
    assert not has_circle()


def test_the_control_without_its_guard_closes_one():
    one, other = clinics.make_clinic(), clinics.make_clinic()
    with without_triggers([ClinicLink]):
        make_link(one, other)
        make_link(other, one)
    assert has_circle()


def test_the_same_organisation_entered_twice_at_once_is_noticed():
    clinics.make_cluster()
    offices = [clinics.make_actor("office") for _n in range(2)]
    names = ["Ясень", "Кедровый стланик", "Тихоокеанская верфь", "Берёзовая роща"]
    for name in names:
        data = {"name_ru": name, "short_name_ru": name, "ownership": "private", "country": "RU"}
        outcome = together(
            *(lambda office=office, data=data: create_organization(office, data=data) for office in offices)
        )
        assert (outcome.unexpected, len(outcome.results)) == ([], 1)
        assert dict(outcome.refused) == {"likely_duplicate": 1}
        assert Organization.objects.filter(name_ru=name).count() == 1


def test_a_clinic_that_closes_leaves_nobody_without_a_time():
    clinics.make_cluster()
    office, pair = clinics.make_actor("office"), patients.make_pair()
    today = clinics.day_of(clinics.at(0, 12))
    ends = set()
    for n in range(ROUNDS):
        clinic = clinics.make_clinic(pair.target.organization)
        service = clinics.make_service(clinic)
        slot = clinics.make_slot(service, start=clinics.at(2 + n, 10))
        patient = patients.make_patient(pair.source.organization)
        patients.make_consent(patient)
        referral = patients.make_referral(patient, state="accepted", service=service, source=pair.source)
        outcome = together(
            lambda clinic=clinic: close_clinic(
                office, clinic_id=clinic.pk, closed_on=today, reason="Переезд", return_waiting=True
            ),
            lambda referral=referral, slot=slot: book_referral(
                pair.referrer, referral_id=referral.pk, slot_id=slot.pk
            ),
        )
        assert (outcome.unexpected, len(outcome.results)) == ([], 1)
        clinic.refresh_from_db()
        booked = Booking.objects.filter(referral=referral).exists()
        assert booked is (clinic.status == "open")
        assert (outcome.refused.keys() == {"stranded_bookings"}) is booked
        ends.add(booked)
    assert ends

"""Two records of one person become one, and two again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cluster_portal.audit.models import Access
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from patients.errors import MergeBlocked, PatientExists, PatientMerged, UndoBlocked
from patients.models import Booking, Consent, DuplicatePair, Patient, PatientLink, PatientMerge, Referral
from patients.selectors.merging import open_pairs, rows_of_patients
from patients.selectors.patients import survivor_of
from patients.selectors.search import search_patients
from patients.services.drafts import draft_referral
from patients.services.duplicates import dismiss_pair, find_duplicates
from patients.services.emergency import break_glass
from patients.services.links import link
from patients.services.merging import merge_patients, undo_merge
from patients.services.patients import record_consent, register_patient, update_patient
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db

#: Tables that tell of merges and of what was done, and so grow with everything.
TOLD = {"patients_patientmerge", "patients_duplicatepair", "audit_entry", "audit_access"}


@pytest.fixture
def twins(pair):
    """The same person, registered at two clinics: with a typing error, and without a policy at the second."""
    first = pair.patient
    Patient.objects.filter(pk=first.pk).update(
        family="Ковалёва", given="Мария", sex="f", birth_date=date(1961, 2, 3)
    )
    first.refresh_from_db()
    other = clinics.make_clinic()
    second = patients.make_patient(
        other.organization, family="Ковалева", given="Марина", patronymic="Ильинична", sex="f",
        birth_date=date(1961, 2, 3), snils="", enp=patients.enp(77), phone="+7 924 100-20-30",
    )  # fmt: skip
    second.clinic = other
    return first, second


@pytest.fixture
def found(office, twins):
    find_duplicates(office)
    return DuplicatePair.objects.get()


def snapshot():
    """Every row of every table but those that tell what was done."""
    rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("patients_", "clinics_")) and table not in TOLD:
                cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t ORDER BY 1")
                rows[table] = [text for (text,) in cursor.fetchall()]
    return rows


def test_likely_duplicates_are_found_once_and_strangers_are_not(office, twins, pair):
    first, second = twins
    # Another СНИЛС is another person, another birth date too; a shared document speaks louder.
    patients.make_patient(
        family="Ковалёва", given="Мария", patronymic="Ильич", birth_date=first.birth_date, sex="f"
    )
    patients.make_patient(family="Ковалёва", given="Мария", birth_date=date(1980, 1, 1), sex="f", snils="")
    for number in ("AB 123-45", "ab12345"):
        patients.make_patient(
            family=f"Пак{number[0]}", given="Сора", sex="f", document_number=number, document_country="KR",
            birth_date=date(1990, 1, 1 if number[0] == "A" else 2),
        )  # fmt: skip
    assert find_duplicates(office) >= 2
    assert find_duplicates(office) == 0
    pairs = {frozenset((row.first_id, row.second_id)): row for row in open_pairs(office)}
    mine = pairs[frozenset((first.pk, second.pk))]
    assert mine.signs == ["name"] and mine.alike > 0.55 and mine.first_id == first.pk
    assert [row.signs for row in pairs.values() if "document" in row.signs] == [["document"]]
    assert not any(row.first.birth_date == date(1980, 1, 1) for row in pairs.values())


def test_a_pair_is_dismissed_for_good(office, found):
    dismiss_pair(office, pair_id=found.pk)
    assert find_duplicates(office) == 0
    assert not open_pairs(office)
    with pytest.raises(IllegalTransition):
        dismiss_pair(office, pair_id=found.pk)


def test_only_the_office_decides(pair, found):
    for actor in (pair.referrer, pair.coordinator, clinics.make_actor("analyst")):
        for call in (
            lambda actor=actor: merge_patients(actor, pair_id=found.pk, survivor_id=found.first_id),
            lambda actor=actor: dismiss_pair(actor, pair_id=found.pk),
        ):
            with pytest.raises(NotFound):
                call()
        with pytest.raises(Forbidden):
            find_duplicates(actor)


def test_everything_moves_to_the_survivor_with_the_values_that_were_chosen(office, twins, pair, found):
    first, second = twins
    own = pair.referral("booked", patient=first)
    other = patients.make_referral(second, state="waitlisted", source=second.clinic, service=pair.service)
    patients.make_consent(second)
    patients.make_outflow(second, source=second.clinic)
    merge = merge_patients(
        office,
        pair_id=found.pk,
        survivor_id=first.pk,
        take=["given", "enp", "phone"],
        comment=" Один паспорт ",
    )
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.given, first.enp, first.phone) == ("Марина", patients.enp(77), "+7 924 100-20-30")
    assert (second.merged_into_id, second.enp, second.given) == (first.pk, "", "Марина")
    assert {row.patient_id for row in Referral.objects.filter(pk__in=[own.pk, other.pk])} == {first.pk}
    for field in rows_of_patients():
        assert not field.model.objects.filter(**{field.attname: second.pk}).exists(), field
    assert set(merge.moved) == {
        "patients.Referral.patient", "patients.Consent.patient", "patients.Outflow.patient",
        "patients.WaitlistEntry.patient",
    }  # fmt: skip
    assert merge.comment == "Один паспорт"
    # Whoever saw the other record sees the survivor; the other's address leads on; its numbers are found.
    theirs = clinics.make_actor("referrer", organization=second.registered_by)
    assert list(search_patients(theirs, "Ковалёва")) == [first]
    assert survivor_of(second) == first
    stranger = clinics.make_actor("referrer")
    opened = break_glass(
        stranger, identifier=second.enp or first.enp, birth_date=first.birth_date, reason="x" * 10
    )
    assert opened == first
    assert Access.objects.filter(purpose="merge").count() == 2


def test_the_merged_record_takes_no_more_writes(office, twins, pair, found):
    first, second = twins
    merge_patients(office, pair_id=found.pk, survivor_id=first.pk)
    theirs = clinics.make_actor("referrer", organization=second.registered_by)
    for call in (
        lambda: update_patient(theirs, patient_id=second.pk, data={"phone": "112233"}),
        lambda: record_consent(theirs, patient_id=second.pk, kind="transfer", given_on=date(2026, 1, 1)),
        lambda: draft_referral(theirs, patient_id=second.pk),
    ):
        with pytest.raises(PatientMerged) as refused:
            call()
        assert refused.value.extra == {"replaced_by": str(first.pk)}
    # A number that stayed with it is the survivor's for whoever registers it again.
    with pytest.raises(PatientExists) as exists:
        register_patient(
            theirs,
            data={"family": "Н", "given": "Н", "birth_date": date(1961, 2, 3), "sex": "f", "enp": second.enp},
        )
    assert exists.value.extra == {"patient_id": str(first.pk)}
    with pytest.raises(IllegalTransition):
        merge_patients(office, pair_id=found.pk, survivor_id=second.pk)


def test_what_was_asked_wrongly_is_refused(office, twins, pair, found):
    with pytest.raises(Invalid):
        merge_patients(office, pair_id=found.pk, survivor_id=patients.make_patient().pk)
    with pytest.raises(Invalid):
        merge_patients(office, pair_id=found.pk, survivor_id=found.first_id, take=["merged_into"])


def test_two_visits_at_one_time_are_no_one_person(office, twins, pair, found):
    first, second = twins
    slots = [pair.slot(clinics.at(3, 10)), clinics.make_slot(clinics.make_service(), start=clinics.at(3, 10))]
    pair.referral("booked", patient=first, slot=slots[0])
    clash = patients.make_referral(second, state="booked", service=slots[1].service, slot=slots[1])
    before = snapshot()
    with pytest.raises(MergeBlocked) as blocked:
        merge_patients(office, pair_id=found.pk, survivor_id=first.pk)
    assert clash.number in str(blocked.value)
    assert snapshot() == before


def test_undoing_says_what_would_be_lost(office, twins, pair, found):
    first, second = twins
    theirs = patients.make_referral(second, state="accepted", source=second.clinic, service=pair.service)
    merge = merge_patients(office, pair_id=found.pk, survivor_id=first.pk, take=["phone", "enp"])
    # A field that the merge did not touch may change; one that it wrote may not.
    update_patient(pair.referrer, patient_id=first.pk, data={"email": "m@demo.example"})
    update_patient(pair.referrer, patient_id=first.pk, data={"phone": "+7 900 000-00-00"})
    stranger = patients.make_patient()
    Patient.objects.filter(pk=first.pk).update(enp=patients.enp(78))
    Patient.objects.filter(pk=stranger.pk).update(enp=patients.enp(77))
    Referral.objects.filter(pk=theirs.pk).update(patient=stranger)
    before = snapshot()
    with pytest.raises(UndoBlocked) as blocked:
        undo_merge(office, merge_id=merge.pk)
    conflicts = " ".join(blocked.value.extra["conflicts"])
    assert len(blocked.value.extra["conflicts"]) == 4, conflicts
    assert snapshot() == before


def test_a_record_that_was_merged_on_is_undone_from_the_end(office, twins, found):
    first, second = twins
    third = patients.make_patient(
        family="Ковалёва", given="Мария", snils="", enp="", birth_date=first.birth_date, sex="f"
    )
    merge = merge_patients(office, pair_id=found.pk, survivor_id=first.pk)
    find_duplicates(office)
    later = DuplicatePair.objects.get(second=third, state="open")
    onward = merge_patients(office, pair_id=later.pk, survivor_id=third.pk)
    second.refresh_from_db()
    assert survivor_of(second) == third
    with pytest.raises(UndoBlocked):
        undo_merge(office, merge_id=merge.pk)
    undo_merge(office, merge_id=onward.pk)
    undo_merge(office, merge_id=merge.pk)
    with pytest.raises(IllegalTransition):
        undo_merge(office, merge_id=merge.pk)
    assert not Patient.objects.filter(merged_into__isnull=False).exists()


def test_what_came_since_stays_with_its_owner(office, twins, pair, found):
    first, second = twins
    theirs = patients.make_referral(second, state="accepted", source=second.clinic, service=pair.service)
    merge = merge_patients(office, pair_id=found.pk, survivor_id=first.pk)
    actor = clinics.make_actor("referrer", organization=second.registered_by)
    theirs.refresh_from_db()
    visit = patients.make_booking(theirs, pair.slot())
    new = draft_referral(actor, patient_id=first.pk)
    consent = patients.make_consent(first)
    undo_merge(office, merge_id=merge.pk)
    owner = dict(Referral.objects.values_list("pk", "patient"))
    assert (owner[theirs.pk], owner[new.pk]) == (second.pk, first.pk)
    assert Booking.objects.get(pk=visit.pk).patient_id == second.pk
    assert Consent.objects.get(pk=consent.pk).patient_id == first.pk
    # Who began a referral of the survivor goes on seeing the survivor.
    assert PatientLink.objects.filter(patient=first, organization=second.registered_by).exists()


STATES = st.sampled_from(
    ["draft", "submitted", "accepted", "waitlisted", "booked", "in_care", "completed", "rejected"]
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    mine=st.lists(STATES, max_size=3),
    theirs=st.lists(STATES, max_size=4),
    take=st.sets(
        st.sampled_from(
            ["family", "given", "phone", "enp", "snils", "residence", "home_clinic", "birth_date"]
        )
    ),
    keep_first=st.booleans(),
    consents=st.integers(0, 2),
    emergency=st.booleans(),
)
def test_merging_and_undoing_leaves_the_same_rows(
    office, pair, twins, found, mine, theirs, take, keep_first, consents, emergency
):
    first, second = twins
    for patient, states in ((first, mine), (second, theirs)):
        for state in states:
            patients.make_referral(patient, state=state, source=pair.source)
    for _n in range(consents):
        patients.make_consent(second)
    if emergency:
        for days, patient in ((1, first), (2, second)):
            link(
                patient.pk,
                pair.target.organization_id,
                "emergency",
                until=timezone.now() + timedelta(days=days),
            )
    Patient.objects.filter(pk=second.pk).update(home_clinic=pair.target, residence={"locality": "Холмск"})
    before = snapshot()
    survivor = first if keep_first else second
    merge = merge_patients(office, pair_id=found.pk, survivor_id=survivor.pk, take=take)
    assert snapshot() != before
    undo_merge(office, merge_id=merge.pk)
    assert snapshot() == before
    assert DuplicatePair.objects.get(pk=found.pk).state == "open"
    assert PatientMerge.objects.filter(pk=merge.pk, undone_by=office.user_id).exists()

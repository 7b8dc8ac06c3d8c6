"""Registering patients: true, once, and seen only by those whose patients they are."""

import uuid
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from clinics.models import Organization
from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from patients.errors import EnpTaken, PatientExists, SimilarPatients, SnilsTaken
from patients.models import NameWord, Patient, PatientLink
from patients.policies import patient_policy
from patients.services.patients import (
    record_consent,
    register_patient,
    update_patient,
    withdraw_consent,
)
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db

DATA = {
    "family": "Ёлкина", "given": "Анна-Мария", "patronymic": "Петровна", "birth_date": date(1984, 2, 29),
    "sex": "f", "snils": "112-233-445 95", "enp": "8451 9991 2289 9990", "phone": "+7 (914) 123-45-67",
    "residence": {"subject": "Сахалинская область", "locality": "Корсаков", "house": "5"},
}  # fmt: skip


@pytest.fixture
def registrar():
    return clinics.make_actor("referrer")


@pytest.fixture
def stranger():
    return clinics.make_actor("referrer")


def data(**fields):
    return DATA | fields


def register(actor, **fields):
    return register_patient(actor, data=data(**fields))


def refused(actor, **fields) -> dict[str, list]:
    with pytest.raises(Invalid) as caught:
        register(actor, **fields)
    return caught.value.errors


def test_a_patient_is_registered_with_identifiers_as_digits(registrar):
    patient = Patient.objects.get(pk=register(registrar).pk)
    assert (patient.snils, patient.enp) == ("11223344595", "8451999122899990")
    assert patient.registered_by_id == registrar.organization_id
    assert patient.sort_name == "елкина анна-мария петровна"
    assert patient.name_words == ["елкина", "анна", "мария", "петровна"]
    assert set(NameWord.objects.filter(word__in=patient.name_words).values_list("word", flat=True)) == set(
        patient.name_words
    )
    link = PatientLink.objects.get(patient=patient)
    assert (link.organization_id, link.kind, link.until) == (registrar.organization_id, "registered", None)
    assert patient_policy.allows(registrar, "view", patient)


@pytest.mark.parametrize("role", ["referrer", "coordinator", "manager", "client"])
def test_all_who_work_with_patients_register_them(role):
    actor = clinics.make_actor("referrer")
    actor = actor.__class__(kind="user", organization_id=actor.organization_id, roles=frozenset({role}))
    assert register(actor).pk


def test_the_cluster_office_and_visitors_do_not():
    from cluster_portal.common.actor import ANONYMOUS

    for actor in (clinics.make_actor("office"), ANONYMOUS):
        with pytest.raises(Forbidden):
            register(actor)
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("snils", "112-233-445 96"),
        ("snils", "1122334459"),
        ("snils", "112-233-445 9x"),
        ("snils", "1" * 200),
        ("enp", "8451 9991 2289 9991"),
        ("enp", "abc"),
        ("iin", "123456789012"),
        ("family", ""),
        ("family", "я" * 101),
        ("given", "  "),
        ("sex", "x"),
        ("birth_date", None),
        ("birth_date", "29.02.1985"),
        ("birth_date", date(1850, 1, 1)),
        ("phone", "call me"),
        ("email", "nobody"),
        ("policy_issued_on", date.today() + timedelta(days=3)),
        ("policy_issued_on", "yesterday"),
        ("residence", {"planet": "Earth"}),
        ("residence", {"house": 5}),
        ("residence", "Корсаков"),
        ("stay", ["Корсаков"]),
        ("locality_kind", "9"),
        ("employment", "0"),
    ],
)
def test_wrong_answers_are_named_by_their_field(registrar, field, value):
    assert set(refused(registrar, **{field: value})) == {field}
    assert not Patient.objects.exists()


def test_all_wrong_answers_are_named_at_once(registrar):
    errors = refused(registrar, snils="1", enp="2", family="", birth_date=date(2999, 1, 1))
    assert set(errors) == {"snils", "enp", "family", "birth_date"}


def test_nobody_is_born_tomorrow_by_the_registrar_s_own_calendar(registrar):
    # 08:00 on 2 March in Yuzhno-Sakhalinsk is still 1 March in UTC.
    with time_machine.travel("2026-03-01T21:00:00+00:00", tick=False):
        newborn = register(registrar, birth_date=date(2026, 3, 2), snils="", enp="")
        assert newborn.birth_date == date(2026, 3, 2)
        assert "birth_date" in refused(registrar, birth_date=date(2026, 3, 3))


def test_unknown_fields_are_refused(registrar):
    assert set(refused(registrar, is_generated=True, registered_by=uuid.uuid4(), id=1)) == {
        "is_generated", "registered_by", "id",
    }  # fmt: skip


def test_the_same_identifier_stops_the_registration(registrar, stranger):
    patient = register(registrar)
    for field in ("snils", "enp"):
        other = {"snils": "", "enp": ""} | {field: DATA[field]}
        with pytest.raises(PatientExists) as caught:
            register(registrar, family="Другая", birth_date=date(1990, 1, 1), **other)
        assert caught.value.field == field
        assert caught.value.extra == {"patient_id": str(patient.pk)}
        with pytest.raises(PatientExists) as caught:
            register(stranger, family="Другая", birth_date=date(1990, 1, 1), **other)
        assert caught.value.extra == {}


def test_the_constraint_behind_it_says_the_same(registrar, monkeypatch):
    register(registrar)
    monkeypatch.setattr("patients.services.patients._refuse_duplicate", lambda actor, patient: None)
    for error, fields in ((SnilsTaken, {"enp": ""}), (EnpTaken, {"snils": ""})):
        with pytest.raises(error):
            register_patient(registrar, data=data(**fields), ignore_similar=True)


def test_patients_without_identifiers_do_not_collide(registrar):
    for family in ("Ан", "Бо", "Ви"):
        register(registrar, family=family, given="Ли", patronymic="", snils="", enp="")
    assert Patient.objects.count() == 3


@pytest.mark.parametrize(
    "names",
    [
        {"family": "Елкина"},
        {"family": "Ёлкина", "patronymic": ""},
        {"given": "Анна"},
        {"family": "Елкена"},
    ],
)
def test_a_similar_name_and_the_same_birth_date_are_shown_once(registrar, stranger, names):
    twin = register(registrar)
    fields = names | {"snils": "", "enp": ""}
    with pytest.raises(SimilarPatients) as caught:
        register(registrar, **fields)
    assert caught.value.extra["patients"] == [
        {"id": str(twin.pk), "name": twin.full_name, "snils": "•••••••4595"}
    ]
    assert caught.value.extra["hidden"] == 0
    with pytest.raises(SimilarPatients) as caught:
        register(stranger, **fields)
    assert caught.value.extra == {"patients": [], "hidden": 1}
    assert register_patient(registrar, data=data(**fields), ignore_similar=True).pk != twin.pk


def test_another_birth_date_or_name_is_another_person(registrar):
    register(registrar)
    register(registrar, birth_date=date(1984, 3, 1), snils="", enp="")
    register(registrar, family="Смирнов", given="Олег", patronymic="", sex="m", snils="", enp="")
    assert Patient.objects.count() == 3


def test_a_record_is_changed_by_those_who_see_it(registrar, stranger):
    patient = register(registrar)
    update_patient(registrar, patient_id=patient.pk, data={"family": "Сосна", "snils": DATA["snils"]})
    patient.refresh_from_db()
    assert (patient.family, patient.snils, patient.enp) == ("Сосна", "11223344595", "8451999122899990")
    assert "сосна" in patient.name_words
    with pytest.raises(NotFound):
        update_patient(stranger, patient_id=patient.pk, data={"family": "Чужая"})
    with pytest.raises(Invalid):
        update_patient(registrar, patient_id=patient.pk, data={"birth_date": None})
    other = register(registrar, family="Кедров", snils="", enp="", birth_date=date(1950, 1, 1))
    with pytest.raises(PatientExists):
        update_patient(registrar, patient_id=other.pk, data={"snils": "11223344595"})


def test_consents_are_recorded_and_withdrawn(registrar, stranger):
    patient = register(registrar)
    today = timezone.localdate()
    consent = record_consent(registrar, patient_id=patient.pk, kind="transfer", given_on=today, paper=" № 7 ")
    assert (consent.organization_id, consent.paper) == (registrar.organization_id, "№ 7")
    assert consent.recorded_by_id == registrar.user_id
    for fields in ({"kind": "everything"}, {"given_on": today + timedelta(days=2)}):
        with pytest.raises(Invalid) as caught:
            record_consent(
                registrar, **{"patient_id": patient.pk, "kind": "transfer", "given_on": today} | fields
            )
        assert set(caught.value.errors) == set(fields)
    with pytest.raises(NotFound):
        record_consent(stranger, patient_id=patient.pk, kind="transfer", given_on=today)

    for day in (today - timedelta(days=1), today + timedelta(days=2)):
        with pytest.raises(Invalid):
            withdraw_consent(registrar, patient_id=patient.pk, consent_id=consent.pk, withdrawn_on=day)
    with pytest.raises(NotFound):
        withdraw_consent(registrar, patient_id=patient.pk, consent_id=uuid.uuid4(), withdrawn_on=today)
    with pytest.raises(NotFound):
        withdraw_consent(stranger, patient_id=patient.pk, consent_id=consent.pk, withdrawn_on=today)
    foreign = patients.make_patient(Organization.objects.get(pk=registrar.organization_id))
    with pytest.raises(NotFound):
        withdraw_consent(registrar, patient_id=foreign.pk, consent_id=consent.pk, withdrawn_on=today)
    withdraw_consent(registrar, patient_id=patient.pk, consent_id=consent.pk, withdrawn_on=today)
    consent.refresh_from_db()
    assert consent.withdrawn_on == today

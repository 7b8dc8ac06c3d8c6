"""The register of patients sent outside the cluster."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import override

from cluster_portal.audit.models import Access, Entry
from cluster_portal.common.errors import Conflict, Forbidden, Invalid, NotFound
from patients.errors import SentOutsideAlready, StillOpen
from patients.models import Outflow, PatientLink, Reason, ReferralStep
from patients.selectors.outflow import Narrowing, open_outflow, outflows_of, register
from patients.services.outflow import record_outflow, update_outflow, withdraw_outflow
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db


def said(**changes):
    """What a form says of somebody who is sent to Novosibirsk."""
    return {
        "service_type": clinics.make_service_type(), "diagnosis_code": "i48.0", "country": "RU",
        "region": "Новосибирская область", "clinic_name": "Центр Мешалкина", "reason": "no_service",
        "payment": "vmp", "cost": Decimal("410000.50"), "currency": "RUB", "sent_on": clinics.day_of(timezone.now()),
        "decided_by": "Врачебная комиссия",
    } | changes  # fmt: skip


def recorded(pair, **changes):
    referral = changes.pop("referral_id", None)
    key = changes.pop("key", None)
    return record_outflow(
        pair.referrer, patient_id=pair.patient.pk, referral_id=referral, key=key, data=said(**changes)
    )


def test_an_entry_says_where_what_for_why_and_how_much(pair):
    outflow = recorded(pair)
    outflow.refresh_from_db()
    assert outflow.source_organization == pair.source.organization
    assert (outflow.source_clinic, outflow.diagnosis_code) == (pair.source, "I48.0")
    assert (outflow.cost, outflow.currency) == (Decimal("410000.50"), "RUB")
    assert PatientLink.objects.filter(patient=pair.patient, kind="referred").exists()
    assert Entry.objects.filter(
        table_name="patients_outflow", row_id=str(outflow.pk), action="record_outflow"
    ).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"region": ""}, "region"),
        ({"region": "сахалинская ОБЛАСТЬ"}, "region"),
        ({"country": "XX"}, "country"),
        ({"country": "150"}, "country"),
        ({"clinic_name": " "}, "clinic_name"),
        ({"service_type": None}, "service_type"),
        ({"diagnosis_code": "Q999"}, "diagnosis_code"),
        ({"diagnosis_code": ""}, "diagnosis_code"),
        ({"reason": "boredom"}, "reason"),
        ({"reason": "other"}, "comment"),
        ({"currency": ""}, "currency"),
        ({"currency": "XAU"}, "currency"),
        ({"cost": Decimal(-1)}, "cost"),
        ({"payment": "barter"}, "payment"),
        ({"decided_by": ""}, "decided_by"),
        ({"sent_on": timezone.localdate() + timedelta(days=3)}, "sent_on"),
        ({"sent_on": timezone.localdate() - timedelta(days=365 * 8)}, "sent_on"),
        ({"withdrawn_why": "так"}, "withdrawn_why"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(pair, changes, field):
    with pytest.raises(Invalid) as refused:
        recorded(pair, **changes)
    assert set(refused.value.errors) == {field}
    assert not Outflow.objects.exists()


def test_abroad_needs_no_region_and_an_unknown_cost_no_currency(pair):
    outflow = recorded(pair, country="kr", region="", cost=None, currency="RUB")
    assert (outflow.country, outflow.cost, outflow.currency) == ("KR", None, "")


def test_a_clinic_of_strangers_is_refused(pair):
    with pytest.raises(Invalid) as refused:
        recorded(pair, source_clinic=pair.target)
    assert "source_clinic" in refused.value.errors


def test_it_grows_from_a_referral_that_came_to_nothing(pair):
    referral = pair.referral("rejected")
    outflow = recorded(pair, referral_id=referral.pk)
    step = ReferralStep.objects.get(referral=referral, action="send_outside")
    assert (outflow.referral, step.comment, step.to_state) == (referral, "Центр Мешалкина", "rejected")
    with pytest.raises(SentOutsideAlready) as again:
        recorded(pair, referral_id=referral.pk)
    assert again.value.extra == {"outflow": str(outflow.pk)}
    # A withdrawn entry makes room for the right one.
    withdraw_outflow(pair.referrer, outflow_id=outflow.pk, why="Не та клиника")
    assert recorded(pair, referral_id=referral.pk).pk != outflow.pk


def test_the_database_keeps_one_entry_for_a_referral(pair):
    referral = pair.referral("cancelled")
    patients.make_outflow(pair.patient, source=pair.source, referral=referral)
    with pytest.raises(IntegrityError, match="outflow_of_referral"), transaction.atomic():
        patients.make_outflow(pair.patient, source=pair.source, referral=referral)


@pytest.mark.parametrize("state", ["draft", "submitted", "accepted", "waitlisted", "booked"])
def test_an_open_referral_is_ended_first(pair, state):
    referral = pair.referral(state)
    with pytest.raises(StillOpen):
        recorded(pair, referral_id=referral.pk)


def test_anothers_referral_and_another_patients_one_are_refused(pair):
    other = pair.referral("rejected", patient=patients.make_patient(pair.source.organization))
    with pytest.raises(Invalid):
        recorded(pair, referral_id=other.pk)
    received = pair.referral("completed")
    with pytest.raises(Forbidden):
        record_outflow(pair.coordinator, patient_id=pair.patient.pk, referral_id=received.pk, data=said())
    with pytest.raises(NotFound):
        record_outflow(pair.coordinator, patient_id=patients.make_patient().pk, data=said())


def test_a_reason_that_has_ended_stays_where_it_stands(pair):
    outflow = recorded(pair, reason="long_wait")
    Reason.objects.filter(kind="send_outside", code="long_wait").update(
        valid_to=timezone.localdate() - timedelta(days=1)
    )
    assert (
        update_outflow(pair.referrer, outflow_id=outflow.pk, data={"region": "Москва"}).reason == "long_wait"
    )
    with pytest.raises(Invalid) as refused:
        recorded(pair, reason="long_wait")
    assert set(refused.value.errors) == {"reason"}


def test_the_cluster_adds_a_reason_of_its_own(pair, office):
    Reason.objects.create(
        kind="send_outside", code="trial", name_ru="клиническое исследование", name_en="a clinical trial",
        name_kk="клиникалық зерттеу", needs_comment=True,
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        recorded(pair, reason="trial")
    assert set(refused.value.errors) == {"comment"}
    outflow = recorded(pair, reason="trial", comment="Препарат X")
    for language, name in (("ru", "клиническое исследование"), ("en", "a clinical trial")):
        with override(language):
            assert register(office, Narrowing(reason="trial")).get().reason_name == name
    Outflow.objects.filter(pk=outflow.pk).update(reason="unknown")
    assert open_outflow(office, outflow.pk).reason_name == "unknown"


def test_sent_twice_it_is_there_once(pair):
    key = uuid.uuid4()
    assert recorded(pair, key=key).pk == recorded(pair, key=key).pk
    assert Outflow.objects.count() == 1


def test_it_is_changed_and_withdrawn_by_its_own_clinic(pair, office):
    outflow = recorded(pair)
    changed = update_outflow(pair.referrer, outflow_id=outflow.pk, data={"cost": None})
    assert (changed.cost, changed.currency) == (None, "")
    for actor, refusal in ((pair.coordinator, NotFound), (office, Forbidden)):
        with pytest.raises(refusal):
            update_outflow(actor, outflow_id=outflow.pk, data={"region": "Алтай"})
        with pytest.raises(refusal):
            withdraw_outflow(actor, outflow_id=outflow.pk, why="Не нужно")
    with pytest.raises(Invalid):
        withdraw_outflow(pair.referrer, outflow_id=outflow.pk, why="  ")
    withdraw_outflow(pair.referrer, outflow_id=outflow.pk, why="Пациент остался")
    with pytest.raises(Conflict):
        withdraw_outflow(pair.referrer, outflow_id=outflow.pk, why="Ещё раз")
    with pytest.raises(Conflict):
        update_outflow(pair.referrer, outflow_id=outflow.pk, data={"region": "Алтай"})


def found(actor, **by):
    return [row.pk for row in register(actor, Narrowing(**by))]


def test_the_register_is_narrowed_and_searched(pair, office):
    near = recorded(pair)
    far = recorded(
        pair, country="KR", region="Сеул", clinic_name="Hanil", reason="patient_choice", diagnosis_code="C50.9",
        sent_on=clinics.day_of(timezone.now() - timedelta(days=40)),
    )  # fmt: skip
    others = patients.make_outflow()
    assert found(pair.referrer) == [near.pk, far.pk]
    assert set(found(office)) == {near.pk, far.pk, others.pk}
    assert found(pair.referrer, country="KR") == [far.pk] == found(pair.referrer, reason="patient_choice")
    assert found(pair.referrer, text="hanil") == [far.pk] == found(pair.referrer, text="C50")
    assert found(pair.referrer, since=clinics.day_of(timezone.now() - timedelta(days=2))) == [near.pk]
    assert found(pair.referrer, text=pair.patient.family) == [near.pk, far.pk]
    assert found(office, organization=str(pair.source.organization_id), payment="vmp") == [near.pk, far.pk]
    # The office finds nobody by a name, though it sees the entry.
    assert found(office, text=pair.patient.family) == []
    withdraw_outflow(pair.referrer, outflow_id=near.pk, why="Ошибка")
    assert found(pair.referrer) == [far.pk]
    assert found(pair.referrer, withdrawn=True) == [near.pk]
    assert [row.pk for row in outflows_of(pair.referrer, pair.patient)] == [far.pk]
    assert not outflows_of(pair.coordinator, pair.patient)
    assert not outflows_of(office, pair.patient)


def test_a_name_that_ends_in_its_own_check_character_is_no_number(pair):
    hwang = patients.make_patient(pair.source.organization, family="Hwang")
    entry = patients.make_outflow(hwang, source=pair.source)
    assert found(pair.referrer, text="Hwang") == [entry.pk]


def test_whoever_reads_a_name_is_in_the_journal_and_the_office_reads_none(pair, office):
    outflow = recorded(pair)
    open_outflow(office, outflow.pk)
    assert not Access.objects.filter(subject_id=pair.patient.pk).exists()
    open_outflow(pair.referrer, outflow.pk)
    assert Access.objects.get(subject_id=pair.patient.pk).purpose == "outflow"

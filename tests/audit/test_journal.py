"""The journal cannot be gone around: whatever code writes, the database notes it, and nobody takes it back."""

import uuid

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from cluster_portal.audit.models import Access, Entry
from cluster_portal.audit.selectors import history, readers
from cluster_portal.audit.services import record_access
from cluster_portal.audit.triggers import without_triggers
from cluster_portal.common.actor import Actor
from cluster_portal.common.service import set_journal_context
from patients.models import Patient, PatientLink
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db

#: Tables nobody answers for, and why.
UNJOURNALLED = {
    "accounts_attempt": "counters of failed sign-ins",
    "audit_access": "is the journal",
    "audit_entry": "is the journal",
    "api_idempotencyrecord": "answers kept for a day",
    "imports_importfinding": "what a check of a file said, deleted with it",
    "imports_importmemory": "which heading an organisation means by which column",
    "investors_plotwatch": "what somebody watches, a matter of taste",
    "investors_savedsearch": "what somebody looks for, a matter of taste",
    "investors_searchhit": "what a search has found, deleted with it",
    "jobs_job": "work in hand; whoever takes a file is journalled as a reader",
    "clinics_lapsewarning": "which warnings went out, a matter of the nightly task alone",
    "clinics_searchword": "words alone, written by a trigger",
    "clinics_placesday": "sums of journalled rows, counted anew at will",
    "common_changedmoment": "work in hand: days to count again",
    "common_outboxmessage": "work in hand, not a record",
    "common_summarystate": "how fresh the sums are",
    "notifications_notice": "what was told, deleted when it is old",
    "notifications_preference": "a matter of taste",
    "training_trainingfigure": "sums of journalled rows, counted anew at will",
    "patients_decisionday": "sums of journalled rows, counted anew at will",
    "patients_flowday": "sums of journalled rows, counted anew at will",
    "patients_nameword": "words alone, written by a trigger",
    "patients_sentday": "sums of journalled rows, counted anew at will",
    "patients_visitday": "sums of journalled rows, counted anew at will",
    "webhooks_delivery": "messages on their way, deleted when they are old",
    "patients_waitday": "sums of journalled rows, counted anew at will",
}


@pytest.fixture
def actor():
    """Somebody whom the journal knows for the rest of this test."""
    someone = Actor(kind="user", user_id=uuid.uuid4(), organization_id=uuid.uuid4())
    set_journal_context(someone, "test")
    return someone


@pytest.fixture
def crowd():
    """A hundred patients, loaded without the journal."""
    organization = clinics.make_organization()
    rows = [
        Patient(
            family=f"Ким{n}", given="Анна", birth_date="1990-01-01", sex="f", registered_by=organization,
            snils=patients.snils(500_000 + n),
        )
        for n in range(100)
    ]  # fmt: skip
    with without_triggers([Patient]):
        Patient.objects.bulk_create(rows)
    return rows


def entries(**conditions):
    return Entry.objects.filter(table_name="patients_patient", **conditions)


def test_a_thousand_changes_by_every_road_leave_a_thousand_entries_with_their_actor(actor, crowd):
    organization = crowd[0].registered_by
    for patient in crowd:
        patient.phone = "+7 914 000-00-00"
        patient.save()
    for patient in crowd:
        patient.email = "kim@example.org"
    Patient.objects.bulk_update(crowd, ["email"])
    Patient.objects.all().update(locality_kind="2")
    born = [
        Patient(family=f"Ли{n}", given="Ян", birth_date="2000-01-01", sex="m", registered_by=organization)
        for n in range(300)
    ]
    Patient.objects.bulk_create(born)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE patients_patient SET employment = '3' WHERE family LIKE 'Ли%'")
        cursor.execute("DELETE FROM patients_patient WHERE family LIKE 'Ким%'")
    found = entries()
    assert found.filter(operation="INSERT").count() == 300
    assert found.filter(operation="UPDATE").count() == 100 + 100 + 100 + 300
    assert found.filter(operation="DELETE").count() == 100
    assert found.count() == 1000
    assert found.filter(user_id=actor.user_id, organization_id=actor.organization_id).count() == 1000
    assert set(found.values_list("action", flat=True)) == {"test"}


def test_a_change_holds_what_changed_and_what_it_was(actor, crowd):
    patient = crowd[0]
    Patient.objects.filter(pk=patient.pk).update(family="Кимова")
    entry = history(patient).get()
    assert entry.before == {"family": "Ким0", "sort_name": "ким0 анна ", "name_words": ["ким0", "анна", ""]}
    assert entry.after == {
        "family": "Кимова",
        "sort_name": "кимова анна ",
        "name_words": ["кимова", "анна", ""],
    }


def test_a_write_that_changes_nothing_is_no_change(actor, crowd):
    Patient.objects.filter(pk=crowd[0].pk).update(family=crowd[0].family)
    assert not entries().exists()


def test_insert_and_delete_keep_the_whole_row(actor, crowd):
    patient = patients.make_patient(crowd[0].registered_by, family="Вся", linked=False)
    key = patient.pk
    patient.delete()
    inserted, deleted = entries(row_id=str(key)).order_by("id")
    assert inserted.before is None
    assert inserted.after["family"] == deleted.before["family"] == "Вся"
    assert deleted.after is None


def test_work_past_the_services_is_seen_as_such(crowd):
    Patient.objects.filter(pk=crowd[0].pk).update(family="Тайная")
    entry = entries().get()
    assert (entry.actor_kind, entry.user_id, entry.action) == ("", None, "")


def test_what_is_undone_leaves_no_entry(actor, crowd):
    class Undone(Exception):
        pass

    with pytest.raises(Undone), transaction.atomic():
        Patient.objects.filter(pk=crowd[0].pk).update(family="Нет")
        raise Undone
    assert not entries().exists()


def test_rows_with_plain_numbers_and_cascades_are_journalled(actor):
    patient = patients.make_patient()
    link = PatientLink.objects.get(patient=patient)
    patient.delete()
    operations = Entry.objects.filter(table_name="patients_patientlink", row_id=str(link.pk))
    assert list(operations.order_by("id").values_list("operation", flat=True)) == ["INSERT", "DELETE"]


@pytest.mark.parametrize("table", ["audit_entry", "audit_access"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"],
)
def test_the_journal_is_append_only(actor, table, statement):
    patient = patients.make_patient()
    record_access(actor, subject_type="patient", subject_id=patient.pk)
    with connection.cursor() as cursor:
        # The test database lets tests be cleaned up; this is how a real one stands.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER no_truncate")
        cursor.execute(f"SELECT count(*) FROM {table}")
        before = cursor.fetchone()[0]
        assert before
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(statement.format(table))
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone()[0] == before


def test_the_orm_cannot_either(actor):
    patients.make_patient()
    for write in (
        lambda: Entry.objects.all().delete(),
        lambda: Entry.objects.all().update(action=""),
        lambda: Entry.objects.first().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            write()


def test_the_guards_stand_in_a_real_database():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgrelid IN"
            " ('audit_entry'::regclass, 'audit_access'::regclass) AND NOT tgisinternal"
        )
        found = set(cursor.fetchall())
    assert found == {
        (table, name) for table in ("audit_entry", "audit_access") for name in ("append_only", "no_truncate")
    }


def test_every_table_that_people_answer_for_has_a_journal():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid"
            " WHERE p.prosrc LIKE '%audit_write%' AND tgenabled = 'O'"
        )
        journalled = {table for (table,) in cursor.fetchall()}
    ours = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=False)
        if model.__module__.split(".")[0]
        in {"cluster_portal", "clinics", "patients", "training", "investors"}
        and not model._meta.proxy
    }
    assert sorted(ours - journalled - set(UNJOURNALLED)) == []
    assert sorted(journalled & set(UNJOURNALLED)) == []


def test_reads_are_journalled_with_their_reason():
    actor = Actor(kind="user", user_id=uuid.uuid4(), organization_id=uuid.uuid4())
    subject = uuid.uuid4()
    for n in range(500):
        record_access(actor, subject_type="patient", subject_id=subject, purpose="card", reason=f"приём {n}")
    rows = readers("patient", subject)
    assert rows.count() == 500
    row = rows.first()
    assert (row.actor_kind, row.user_id, row.organization_id) == (
        "user",
        actor.user_id,
        actor.organization_id,
    )
    assert row.reason == "приём 499"
    assert not readers("referral", subject).exists()
    assert Access.objects.count() == 500


def test_resting_triggers_wake_again(actor, crowd):
    with without_triggers([Patient]):
        Patient.objects.filter(pk=crowd[0].pk).update(family="Тихая")
    assert not entries().exists()
    Patient.objects.filter(pk=crowd[0].pk).update(family="Громкая")
    assert entries().count() == 1


def test_resting_triggers_wake_even_after_a_failure(actor, crowd):
    class Undone(Exception):
        pass

    with pytest.raises(Undone), without_triggers([Patient]):
        raise Undone
    Patient.objects.filter(pk=crowd[0].pk).update(family="Громкая")
    assert entries().count() == 1


def test_secrets_stay_out_of_the_journal():
    user, client = clinics.make_user(), clinics.make_client()
    user.set_password("another correct horse")
    user.save()
    client.name = "ЛИС"
    client.save()
    rows = Entry.objects.filter(table_name__in=("accounts_user", "accounts_apiclient"))
    assert rows.count() == 3  # a new password is no change that the journal holds
    for row in rows:
        for image in (row.before or {}, row.after or {}):
            assert not {"password", "client_secret", "previous_secret"} & set(image)

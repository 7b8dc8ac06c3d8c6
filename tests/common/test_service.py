"""What every service gets for nothing: one transaction, a journal that knows who acts, errors in words."""

import uuid

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from cluster_portal.audit.models import Entry
from cluster_portal.common.actor import SYSTEM, Actor
from cluster_portal.common.context import RequestInfo, set_request_info
from cluster_portal.common.errors import Busy, Conflict, is_transient
from cluster_portal.common.service import service
from patients.errors import SnilsTaken
from patients.models import Patient
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db


class Refusal(Exception):
    """What psycopg raises below Django's exception."""

    def __init__(self, code):
        self.pgcode = code


def database_error(code, kind=OperationalError):
    error = kind("refused")
    error.__cause__ = Refusal(code)
    return error


@service
def rename_patient(actor, *, patient_id, family, then=None):
    Patient.objects.filter(pk=patient_id).update(family=family)
    if then:
        then()
    return family


@service
def rename_two(actor, *, first, second, then=None):
    rename_patient(actor, patient_id=first, family="Первая")
    return rename_patient(actor, patient_id=second, family="Вторая", then=then)


def test_an_error_takes_everything_back():
    one, two = patients.make_patient(), patients.make_patient()

    def fail():
        raise Conflict

    with pytest.raises(Conflict):
        rename_two(SYSTEM, first=one.pk, second=two.pk, then=fail)
    assert set(Patient.objects.values_list("family", flat=True)) == {one.family, two.family}


def test_a_service_within_a_service_can_fail_alone():
    one, two = patients.make_patient(), patients.make_patient()

    @service
    def try_the_second(actor):
        rename_patient(actor, patient_id=one.pk, family="Первая")

        def fail():
            raise Conflict

        with pytest.raises(Conflict):
            rename_patient(actor, patient_id=two.pk, family="Вторая", then=fail)

    try_the_second(SYSTEM)
    assert Patient.objects.get(pk=one.pk).family == "Первая"
    assert Patient.objects.get(pk=two.pk).family == two.family


def _iterated():
    assert len(list(Patient.objects.iterator(chunk_size=1))) == 1


def _bare():
    with connection.cursor() as cursor:
        cursor.execute("SELECT '100%', family FROM patients_patient WHERE family LIKE '%'")
        assert cursor.fetchone()[0] == "100%"


def _many():
    with connection.cursor() as cursor:
        cursor.executemany("SELECT %s", [(1,), (2,)])


def _named():
    with connection.cursor() as cursor:
        cursor.execute("SELECT %(a)s, '%%'", {"a": 5})
        assert cursor.fetchone() == (5, "%")


def _undone():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        raise ZeroDivisionError


@pytest.mark.parametrize("first", [_iterated, _bare, _many, _named, _undone])
def test_the_journal_knows_whatever_statement_comes_first(first):
    """The context travels with it; its own answer stays what it is."""
    patient = patients.make_patient()

    @service
    def begin_with(actor):
        first()
        Patient.objects.filter(pk=patient.pk).update(family="Вторая")

    begin_with(Actor(kind="client", client_id=uuid.uuid4()))
    entry = Entry.objects.filter(row_id=str(patient.pk)).latest("id")
    assert (entry.actor_kind, entry.action) == ("client", "begin_with")


def test_the_context_costs_no_round_trip(django_assert_num_queries):
    patient = patients.make_patient()
    # The test's own transaction adds the savepoint and its release.
    with django_assert_num_queries(3):
        rename_patient(SYSTEM, patient_id=patient.pk, family="Первая")


def test_the_journal_knows_who_and_from_where():
    organization = clinics.make_organization()
    patient = patients.make_patient(organization)
    actor = Actor(kind="user", user_id=uuid.uuid4(), organization_id=organization.pk)
    set_request_info(RequestInfo(request_id="req-12345678", ip="192.0.2.7"))
    try:
        rename_patient(actor, patient_id=patient.pk, family="Новая")
    finally:
        set_request_info(RequestInfo())
    entry = Entry.objects.filter(table_name="patients_patient", operation="UPDATE").latest("id")
    assert (entry.actor_kind, entry.user_id, entry.client_id) == ("user", actor.user_id, None)
    assert entry.organization_id == organization.pk
    assert (entry.request_id, entry.ip) == ("req-12345678", "192.0.2.7")
    assert entry.action == "rename_patient"
    assert entry.before["family"] == patient.family
    assert entry.after["family"] == "Новая"


def test_services_within_a_service_are_journalled_under_the_outer_name():
    one, two = patients.make_patient(), patients.make_patient()
    rename_two(SYSTEM, first=one.pk, second=two.pk)
    actions = Entry.objects.filter(table_name="patients_patient", operation="UPDATE").values_list(
        "action", flat=True
    )
    assert set(actions) == {"rename_two"}


def test_a_constraint_becomes_its_error():
    one, two = patients.make_patient(), patients.make_patient()

    @service
    def copy_snils(actor):
        Patient.objects.filter(pk=two.pk).update(snils=one.snils)

    with pytest.raises(SnilsTaken) as caught:
        copy_snils(SYSTEM)
    assert isinstance(caught.value.__cause__, IntegrityError)
    assert Patient.objects.get(pk=two.pk).snils == two.snils


@pytest.mark.parametrize("code", ["40P01", "40001"])
def test_deadlocks_and_serialisation_failures_are_tried_once_more(code, monkeypatch):
    calls = []

    @service
    def stumble(actor, *, times):
        calls.append(1)
        if len(calls) <= times:
            raise database_error(code)
        return "done"

    # The test's own transaction is not the caller's: a retry would run on a fresh one.
    monkeypatch.setattr("cluster_portal.common.service.connection", FreshConnection())
    assert stumble(SYSTEM, times=1) == "done"
    assert len(calls) == 2
    calls.clear()
    with pytest.raises(Busy):
        stumble(SYSTEM, times=2)
    assert len(calls) == 2


class FreshConnection:
    """The connection, as it is seen outside of any transaction."""

    in_atomic_block = False

    def cursor(self):
        return connection.cursor()

    def execute_wrapper(self, wrapper):
        return connection.execute_wrapper(wrapper)


def test_inside_somebody_s_transaction_nothing_is_tried_again():
    calls = []

    @service
    def stumble(actor):
        calls.append(1)
        raise database_error("40P01")

    with pytest.raises(Busy):
        stumble(SYSTEM)
    assert len(calls) == 1


def test_other_failures_of_the_database_stay_what_they_are():
    @service
    def divide(actor):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    with pytest.raises(DatabaseError) as caught:
        divide(SYSTEM)
    assert not is_transient(caught.value)
    # The connection lives on, and the next service starts from scratch.
    patient = patients.make_patient()
    assert rename_patient(SYSTEM, patient_id=patient.pk, family="Живая") == "Живая"


def test_arguments_are_named():
    with pytest.raises(TypeError):
        rename_patient(SYSTEM, uuid.uuid4(), "Новая")

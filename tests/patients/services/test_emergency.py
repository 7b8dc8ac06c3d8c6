"""Breaking the glass: for a reason, for a time, a few guesses at a time, and never unseen."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from clinics.models import Organization
from cluster_portal.accounts.models import Attempt
from cluster_portal.api import scopes
from cluster_portal.audit.models import Access
from cluster_portal.common.actor import resolve_actor
from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from patients.errors import TooManyFailures
from patients.models import PatientLink
from patients.policies import patient_policy
from patients.services.emergency import (
    BLOCK,
    FAILED,
    FAILURES,
    FAILURES_OF_ORGANIZATION,
    open_in_emergency,
)
from patients.services.patients import register_patient
from tests.factories import clinics

pytestmark = pytest.mark.django_db

DATA = {
    "family": "Ёлкина", "given": "Анна-Мария", "patronymic": "Петровна", "birth_date": date(1984, 2, 29),
    "sex": "f", "snils": "112-233-445 95", "enp": "8451 9991 2289 9990",
}  # fmt: skip


@pytest.fixture
def registrar():
    return clinics.make_actor("referrer")


@pytest.fixture
def stranger():
    return clinics.make_actor("referrer")


def register(actor):
    return register_patient(actor, data=DATA)


REASON = "Доставлен без сознания"


@pytest.mark.parametrize("identifier", ["112-233-445 95", "11223344595", "8451 9991 2289 9990"])
def test_the_glass_is_broken_for_a_stated_reason_and_a_time(registrar, stranger, identifier, settings):
    patient = register(registrar)
    found = open_in_emergency(
        stranger, identifier=identifier, birth_date=DATA["birth_date"], reason=f" {REASON} "
    )
    assert found == patient
    assert patient_policy.allows(stranger, "view", patient)
    access = Access.objects.get()
    assert (access.subject_id, access.purpose, access.reason) == (patient.pk, "emergency", REASON)
    assert (access.user_id, access.organization_id) == (stranger.user_id, stranger.organization_id)
    with time_machine.travel(timezone.now() + timedelta(hours=settings.EMERGENCY_ACCESS_HOURS, minutes=1)):
        assert not patient_policy.allows(stranger, "view", patient)
        # Asked again it is open again, and journalled again.
        open_in_emergency(stranger, identifier=identifier, birth_date=DATA["birth_date"], reason=REASON)
        assert patient_policy.allows(stranger, "view", patient)
    assert Access.objects.count() == 2
    assert not Attempt.objects.filter(count__gt=0).exists()


def test_it_does_not_shorten_an_access_that_one_has(registrar):
    patient = register(registrar)
    open_in_emergency(registrar, identifier="11223344595", birth_date=DATA["birth_date"], reason=REASON)
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        assert patient_policy.allows(registrar, "view", patient)


@pytest.mark.parametrize(
    ("identifier", "born"),
    [
        ("112-233-445 95", date(1984, 2, 28)),
        ("087-654-303 00", date(1984, 2, 29)),
        ("112-233-445", date(1984, 2, 29)),
        ("", date(1984, 2, 29)),
        ("Ёлкина", date(1984, 2, 29)),
        ("' OR 1=1 --", date(1984, 2, 29)),
    ],
)
def test_the_glass_holds_without_both_the_number_and_the_birth_date(registrar, stranger, identifier, born):
    register(registrar)
    with pytest.raises(NotFound) as caught:
        open_in_emergency(stranger, identifier=identifier, birth_date=born, reason=REASON)
    assert caught.value.field == "identifier"
    assert caught.value.extra == {}
    assert PatientLink.objects.count() == 1
    line = Access.objects.get()
    assert (line.purpose, line.subject_type, line.subject_id) == (FAILED, "patient", None)
    assert (line.user_id, line.organization_id, line.reason) == (
        stranger.user_id, stranger.organization_id, REASON,
    )  # fmt: skip


def test_the_glass_holds_without_a_reason_or_a_role(registrar, stranger):
    register(registrar)
    with pytest.raises(Invalid) as caught:
        open_in_emergency(
            stranger, identifier="11223344595", birth_date=DATA["birth_date"], reason="надо     "
        )
    assert caught.value.field == "reason"
    with pytest.raises(Forbidden):
        open_in_emergency(
            clinics.make_actor("office"),
            identifier="11223344595",
            birth_date=DATA["birth_date"],
            reason=REASON,
        )
    assert not Access.objects.exists() and not Attempt.objects.exists()


def right(actor):
    return open_in_emergency(
        actor, identifier=DATA["snils"], birth_date=DATA["birth_date"], reason=f"{REASON}, верно"
    )


def wrong(actor):
    with pytest.raises(NotFound):
        open_in_emergency(actor, identifier=DATA["snils"], birth_date=date(1984, 2, 28), reason=REASON)


def let_time_pass(seconds: float) -> None:
    for attempt in Attempt.objects.all():
        attempt.expires_at -= timedelta(seconds=seconds)
        attempt.save()


def test_after_five_failures_even_the_right_answer_is_refused_for_a_quarter_of_an_hour(registrar, stranger):
    register(registrar)
    for _ in range(FAILURES):
        wrong(stranger)
    with pytest.raises(TooManyFailures) as caught:
        right(stranger)
    assert (caught.value.status, caught.value.extra) == (429, {"retry_after": 900})
    assert not patient_policy.queryset(stranger).exists()
    assert Access.objects.filter(purpose=FAILED).count() == FAILURES == Access.objects.count()
    let_time_pass(BLOCK.total_seconds() - 5)
    with pytest.raises(TooManyFailures):
        right(stranger)
    let_time_pass(6)
    assert right(stranger)


def test_a_known_patient_in_between_frees_no_guesses(registrar, stranger):
    register(registrar)
    for _ in range(FAILURES - 1):
        wrong(stranger)
        right(stranger)
    wrong(stranger)
    with pytest.raises(TooManyFailures):
        right(stranger)


def test_right_answers_do_not_count(registrar, stranger):
    register(registrar)
    for _ in range(FAILURES * 2):
        right(stranger)


def test_a_short_reason_or_no_role_costs_no_try(registrar, stranger):
    register(registrar)
    for _ in range(FAILURES + 1):
        with pytest.raises(Invalid):
            open_in_emergency(stranger, identifier="1", birth_date=DATA["birth_date"], reason="надо")
    assert right(stranger)


def test_colleagues_have_one_limit_together_and_others_are_not_touched(registrar, stranger):
    register(registrar)
    organization = Organization.objects.get(pk=stranger.organization_id)
    colleagues = [
        clinics.make_actor("referrer", organization=organization)
        for _ in range(FAILURES_OF_ORGANIZATION // FAILURES)
    ]
    for colleague in colleagues:
        for _ in range(FAILURES):
            wrong(colleague)
    for _ in range(FAILURES + 1):
        with pytest.raises(TooManyFailures):
            right(stranger)
    assert right(clinics.make_actor("referrer"))
    # What the organisation's limit refused did not count for the person.
    Attempt.objects.filter(count__gt=FAILURES + 1).delete()
    assert right(stranger)


def test_a_program_has_the_limit_of_its_organisation(registrar):
    register(registrar)
    program = resolve_actor(client=clinics.make_client(clinics.make_organization()), scopes=scopes.ALL)
    for _ in range(FAILURES_OF_ORGANIZATION):
        wrong(program)
    with pytest.raises(TooManyFailures):
        right(program)
    line = Access.objects.first()
    assert line.client_id == program.client_id and line.user_id is None


def test_it_is_no_part_of_another_transaction(registrar, stranger):
    """A failure that is journalled inside somebody's transaction would be undone with it."""
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        wrong(stranger)

"""Clinics take the same question to any of them at the same moment."""

from functools import partial

import pytest

from patients.models import Advice
from patients.services.advice import ask_advice, take_advice
from tests.concurrency.support import together
from tests.factories import clinics, patients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency, pytest.mark.slow]
ROUNDS, CLINICS = 5, 4


def test_one_clinic_wins_and_the_others_are_told():
    clinics.make_cluster()
    pair = patients.make_pair()
    services = [pair.service, *(clinics.make_service() for _n in range(CLINICS - 1))]
    actors = [
        clinics.make_actor("coordinator", organization=service.clinic.organization) for service in services
    ]
    for _round in range(ROUNDS):
        advice = ask_advice(
            pair.referrer, patient_id=pair.patient.pk, service_type=pair.service.service_type,
            diagnosis_code="I48.0", question="Нужна ли абляция?",
        )  # fmt: skip
        outcome = together(*(partial(take_advice, actor, advice_id=advice.pk) for actor in actors))
        assert outcome.unexpected == []
        assert outcome.refused == {"advice_taken": CLINICS - 1}
        [won] = outcome.results
        kept = Advice.objects.get(pk=advice.pk)
        assert (kept.state, kept.target_organization_id) == ("asked", won.target_organization_id)
        assert [post.action for post in kept.posts.order_by("created_at")] == ["ask", "take"]
        assert kept.posts.get(action="ask").addressee_id == won.target_organization_id

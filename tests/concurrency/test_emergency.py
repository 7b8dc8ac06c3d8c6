"""Guesses at a stranger's record, sent at the same moment: no more of them are looked at than the limit allows."""

from datetime import date

import pytest

from cluster_portal.audit.models import Access
from patients.models import PatientLink
from patients.services.emergency import FAILED, FAILURES, open_in_emergency
from tests.concurrency.support import together
from tests.factories import clinics, patients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency, pytest.mark.slow]

GUESSES = 10


def test_ten_parallel_guesses_do_not_pass_the_limit() -> None:
    patient = patients.make_pair().patient
    stranger = clinics.make_actor("referrer")
    days = [date(1950, 1, 1 + n) for n in range(GUESSES)]
    assert patient.birth_date not in days

    def guess(day: date) -> None:
        open_in_emergency(
            stranger, identifier=patient.snils, birth_date=day, reason="Без сознания, нужны аллергии"
        )

    outcome = together(*(lambda day=day: guess(day) for day in days))
    assert not outcome.unexpected and not outcome.results
    assert outcome.refused == {"not_found": FAILURES, "too_many_failures": GUESSES - FAILURES}
    # Each refusal undid its transaction; the journal has every guess that was looked at.
    lines = Access.objects.filter(user_id=stranger.user_id)
    assert [(line.purpose, line.subject_id) for line in lines] == [(FAILED, None)] * FAILURES
    assert not PatientLink.objects.filter(organization=stranger.organization_id).exists()

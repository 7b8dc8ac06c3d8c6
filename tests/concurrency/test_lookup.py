"""Guesses at a patient's referral, sent at the same moment: no more of them are looked at than the limit allows."""

from datetime import date
from typing import Any

import pytest

from cluster_portal.common.actor import ANONYMOUS
from patients.services import lookup
from tests.concurrency.support import together
from tests.factories import patients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency, pytest.mark.slow]

TRIES = 20


def test_twenty_parallel_guesses_are_five_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = patients.make_pair()
    referral = pair.referral("submitted")
    looked, find = [], lookup.find_referral

    def counted(*pair: Any) -> Any:
        looked.append(pair)
        return find(*pair)

    monkeypatch.setattr(lookup, "find_referral", counted)
    days = [date(1950, 1, 1 + n) for n in range(TRIES)]
    assert pair.patient.birth_date not in days

    outcome = together(
        *(lambda day=day: lookup.look_up(ANONYMOUS, number=referral.number, birth_date=day) for day in days)
    )
    assert not outcome.unexpected and not outcome.results
    assert outcome.refused == {"not_found": lookup.GUESSES, "too_many_lookups": TRIES - lookup.GUESSES}
    assert len(looked) == lookup.GUESSES

"""Who is meant by an identifier, when records were merged."""

from itertools import pairwise

import pytest

from patients.models import Patient
from patients.selectors.matches import look_alikes, patients_on_record
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db


def merged_chain() -> list[Patient]:
    """Three records of one person; the first was merged into the second, that one into the third."""
    found = [patients.make_patient(family="Ковалёв") for _ in range(3)]
    for one, next_one in pairwise(found):
        Patient.objects.filter(pk=one.pk).update(merged_into=next_one)
    return found


def test_a_merged_record_stands_for_its_survivor(django_assert_num_queries):
    first, second, last = merged_chain()
    actor = clinics.make_actor()
    with django_assert_num_queries(2):
        found = patients_on_record(actor, {"snils": [first.snils], "enp": [second.enp]})
    assert found.find("snils", first.snils) == found.find("enp", second.enp) == last
    with django_assert_num_queries(1):
        assert patients_on_record(actor, {"snils": [last.snils]}).find("snils", last.snils) == last


def test_nobody_looks_like_a_merged_record():
    *_merged, last = merged_chain()
    assert look_alikes([last]) == {0: [last.pk]}

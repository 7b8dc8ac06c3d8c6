"""A prepared query answers as the query that it is made from, for whatever values."""

from uuid import UUID, uuid4

import pytest
from django.db.models import Count

from clinics.models import Slot
from cluster_portal.common.prepared import Prepared
from tests.concurrency.support import together
from tests.factories import clinics

pytestmark = pytest.mark.django_db


def slots(pk: UUID, audience: str = "cluster"):
    rows = Slot.objects.select_related("clinic").only("start", "clinic__name_ru", "audience")
    return rows.annotate(n=Count("service")).filter(pk=pk, audience=audience)


def test_it_reads_what_the_query_reads(django_assert_num_queries):
    prepared = Prepared(slots, pk=UUID, audience=str)
    for slot in (clinics.make_slot(audience=audience) for audience in ("cluster", "urgent", "cluster")):
        with django_assert_num_queries(1):
            found = prepared.first(pk=slot.pk, audience=slot.audience)
            assert (found.start, found.clinic.name_ru, found.n) == (slot.start, slot.clinic.name_ru, 1)
        assert (
            found.get_deferred_fields() == slots(slot.pk, slot.audience).get().get_deferred_fields() != set()
        )
    assert prepared.first(pk=uuid4(), audience="cluster") is None
    assert prepared.first(pk=slot.pk, audience="urgent") is None


def test_a_value_that_is_not_asked_for_is_a_mistake():
    with pytest.raises(AssertionError):
        Prepared(lambda pk, audience: Slot.objects.filter(pk=pk), pk=UUID, audience=str).first(
            pk=uuid4(), audience=""
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_threads_do_not_mix_their_values():
    prepared, rows = Prepared(slots, pk=UUID, audience=str), [clinics.make_slot() for _ in range(8)]

    def read(slot: Slot) -> bool:
        return all(prepared.first(pk=slot.pk, audience="cluster").pk == slot.pk for _ in range(50))

    outcome = together(*[lambda slot=slot: read(slot) for slot in rows])
    assert outcome.results == [True] * 8

"""Pages by key: nothing twice, nothing left out, whichever way one walks and whatever is written meanwhile."""

import random
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.common import keyset
from cluster_portal.common.errors import Invalid
from patients.models import Patient
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db

ORDERS = [
    ["sort_name", "id"],
    ["-birth_date", "-id"],
    ["-birth_date", "sort_name", "-id"],
    ["sex", "-birth_date", "id"],
]


@pytest.fixture
def people():
    dice, organization = random.Random(42), clinics.make_organization()
    return [
        patients.make_patient(
            organization, linked=False, family=dice.choice("АБВГ"), sex=dice.choice("mf"),
            birth_date=date(1980, 1, 1) + timedelta(days=dice.randrange(5)),
        )
        for _ in range(53)
    ]  # fmt: skip


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("limit", [1, 7, 53, 100])
def test_there_and_back_again(people, order, limit):
    whole = list(Patient.objects.order_by(*order))
    pages, cursor = [], None
    while True:
        page = keyset.paginate(Patient.objects.all(), order=order, cursor=cursor, limit=limit)
        pages.append(page)
        if (cursor := page.next) is None:
            break
    assert [row for page in pages for row in page] == whole
    assert pages[0].previous is None
    back = [pages[-1]]
    while back[-1].previous is not None:
        back.append(
            keyset.paginate(Patient.objects.all(), order=order, cursor=back[-1].previous, limit=limit)
        )
    assert [row for page in reversed(back) for row in page] == whole
    assert len(back) == len(pages)


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_rows_as_dictionaries_too(people, order):
    columns = [name.lstrip("-") for name in order]
    rows = Patient.objects.values(*columns)
    first = keyset.paginate(rows, order=order, limit=20)
    second = keyset.paginate(rows, order=order, limit=20, cursor=first.next)
    assert [*first, *second] == list(rows.order_by(*order)[:40])


def test_what_is_written_meanwhile_moves_nothing(people):
    order = ["sort_name", "id"]
    first = keyset.paginate(Patient.objects.all(), order=order, limit=10)
    expected = list(Patient.objects.order_by(*order)[10:20])
    patients.make_patient(people[0].registered_by, family="А", given="А", linked=False)
    first.items[0].delete()
    second = keyset.paginate(Patient.objects.all(), order=order, limit=10, cursor=first.next)
    assert list(second) == expected


def test_an_empty_list_and_a_list_that_emptied(people):
    assert keyset.paginate(Patient.objects.none(), order=["id"]).items == []
    page = keyset.paginate(Patient.objects.all(), order=["id"], limit=5)
    Patient.objects.all().delete()
    rest = keyset.paginate(Patient.objects.all(), order=["id"], limit=5, cursor=page.next)
    assert (rest.items, rest.next) == ([], None)


def test_each_page_is_one_query_without_offset_or_count(people):
    page = keyset.paginate(Patient.objects.all(), order=["sort_name", "id"], limit=10)
    with CaptureQueriesContext(connection) as queries:
        keyset.paginate(Patient.objects.all(), order=["sort_name", "id"], limit=10, cursor=page.next)
    assert len(queries) == 1
    assert "OFFSET" not in queries[0]["sql"]
    assert "COUNT" not in queries[0]["sql"]


@pytest.mark.parametrize("cursor", ["x", "a:b:c", "eyJ9", "\x00", "🙂"])
def test_a_damaged_cursor_is_refused_in_words(people, cursor):
    with pytest.raises(Invalid) as caught:
        keyset.paginate(Patient.objects.all(), order=["id"], cursor=cursor)
    assert caught.value.field == "cursor"


def test_a_cursor_belongs_to_its_order(people):
    page = keyset.paginate(Patient.objects.all(), order=["sort_name", "id"], limit=5)
    with pytest.raises(Invalid):
        keyset.paginate(Patient.objects.all(), order=["birth_date", "id"], cursor=page.next)
    with pytest.raises(Invalid):
        keyset.paginate(Patient.objects.all(), order=["sort_name", "id"], cursor=page.next[:-2] + "xx")


@pytest.mark.parametrize("limit", [-5, 0])
def test_a_limit_is_at_least_one_and_at_most_five_hundred(people, limit):
    assert len(keyset.paginate(Patient.objects.all(), order=["id"], limit=limit)) == 1
    assert keyset.MAX_LIMIT == 500

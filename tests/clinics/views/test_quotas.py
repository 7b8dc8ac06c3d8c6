"""The grid of quotas."""

import pytest
from django.utils.formats import date_format

from clinics.models import Quota
from clinics.selectors.quotas import month_after, month_of
from clinics.states import Payment
from cluster_portal.accounts.roles import Role
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

MONTH = month_after(month_of(make.day_of(make.at(0))))


@pytest.fixture
def service():
    make.make_cluster()
    return make.make_service(payments=[Payment.OMS, Payment.PAID])


@pytest.fixture
def planner(client, service):
    client.force_login(make.make_member(Role.COORDINATOR, organization=service.clinic.organization))
    return client


def cell(service, month=MONTH):
    return f"q-{service.pk}-{month:%Y-%m}"


def test_what_is_planned_used_and_left(planner, service):
    make.make_quota(service, month=MONTH, volume=20, used=14)
    html = planner.get("/quotas/").content.decode()
    assert "занято 14, осталось 6" in html
    assert "без ограничения" in html
    assert 'value="20"' in html
    assert f"{date_format(MONTH, 'F Y').capitalize()}</th>" in html


def test_saving_changes_the_payment_that_is_shown(planner, service):
    address = f"/quotas/?clinic={service.clinic_id}&payment=paid"
    answer = planner.post(address, {cell(service): "12", cell(service, month_after(MONTH)): ""})
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    row = Quota.objects.get()
    assert (row.payment, row.month, row.volume) == (Payment.PAID, MONTH, 12)
    planner.post(address, {cell(service): ""})
    row.refresh_from_db()
    assert row.volume is None


@pytest.mark.parametrize(
    ("typed", "words"), [("3", "Уже записано: 14"), ("-1", "целое число"), ("много", "целое число")]
)
def test_a_refused_month_is_marked_and_nothing_is_saved(planner, service, typed, words):
    make.make_quota(service, month=MONTH, volume=20, used=14)
    other = month_after(MONTH)
    answer = planner.post("/quotas/", {cell(service): typed, cell(service, other): "5"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert f'value="{typed}"' in html
    assert list(Quota.objects.values_list("month", "volume")) == [(MONTH, 20)]


def test_a_stranger_s_clinic_is_not_shown(planner, service):
    other = make.make_service()
    html = planner.get(f"/quotas/?clinic={other.clinic_id}").content.decode()
    assert service.clinic.short_name_ru in html
    assert other.clinic.short_name_ru not in html
    planner.post(f"/quotas/?clinic={other.clinic_id}", {cell(other): "5"})
    assert not Quota.objects.exists()


def test_the_office_chooses_among_all_clinics(client, service):
    other = make.make_service()
    client.force_login(make.make_member(Role.OFFICE))
    html = client.get(f"/quotas/?clinic={other.clinic_id}").content.decode()
    assert cell(other) in html
    assert service.clinic.short_name_ru in html


@pytest.mark.parametrize("number", [1, 15])
def test_queries_do_not_grow(planner, service, number, django_assert_max_num_queries):
    for n in range(number):
        row = make.make_service(service.clinic, make.make_service_type(f"type{n}"))
        make.make_quota(row, month=MONTH)
    planner.get("/quotas/")
    with django_assert_max_num_queries(12):
        planner.get("/quotas/")

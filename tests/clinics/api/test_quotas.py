"""Quotas by REST."""

import pytest

from clinics.models import Quota
from clinics.selectors.quotas import month_after, month_of
from tests.api.support import Caller, assert_problem
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

MONTH = month_after(month_of(make.day_of(make.at(0))))


@pytest.fixture
def service():
    make.make_cluster()
    return make.make_service()


def test_a_clinic_s_own_program_plans_and_reads(service):
    caller = Caller(service.clinic.organization)
    body = {
        "service": str(service.pk),
        "payment": "oms",
        "month": MONTH.replace(day=15).isoformat(),
        "volume": 30,
    }
    made = caller.post("/api/v1/quotas/", body)
    assert made.status_code == 201, made.content
    assert caller.post("/api/v1/quotas/", body | {"volume": 40}).json()["id"] == made.json()["id"]
    Quota.objects.update(used=12)
    [row] = caller.get(f"/api/v1/quotas/?clinic={service.clinic_id}&month_from={MONTH}").json()["results"]
    assert (row["month"], row["volume"], row["used"], row["left"]) == (MONTH.isoformat(), 40, 12, 28)
    problem = assert_problem(caller.post("/api/v1/quotas/", body | {"volume": 11}), 400, "invalid")
    assert [error["field"] for error in problem["errors"]] == ["volume"]


def test_another_s_quotas_are_not_there(service):
    quota = make.make_quota(service)
    caller = Caller()
    assert caller.get("/api/v1/quotas/").json()["results"] == []
    assert_problem(caller.get(f"/api/v1/quotas/{quota.pk}/"), 404, "not_found")
    body = {"service": str(service.pk), "payment": "oms", "month": MONTH.isoformat(), "volume": 30}
    assert_problem(caller.post("/api/v1/quotas/", body), 403, "forbidden")

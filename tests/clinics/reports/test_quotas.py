"""The report of quotas used."""

from datetime import date

import pytest

from clinics.selectors.figures.quotas import quotas_used
from clinics.selectors.measures import Period
from cluster_portal.accounts.roles import Role
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

PERIOD = Period(date(2026, 11, 5), date(2026, 12, 10))


def test_months_that_the_period_touches(django_assert_num_queries):
    service = make.make_service()
    for month, volume, used in ((10, 5, 0), (11, 20, 14), (12, 30, 30)):
        make.make_quota(service, month=date(2026, month, 1), volume=volume, used=used)
    make.make_quota(service, month=date(2026, 11, 1), payment="paid", volume=None, used=3)
    other = make.make_quota(make.make_service(), month=date(2026, 11, 1), volume=1)
    own = make.make_actor(Role.MANAGER, organization=service.clinic.organization)
    with django_assert_num_queries(1):
        rows = [row[3:] for row in quotas_used(own, PERIOD)]
    assert rows == [("oms", date(2026, 11, 1), 20, 14, 6), ("oms", date(2026, 12, 1), 30, 30, 0)]
    office = make.make_actor(Role.OFFICE)
    assert len(list(quotas_used(office, PERIOD))) == 3
    assert len(list(quotas_used(office, PERIOD, clinic=str(other.service.clinic_id)))) == 1

"""Counting several things at once."""

import pytest

from cluster_portal.accounts.models import User
from cluster_portal.common.counting import count_together
from tests.factories import clinics

pytestmark = pytest.mark.django_db


def test_each_is_counted_in_one_statement(django_assert_num_queries):
    for _n in range(3):
        clinics.make_user()
    everybody = User.objects.order_by("name")
    wanted = {
        "all": everybody,
        "none": everybody.filter(email=""),
        "active": everybody.filter(is_active=True),
    }
    with django_assert_num_queries(1):
        assert count_together(wanted) == {"all": 3, "none": 0, "active": 3}
    with django_assert_num_queries(0):
        assert count_together({}) == {}

"""The cluster of these tests, its office and its analyst."""

import pytest

from cluster_portal.common.actor import Actor
from tests.factories import clinics


@pytest.fixture(autouse=True)
def cluster(db: None) -> None:
    clinics.make_cluster()


@pytest.fixture
def office() -> Actor:
    return clinics.make_actor("office")


@pytest.fixture
def analyst() -> Actor:
    return clinics.make_actor("analyst")

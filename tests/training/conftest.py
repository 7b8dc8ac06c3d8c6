"""What training's tests share."""

from collections.abc import Iterator

import pytest

from clinics.selectors.cluster import forget_cluster
from tests.factories import clinics as make


@pytest.fixture(autouse=True)
def fresh_cluster() -> Iterator[None]:
    """The cluster of one test is not remembered in the next."""
    forget_cluster()
    yield
    forget_cluster()


@pytest.fixture
def hospital(db: None):
    """An employer, in the cluster of these tests."""
    make.make_cluster()
    return make.make_organization()


@pytest.fixture
def manager(hospital):
    """Who acts for the employer."""
    return make.make_actor("manager", organization=hospital)


@pytest.fixture
def office(hospital):
    """The training office."""
    return make.make_actor("training")

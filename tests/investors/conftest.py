"""What investors' tests share."""

from collections.abc import Iterator

import pytest

from clinics.selectors.cluster import forget_cluster
from tests.factories import clinics as make
from tests.factories import investors as rows


@pytest.fixture(autouse=True)
def fresh_cluster() -> Iterator[None]:
    """The cluster of one test is not remembered in the next."""
    forget_cluster()
    yield
    forget_cluster()


@pytest.fixture
def site(db: None):
    """A site of the cluster of these tests."""
    make.make_cluster()
    return rows.make_site()


@pytest.fixture
def land(site):
    """The land office."""
    return make.make_actor("land")

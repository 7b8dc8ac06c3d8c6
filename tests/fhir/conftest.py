"""The cluster of one test is not remembered in the next."""

from collections.abc import Iterator

import pytest

from clinics.selectors.cluster import forget_cluster


@pytest.fixture(autouse=True)
def fresh_cluster() -> Iterator[None]:
    forget_cluster()
    yield
    forget_cluster()

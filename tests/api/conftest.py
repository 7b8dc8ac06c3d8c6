"""The description of the API is made once a process: tests with addresses of their own must not leave theirs."""

from collections.abc import Iterator

import pytest

from cluster_portal.api.docs import schema_bytes


@pytest.fixture(autouse=True)
def own_description(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("urls") is None:
        yield
        return
    schema_bytes.cache_clear()
    yield
    schema_bytes.cache_clear()

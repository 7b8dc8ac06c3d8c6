"""Programs of the two sides."""

import pytest

from tests.api.support import Caller


@pytest.fixture
def sender(pair) -> Caller:
    return Caller(pair.source.organization)


@pytest.fixture
def receiver(pair) -> Caller:
    return Caller(pair.target.organization)

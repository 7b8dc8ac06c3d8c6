"""What the registry's tests share."""

from collections.abc import Iterator

import pytest

from clinics import occupants
from clinics.selectors.cluster import forget_cluster


@pytest.fixture(autouse=True)
def fresh_cluster() -> Iterator[None]:
    """The cluster of one test is not remembered in the next."""
    forget_cluster()
    yield
    forget_cluster()


@pytest.fixture
def bookings(monkeypatch: pytest.MonkeyPatch):
    """Plugs functions into the socket for bookings, for one test: `bookings(lapsed=…, release=…, rows=…)`."""

    def plug(**functions):
        for name in ("rows", "lapsed", "release"):
            monkeypatch.setattr(occupants, f"_{name}", functions.get(name))

    return plug

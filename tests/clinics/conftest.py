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


@pytest.fixture(autouse=True)
def bookings(monkeypatch: pytest.MonkeyPatch):
    """The socket for bookings, empty: the registry stands by itself. `bookings(lapsed=…, …)` plugs functions in."""

    def plug(**functions):
        for name in ("rows", "lapsed", "release"):
            monkeypatch.setattr(occupants, f"_{name}", functions.get(name))

    plug()
    return plug

"""Directories in which servers of a test's own can run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.pair import own_directory


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory to be, and no servers of the operator's own."""
    with own_directory(monkeypatch) as made:
        yield made

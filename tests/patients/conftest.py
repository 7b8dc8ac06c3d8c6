"""Whom most tests of this app are about."""

import pytest

from tests.factories import clinics, patients


@pytest.fixture
def pair(db):
    """Two clinics that work together, in a cluster."""
    clinics.make_cluster()
    return patients.make_pair()


@pytest.fixture
def office(db):
    return clinics.make_actor("office")

import pytest

from tests.factories import clinics, patients


@pytest.fixture
def pair():
    clinics.make_cluster()
    return patients.make_pair()

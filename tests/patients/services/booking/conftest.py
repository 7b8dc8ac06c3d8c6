import pytest

from tests.factories import patients


@pytest.fixture
def pair():
    return patients.make_pair()


@pytest.fixture
def referral(pair):
    return pair.referral("accepted")


@pytest.fixture
def slot(pair):
    return pair.slot()

"""People signed in by the test's own client, acting for their organisation."""

from collections.abc import Callable

import pytest
from django.test import Client

from cluster_portal.accounts.models import User
from cluster_portal.common.actor import Actor
from cluster_portal.web.middleware import ORGANIZATION_KEY
from tests.factories import clinics, patients


@pytest.fixture
def sign_in() -> Callable[[Actor], Client]:
    """A browser in which this person acts for this organisation."""

    def as_(actor: Actor) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=actor.user_id))
        session = client.session
        session[ORGANIZATION_KEY] = str(actor.organization_id)
        session.save()
        return client

    return as_


@pytest.fixture
def triage_pair(db):
    """The same, where the receiving clinic decides first."""
    clinics.make_cluster()
    return patients.make_pair(triage=True)


@pytest.fixture
def referrer(sign_in, pair) -> Client:
    """The referring side's browser."""
    return sign_in(pair.referrer)


@pytest.fixture
def coordinator(sign_in, pair) -> Client:
    """The receiving side's browser."""
    return sign_in(pair.coordinator)

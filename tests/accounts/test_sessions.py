"""Sessions end: after idling, after a working day, when they are ended, when the person is switched off."""

import time

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from cluster_portal.accounts import sessions
from cluster_portal.accounts.sessions import ABSOLUTE, IDLE, SEEN, STARTED, SessionStore
from cluster_portal.accounts.tasks import sweep
from cluster_portal.common import redis
from tests.factories.clinics import PASSWORD, make_member, make_user

pytestmark = pytest.mark.django_db
ME = "/api/v1/me/"


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make_member())
    return client


def age(client: Client, **seconds: int) -> None:
    """Make the session older than it is."""
    store = SessionStore(client.session.session_key)
    for name, value in {"started": STARTED, "seen": SEEN}.items():
        store[value] = int(time.time()) - seconds[name]
    store.save()


def test_in_use(client: Client) -> None:
    assert client.get(ME).status_code == 200


@pytest.mark.parametrize(
    ("started", "seen", "status"),
    [
        (IDLE - 60, IDLE - 60, 200),
        (IDLE + 1, IDLE + 1, 401),
        (ABSOLUTE - 60, 60, 200),
        (ABSOLUTE + 1, 1, 401),
    ],
)
def test_limits(client: Client, started: int, seen: int, status: int) -> None:
    age(client, started=started, seen=seen)
    assert client.get(ME).status_code == status


def test_request_moves_the_idle_limit_but_not_the_absolute_one(client: Client) -> None:
    age(client, started=ABSOLUTE - 600, seen=IDLE - 60)
    client.get(ME)
    store = SessionStore(client.session.session_key)
    assert time.time() - store[SEEN] < 5
    assert 590 <= store.get_expiry_age() <= 600


def test_not_every_request_writes(client: Client, django_assert_num_queries) -> None:
    client.get(ME)
    # The session; the person with the memberships.
    with django_assert_num_queries(2):
        client.get(ME)


def test_signing_in_changes_the_id_and_starts_the_clock() -> None:
    user = make_member()
    client = Client()
    session = client.session
    session[STARTED] = int(time.time()) - ABSOLUTE + 5
    session.save()
    before = session.session_key
    client.force_login(user)
    assert client.session.session_key != before
    assert time.time() - client.session[STARTED] < 5


def test_cookie_ends_with_the_browser_and_the_row_with_the_limit() -> None:
    user = make_user()
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    cookie = client.cookies["sessionid"]
    assert cookie["max-age"] == "" and cookie["httponly"] and cookie["samesite"] == "Lax"
    row = Session.objects.get(session_key=cookie.value)
    assert IDLE - 10 < (row.expire_date - timezone.now()).total_seconds() <= IDLE


def test_ended_session_is_dead(client: Client) -> None:
    Session.objects.all().delete()
    assert client.get(ME).status_code == 401


def test_person_sees_own_sessions_and_ends_the_others() -> None:
    user = make_user()
    clients = [Client(), Client()]
    for client in clients:
        client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert UserSession.objects.filter(user=user).count() == 2
    clients[0].post("/accounts/sessions/")
    assert [client.get(ME).status_code for client in clients] == [200, 401]


def test_person_switched_off_is_out_on_the_next_request(client: Client) -> None:
    from cluster_portal.accounts.models import User

    User.objects.update(is_active=False)
    assert client.get(ME).status_code == 401


def test_nobody_is_signed_out_because_redis_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "client", lambda: redis.redis.Redis(port=1, socket_connect_timeout=0.1))
    assert client.get(ME).status_code == 200
    redis.forget_failure()


def test_sweep_deletes_what_has_ended(client: Client) -> None:
    age(client, started=ABSOLUTE + 10, seen=10)
    assert Session.objects.count() == 1
    sweep()
    assert Session.objects.count() == 0


def test_no_limit_is_lost_by_a_session_without_times() -> None:
    """A session written by something older than the limits starts with both."""
    store = SessionStore()
    store["x"] = 1
    store.save()
    assert IDLE - 5 <= store.get_expiry_age() <= IDLE
    assert sessions.STEP < IDLE

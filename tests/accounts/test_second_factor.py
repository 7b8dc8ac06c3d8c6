"""Codes of an authenticator app: kept encrypted, good once, five guesses."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from cluster_portal.accounts.adapter import GUESSES, MFAAdapter
from cluster_portal.accounts.models import Attempt, User
from cluster_portal.common import redis
from tests.factories.clinics import PASSWORD, make_user

pytestmark = pytest.mark.django_db
CODE_PAGE = "/accounts/2fa/authenticate/"


@pytest.fixture
def user() -> User:
    user = make_user()
    totp.TOTP.activate(user, totp.generate_totp_secret())
    return user


def code_of(user: User) -> str:
    secret = MFAAdapter().decrypt(Authenticator.objects.get(user=user).data["secret"])
    return totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))


def first_step(user: User) -> Client:
    client = Client()
    response = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert response["Location"].startswith(CODE_PAGE)
    assert client.get("/api/v1/me/").status_code == 401
    return client


def enter(client: Client, code: str) -> bool:
    response = client.post(CODE_PAGE, {"code": code})
    return response.status_code == 302 and client.get("/api/v1/me/").status_code == 200


def test_secret_is_stored_encrypted(user: User) -> None:
    stored = Authenticator.objects.get(user=user).data["secret"]
    assert MFAAdapter().decrypt(stored) != stored
    assert stored.startswith("gAAAA")


def test_code_lets_in(user: User) -> None:
    assert enter(first_step(user), code_of(user))


@pytest.mark.parametrize("redis_away", [False, True])
def test_code_is_good_once(user: User, redis_away: bool) -> None:
    if redis_away:
        redis._away_until = float("inf")
    try:
        first, second = first_step(user), first_step(user)
        code = code_of(user)
        assert enter(first, code)
        assert not enter(second, code)
    finally:
        redis.forget_failure()


def test_five_wrong_codes(user: User) -> None:
    client = first_step(user)
    for _ in range(GUESSES):
        assert not enter(client, "000000")
    assert not enter(client, code_of(user))
    Attempt.objects.all().delete()
    assert enter(first_step(user), code_of(user))

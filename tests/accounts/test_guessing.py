"""Guessing is stopped: five wrong passwords, then a quarter of an hour, however they are sent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from cluster_portal.accounts.adapter import BLOCK, GUESSES, GUESSES_PER_ADDRESS
from cluster_portal.accounts.models import Attempt
from cluster_portal.accounts.services import attempts
from cluster_portal.accounts.tasks import sweep
from cluster_portal.common import redis
from tests.factories.clinics import PASSWORD, make_user

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
BLOCKED = "Too many failed attempts"


def guess(email: str, password: str = "wrong", **extra):
    client = Client(headers={"Accept-Language": "en"})
    client.cookies["language"] = "en"
    return client.post(LOGIN, {"login": email, "password": password}, **extra)


def is_in(response) -> bool:
    return response.status_code == 302


def let_time_pass(seconds: float) -> None:
    for attempt in Attempt.objects.all():
        attempt.expires_at -= timedelta(seconds=seconds)
        attempt.save()


def test_right_password() -> None:
    assert is_in(guess(make_user(email="a@example.org").email, PASSWORD))
    assert is_in(guess("A@Example.ORG", PASSWORD))


def test_five_wrong_then_even_the_right_one_is_refused() -> None:
    user = make_user()
    for _ in range(GUESSES):
        assert BLOCKED not in guess(user.email).content.decode()
    refused = guess(user.email, PASSWORD)
    assert not is_in(refused) and BLOCKED in refused.content.decode()
    let_time_pass(BLOCK.total_seconds() - 5)
    assert not is_in(guess(user.email, PASSWORD))
    let_time_pass(6)
    assert is_in(guess(user.email, PASSWORD))


def test_refused_guesses_do_not_prolong_the_block() -> None:
    user = make_user()
    for _ in range(GUESSES):
        guess(user.email)
    let_time_pass(600)
    before = Attempt.objects.get(key=attempts._key(f"password:{user.email}")).expires_at
    guess(user.email)
    assert Attempt.objects.get(key=attempts._key(f"password:{user.email}")).expires_at == before


def test_success_starts_anew() -> None:
    user = make_user()
    for _ in range(3):
        for _ in range(GUESSES - 1):
            guess(user.email)
        assert is_in(guess(user.email, PASSWORD))


def test_other_spelling_is_the_same_name() -> None:
    user = make_user(email="doctor@example.org")
    for spelling in ("doctor@example.org", "DOCTOR@example.org", " doctor@example.org ", "Doctor@Example.org",
                     "doctor@EXAMPLE.org"):  # fmt: skip
        guess(spelling)
    assert BLOCKED in guess(user.email, PASSWORD).content.decode()


def test_forged_addresses_change_nothing() -> None:
    user = make_user()
    for number in range(GUESSES):
        guess(user.email, headers={"X-Forwarded-For": f"10.0.0.{number}"})
    assert not is_in(guess(user.email, PASSWORD, headers={"X-Forwarded-For": "10.0.0.99"}))


def test_many_names_from_one_address() -> None:
    for number in range(GUESSES_PER_ADDRESS):
        guess(f"person{number}@example.com")
    user = make_user()
    assert not is_in(guess(user.email, PASSWORD))
    assert is_in(guess(user.email, PASSWORD, REMOTE_ADDR="10.1.1.1"))


def test_unknown_and_known_names_look_alike() -> None:
    user = make_user()
    pages = {
        email: [guess(email).content.decode().replace(email, "@") for _ in range(GUESSES + 1)]
        for email in (user.email, "nobody@example.org")
    }
    import re

    def plain(page: str) -> str:
        return re.sub(r'(value="[\w-]{40,}"|[0-9a-f]{32})', "", page)

    known, unknown = ([plain(page) for page in pages[email]] for email in pages)
    assert known == unknown
    assert BLOCKED in known[-1]


def test_unknown_names_cost_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing is what takes time: it is done as often for a name that nobody has. (A clock would measure the noise.)"""
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed = []
    encode = MD5PasswordHasher.encode

    def counted(self, password, salt):
        hashed.append(salt)
        return encode(self, password, salt)

    user = make_user()
    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    costs = []
    for email in (user.email, "nobody@example.org"):
        hashed.clear()
        guess(email)
        costs.append(len(hashed))
    assert costs == [1, 1]


def test_redis_away_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user()
    monkeypatch.setattr(cache, "_cache", None, raising=False)
    redis._away_until = float("inf")
    try:
        for _ in range(GUESSES):
            assert guess(user.email).status_code == 200
        assert BLOCKED in guess(user.email, PASSWORD).content.decode()
    finally:
        redis.forget_failure()


def test_names_are_not_stored() -> None:
    guess("somebody@example.org")
    assert not [row.key for row in Attempt.objects.all() if "somebody" in row.key]


def test_sweep() -> None:
    attempts.take("a", limit=1, window=timedelta(minutes=1))
    attempts.take("b", limit=1, window=timedelta(minutes=-1))
    sweep()
    assert Attempt.objects.count() == 1


def test_counter_itself() -> None:
    window = timedelta(minutes=1)
    assert [attempts.take("x", limit=2, window=window) for _ in range(4)] == [True, True, False, False]
    attempts.give_back("x")
    assert attempts.take("x", limit=2, window=window) is False
    Attempt.objects.update(expires_at=timezone.now())
    assert attempts.take("x", limit=2, window=window) is True
    attempts.forget("x")
    attempts.give_back("x")
    assert not Attempt.objects.exists()


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_five_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    from cluster_portal.accounts import adapter

    user = make_user()
    evaluated = []

    def slow(request, **credentials):
        evaluated.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")

    monkeypatch.setattr(adapter, "authenticate", slow)

    def send(_number: int) -> None:
        try:
            guess(user.email)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(send, range(20)))
    assert len(evaluated) == GUESSES

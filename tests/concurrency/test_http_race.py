"""The race once more from outside: thirty-two clients over HTTP against the portal's own web server."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db.models import F

from clinics.models import Slot
from patients.models import Booking, Patient, Referral
from tests.api.support import make_token
from tests.concurrency.test_booking_race import Crowd
from tests.factories import clinics

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 32
SEEN = 24


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def server(request: pytest.FixtureRequest, race_database: str, tmp_path: Path) -> Iterator[int]:
    """Gunicorn as the portal starts it, on the copy of the test database; its port. A parameter is another WSGI."""
    wsgi = getattr(request, "param", "cluster_portal.wsgi")
    port, parts = _free_port(), urlsplit(os.environ["DATABASE_URL"])
    environment = os.environ | {
        "DATABASE_URL": urlunsplit(parts._replace(path=f"/{race_database}")),
        "PORT": str(port), "PORTAL_DATA": str(tmp_path), "API_REQUESTS_PER_MINUTE": "1000000",
        "LOG_LEVEL": "ERROR", "WEB_PROCESSES": "2",
    }  # fmt: skip
    for name in ("PYTEST_CURRENT_TEST", "DJANGO_ALLOW_ASYNC_UNSAFE"):
        environment.pop(name, None)
    command = [
        sys.executable, "-m", "gunicorn", "--config", "python:cluster_portal.ops.gunicorn", wsgi,
    ]  # fmt: skip
    log = (tmp_path / "web.log").open("wb")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait(port, process, tmp_path / "web.log")
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def _wait(port: int, process: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health/live")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the web server does not answer\n{log.read_text()}")


def _post(connection: http.client.HTTPConnection, path: str, body: dict, token: str) -> tuple[int, dict]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", path, json.dumps(body), headers)
    response = connection.getresponse()
    return response.status, json.loads(response.read() or b"{}")


@pytest.mark.parametrize(("slots", "capacity"), [(200, 1), (20, 10)])
def test_every_place_is_given_once_over_http(server: int, slots: int, capacity: int) -> None:
    crowd = Crowd(slots, capacity, referrals=slots * capacity + 2 * CLIENTS)
    token = make_token(
        clinics.make_client(crowd.pair.source.organization, allowed_scopes=["referrals:write"])
    )
    free, waiting = [str(slot.pk) for slot in crowd.slots], [str(r.pk) for r in crowd.referrals]
    answers: Counter[tuple[int, str]] = Counter()
    odd: list[object] = []
    lock = threading.Lock()

    def client() -> None:
        dice = random.Random(threading.get_ident())
        connection = http.client.HTTPConnection("127.0.0.1", server, timeout=60)
        with lock:
            referral = waiting.pop()
        while True:
            with lock:
                if not free or referral is None:
                    break
                slot = dice.choice(free[:SEEN])
            try:
                status, body = _post(connection, f"/api/v1/referrals/{referral}/book/", {"slot": slot}, token)
            except (OSError, http.client.HTTPException) as error:
                with lock:
                    odd.append(error)
                break
            with lock:
                answers[status, body.get("code", "")] += 1
                if status == 200:
                    referral = waiting.pop() if waiting else None
                elif body.get("code") == "slot_taken":
                    if slot in free:
                        free.remove(slot)
                else:
                    odd.append((status, body))
                    break
        connection.close()

    threads = [threading.Thread(target=client, daemon=True) for _ in range(CLIENTS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    print(f"\n{slots} slots of {capacity} over HTTP in {time.perf_counter() - begun:.1f} s: {dict(answers)}")
    assert not any(thread.is_alive() for thread in threads)
    assert odd == []
    places = slots * capacity
    assert set(answers) == {(200, ""), (409, "slot_taken")}
    assert answers[200, ""] == places
    assert Booking.objects.filter(slot__service=crowd.pair.service, state="booked").count() == places
    assert Referral.objects.filter(service=crowd.pair.service, state="booked").count() == places
    assert crowd.oversold() == 0
    assert not Slot.objects.filter(service=crowd.pair.service).exclude(taken=F("capacity")).exists()


def test_a_key_sent_five_times_at_once_has_one_effect(server: int, pytestconfig: pytest.Config) -> None:
    """Forty keys in every run, a thousand with `--full-size`."""
    keys, senders = (1000 if pytestconfig.getoption("full_size") else 40), 5
    organization = clinics.make_organization()
    token = make_token(clinics.make_client(organization, allowed_scopes=["patients:write"]))
    answers: Counter[int] = Counter()
    given: dict[int, set[str]] = {number: set() for number in range(keys)}
    lock, together = threading.Lock(), threading.Barrier(senders)

    def sender() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server, timeout=60)
        for number in range(keys):
            body = {"family": "Пробная", "given": "Анна", "birth_date": "1980-05-17", "sex": "f"}
            headers = {
                "Authorization": f"Bearer {token}", "Content-Type": "application/json",
                "Idempotency-Key": f"errand-{number}",
            }  # fmt: skip
            together.wait(60)
            connection.request(
                "POST", "/api/v1/patients/", json.dumps(body | {"ignore_similar": True}), headers
            )
            response = connection.getresponse()
            told = response.read()
            with lock:
                answers[response.status] += 1
                if response.status == 201:
                    given[number].add(json.loads(told)["id"])
        connection.close()

    threads = [threading.Thread(target=sender, daemon=True) for _ in range(senders)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    print(f"\n{keys} keys × {senders} in {time.perf_counter() - begun:.1f} s: {dict(answers)}")
    assert sum(answers.values()) == keys * senders and set(answers) <= {201, 409}
    assert all(len(ids) == 1 for ids in given.values())
    assert Patient.objects.count() == keys


@pytest.mark.parametrize("server", ["tests.concurrency.dying_web"], indirect=True)
def test_a_killed_web_leaves_an_answer_to_be_replayed(server: int) -> None:
    """The process dies between commit and answer, fifty times: the work is done once, and the retry tells it."""
    organization = clinics.make_organization()
    token = make_token(clinics.make_client(organization, allowed_scopes=["patients:write"]))
    given: set[str] = set()
    for number in range(50):
        body = {
            "family": "Пробная",
            "given": "Анна",
            "birth_date": "1980-05-17",
            "sex": "f",
            "ignore_similar": True,
        }
        headers = {
            "Authorization": f"Bearer {token}", "Content-Type": "application/json",
            "Idempotency-Key": f"errand-{number}",
        }  # fmt: skip
        connection = http.client.HTTPConnection("127.0.0.1", server, timeout=60)
        connection.request("POST", "/api/v1/patients/", json.dumps(body), headers | {"X-Die": "1"})
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            connection.getresponse()
        connection.close()
        assert Patient.objects.count() == number + 1, "killed before the commit"
        connection = http.client.HTTPConnection("127.0.0.1", server, timeout=60)
        connection.request("POST", "/api/v1/patients/", json.dumps(body), headers)
        response = connection.getresponse()
        told = json.loads(response.read())
        connection.close()
        assert response.status == 201 and response.headers["Idempotency-Replayed"] == "true"
        given.add(told["id"])
    assert given == {str(key) for key in Patient.objects.values_list("pk", flat=True)} and len(given) == 50

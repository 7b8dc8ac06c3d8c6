"""Idempotency-Key: one effect, whatever is sent again and whenever a process dies."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from clinics.models import Organization
from cluster_portal.api import idempotency
from cluster_portal.api.models import IdempotencyRecord
from cluster_portal.api.tasks import sweep
from cluster_portal.common.actor import Actor
from tests.api import urls
from tests.api.support import Caller, assert_problem
from tests.factories.clinics import make_member, make_organization

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.urls")]

PATH = "/api/v1/toys/"
KEY = {"Idempotency-Key": "order-1"}


@pytest.fixture
def caller() -> Caller:
    return Caller()


def made() -> int:
    return Organization.objects.filter(name_ru="Новая").count()


def test_second_sending_gets_the_first_answer(caller: Caller) -> None:
    first = caller.post(PATH, {"phone": "1"}, headers=KEY)
    second = caller.post(PATH, {"phone": "1"}, headers=KEY)
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert (first["Location"], first["ETag"]) == (second["Location"], second["ETag"])
    assert "Idempotency-Replayed" not in first and second["Idempotency-Replayed"] == "true"
    assert second["Content-Type"] == "application/json"
    assert made() == 1


def test_without_a_key_each_sending_works(caller: Caller) -> None:
    caller.post(PATH, {"phone": "1"})
    caller.post(PATH, {"phone": "1"})
    assert made() == 2 and not IdempotencyRecord.objects.exists()


def test_blanks_and_order_do_not_make_another_body(caller: Caller) -> None:
    caller.post(PATH, '{"phone": "1"}', headers=KEY)
    assert caller.post(PATH, '{ "phone":"1" }', headers=KEY)["Idempotency-Replayed"] == "true"


def test_same_key_other_body(caller: Caller) -> None:
    caller.post(PATH, {"phone": "1"}, headers=KEY)
    assert_problem(caller.post(PATH, {"phone": "2"}, headers=KEY), 422, "idempotency_mismatch")
    assert made() == 1


def test_key_belongs_to_caller_and_address(caller: Caller) -> None:
    caller.post(PATH, {"phone": "1"}, headers=KEY)
    assert Caller().post(PATH, {"phone": "2"}, headers=KEY).status_code == 201
    path = f"{PATH}{caller.organization.pk}/call-up/"
    tag = caller.get(f"{PATH}{caller.organization.pk}/")["ETag"]
    assert caller.post(path, {"phone": "2"}, headers=KEY | {"If-Match": tag}).status_code == 200


def test_person_has_own_keys_in_each_organisation(caller: Caller) -> None:
    user = make_member()
    person = Client()
    person.force_login(user)
    for _ in range(2):
        person.post(PATH, {"phone": "1"}, "application/json", headers=KEY)
    assert made() == 1
    other = make_member(user=user, organization=make_organization()).memberships.last().organization
    session = person.session
    session["organization"] = str(other.pk)
    session.save()
    person.post(PATH, {"phone": "1"}, "application/json", headers=KEY)
    assert made() == 2


def test_refusal_is_an_answer_too(caller: Caller) -> None:
    first = caller.post(PATH, {"phone": ""}, headers=KEY)
    assert_problem(first, 400, "invalid")
    again = caller.post(PATH, {"phone": ""}, headers=KEY)
    assert again["Idempotency-Replayed"] == "true"
    assert again["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("phone", "status"), [("conflict", 409), ("busy", 409)])
def test_what_may_turn_out_differently_is_not_stored(caller: Caller, phone: str, status: int) -> None:
    assert caller.post(PATH, {"phone": phone}, headers=KEY).status_code == status
    assert not IdempotencyRecord.objects.exists() and made() == 0


def test_stale_version_is_not_stored(caller: Caller) -> None:
    path = f"{PATH}{caller.organization.pk}/call-up/"
    assert caller.post(path, {"phone": "1"}, headers=KEY | {"If-Match": '"0"'}).status_code == 412
    assert caller.post(path, {"phone": "1"}, headers=KEY).status_code == 428
    assert not IdempotencyRecord.objects.exists()


def test_crash_leaves_nothing(caller: Caller) -> None:
    caller.raise_request_exception = False
    assert_problem(caller.post(PATH, {"phone": "crash"}, headers=KEY), 500, "server_error")
    assert made() == 0 and not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 256, "ключ", "a b"])
def test_key_that_is_none(caller: Caller, key: str) -> None:
    assert_problem(
        caller.post(PATH, {"phone": "1"}, headers={"Idempotency-Key": key}), 400, "bad_idempotency_key"
    )


def test_refused_caller_gets_no_stored_answer(caller: Caller) -> None:
    caller.post(PATH, {"phone": "1"}, headers=KEY)
    caller.api_client.allowed_scopes = ["organizations:read"]
    caller.api_client.save()
    assert_problem(caller.post(PATH, {"phone": "1"}, headers=KEY), 403, "insufficient_scope")


def test_broken_body(caller: Caller) -> None:
    assert_problem(caller.post(PATH, "{", headers=KEY), 400, "broken_json")


def test_old_answers_are_swept(caller: Caller) -> None:
    caller.post(PATH, {"phone": "1"}, headers=KEY)
    old = timezone.now() - timedelta(hours=IdempotencyRecord.KEEP_HOURS, seconds=1)
    assert sweep() == 0
    IdempotencyRecord.objects.update(created_at=old)
    assert sweep() == 1


def test_files_count_by_their_content(rf) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from rest_framework.parsers import MultiPartParser
    from rest_framework.request import Request

    def digest(content: bytes, note: str = "a") -> str:
        request = rf.post("/", {"file": SimpleUploadedFile("scan.pdf", content), "note": note})
        request.actor = Actor(kind="client")
        return idempotency.body_hash(Request(request, parsers=[MultiPartParser()]))

    assert digest(b"one") == digest(b"one") != digest(b"two")
    assert digest(b"one") != digest(b"one", "b")


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_five_at_once_have_one_effect(self) -> None:
        caller = Caller()

        def send(_number: int) -> int:
            try:
                return caller.post(PATH, {"phone": "1"}, headers=KEY).status_code
            finally:
                connections.close_all()

        with ThreadPoolExecutor(5) as pool:
            statuses = list(pool.map(send, range(20)))
        assert set(statuses) <= {201, 409} and 201 in statuses
        assert made() == 1

    def test_while_the_first_runs_the_second_is_told(self) -> None:
        caller = Caller()
        running, go_on = threading.Event(), threading.Event()
        answers = []

        def slow() -> None:
            def create(self, request):
                running.set()
                go_on.wait(10)
                return original(self, request)

            original = urls.ToyViewSet.create
            urls.ToyViewSet.create = create
            try:
                answers.append(caller.post(PATH, {"phone": "1"}, headers=KEY))
            finally:
                urls.ToyViewSet.create = original
                connections.close_all()

        thread = threading.Thread(target=slow)
        thread.start()
        assert running.wait(10)
        second = caller.post(PATH, {"phone": "1"}, headers=KEY)
        assert_problem(second, 409, "request_running")
        assert second["Retry-After"] == "1"
        go_on.set()
        thread.join()
        assert answers[0].status_code == 201 and made() == 1
        assert caller.post(PATH, {"phone": "1"}, headers=KEY)["Idempotency-Replayed"] == "true"

    def test_process_killed_between_effect_and_answer(self) -> None:
        """The connection dies before the commit: neither effect nor record; the retry does the work."""
        caller = Caller()

        def create(self, request):
            original(self, request)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        original = urls.ToyViewSet.create
        urls.ToyViewSet.create = create
        try:
            assert_problem(caller.post(PATH, {"phone": "1"}, headers=KEY), 503, "unavailable")
        finally:
            urls.ToyViewSet.create = original
            connection.close()
        assert made() == 0 and not IdempotencyRecord.objects.exists()
        assert caller.post(PATH, {"phone": "1"}, headers=KEY).status_code == 201
        assert made() == 1

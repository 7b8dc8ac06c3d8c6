"""Webhooks by REST."""

import time
from typing import Any

import pytest

from cluster_portal.api.models import IdempotencyRecord
from cluster_portal.webhooks import signing
from cluster_portal.webhooks.models import Subscription
from tests.api.support import Caller, assert_problem
from tests.factories import clinics
from tests.factories.webhooks import make_delivery, make_webhook

pytestmark = pytest.mark.django_db
HOOKS, DELIVERIES = "/api/v1/webhooks/", "/api/v1/webhook-deliveries/"
BODY = {"url": "https://receiver.example/hooks", "events": ["clinics.updated"]}


def test_a_webhook_from_its_making_to_its_end() -> None:
    caller = Caller()
    made = caller.post(HOOKS, BODY)
    assert made.status_code == 201, made.content
    hook = made.json()
    assert hook["secret"].startswith("whsec_")
    address = made["Location"].removeprefix("http://testserver")
    assert address == f"{HOOKS}{hook['id']}/"
    [listed] = caller.get(HOOKS).json()["results"]
    assert listed == caller.get(address).json()
    assert "secret" not in listed and listed["events"] == BODY["events"]
    turned = caller.post(f"{address}rotate/").json()
    assert turned["secret"] not in (hook["secret"], "")
    assert caller.patch(address, {"is_enabled": False}).json()["is_enabled"] is False
    assert_problem(Caller().get(address), 404, "not_found")
    assert caller.delete(address).status_code == 204
    assert not Subscription.objects.exists()


def test_the_secret_is_not_kept_for_a_repeated_request() -> None:
    caller = Caller()
    first, again = (caller.post(HOOKS, BODY, headers={"Idempotency-Key": "one"}) for _ in range(2))
    assert again["Idempotency-Replayed"] == "true" and Subscription.objects.count() == 1
    assert again.json() == first.json() | {"secret": None}
    secret = first.json()["secret"]
    assert secret.encode() not in bytes(IdempotencyRecord.objects.get().body)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "https://10.0.0.1/"}, "address_refused"),
        ({"url": "http://receiver.example/"}, "address_refused"),
        ({"events": ["clinics.exploded"]}, "invalid"),
        ({"events": []}, "invalid"),
    ],
)
def test_what_is_refused(change, code) -> None:
    assert_problem(Caller().post(HOOKS, BODY | change), 400, code)


def test_messages_with_their_tries_are_listed_and_sent_again() -> None:
    caller = Caller()
    hook = make_webhook(caller.api_client.pk)
    tries = [{"at": "2026-10-05T09:00:00+00:00", "status": 500, "answer": "broken"}]
    dead = make_delivery(hook, tries=tries)
    make_delivery(hook, state="delivered")
    make_delivery(make_webhook(clinics.make_client(clinics.make_organization()).pk))
    assert len(caller.get(DELIVERIES).json()["results"]) == 2
    [row] = caller.get(DELIVERIES, {"webhook": str(hook.pk), "state": "dead"}).json()["results"]
    assert (row["id"], row["message"], row["tries"]) == (str(dead.pk), dead.message, tries)
    assert row["available_actions"] == ["resend"]
    again = caller.post(f"{DELIVERIES}{dead.pk}/resend/")
    assert again.json()["state"] == "pending" and again.json()["available_actions"] == []
    assert_problem(caller.post(f"{DELIVERIES}{dead.pk}/resend/"), 409, "illegal_transition")


def test_queries_do_not_grow_with_rows(django_assert_max_num_queries) -> None:
    caller = Caller()
    for _ in range(5):
        hook = make_webhook(caller.api_client.pk)
        for _ in range(6):
            make_delivery(hook)
    for address, rows in ((HOOKS, 5), (DELIVERIES, 30)):
        with django_assert_max_num_queries(5):
            assert len(caller.get(address).json()["results"]) == rows


def test_the_check_in_the_documents_knows_ours_from_others(settings) -> None:
    text = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
    [code] = [block for block in text.split("```python\n")[1:] if "whsec_" in block]
    names: dict[str, Any] = {}
    exec(code.split("```")[0], names)
    secret, body, now = signing.new_secret(), b'{"type":"clinics.updated"}', int(time.time())
    kept = [signing.encrypt(signing.new_secret()), signing.encrypt(secret)]
    headers = signing.headers(kept, message="msg_1", timestamp=now, body=body)
    assert names["is_genuine"](secret, headers, body)
    assert not names["is_genuine"](secret, headers, body + b" ")
    assert not names["is_genuine"](signing.new_secret(), headers, body)
    old = signing.headers(kept, message="msg_1", timestamp=now - 600, body=body)
    assert not names["is_genuine"](secret, old, body)

"""Health, metrics and the line of each request."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from cluster_portal.common.models import OutboxMessage
from cluster_portal.ops import health


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", False)


def test_live_asks_nobody(client: Client) -> None:
    """No database mark on this test: a query would fail it."""
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


def test_a_probe_by_address_is_answered(client: Client) -> None:
    assert client.get("/health/live", headers={"host": "10.1.2.3:8000"}).status_code == 200


@pytest.mark.django_db
def test_ready(client: Client) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_late_outbox_is_told_and_takes_nobody_away(client: Client) -> None:
    OutboxMessage.objects.create(task="x", payload={}, due_at=timezone.now() - timedelta(minutes=10))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["outbox"]["due"] == 1
    assert 590 < answer.json()["outbox"]["age_seconds"] < 700


@pytest.mark.django_db
def test_missing_migrations_are_not_ready(client: Client) -> None:
    with patch.object(health, "migrated", return_value=False):
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["migrations"]) == (503, "pending")


def test_a_database_that_is_away_is_not_ready(client: Client) -> None:
    with patch.object(health, "migrated", side_effect=OperationalError("the address and the password")):
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready", "database": "unreachable"})


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("METRICS_TOKEN", "let-me-count")
    return "let-me-count"


@pytest.mark.django_db
def test_metrics_are_for_this_machine(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("METRICS_TOKEN", raising=False)
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.5").status_code == 404
    forwarded = client.get("/metrics", REMOTE_ADDR="127.0.0.1", headers={"x-forwarded-for": "1.2.3.4"})
    assert forwarded.status_code == 404


@pytest.mark.django_db
def test_metrics_with_a_token(client: Client, token: str) -> None:
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
    answer = client.get("/metrics", REMOTE_ADDR="10.0.0.5", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert b"portal_outbox_age_seconds" in answer.content


@pytest.mark.django_db
def test_a_request_is_counted_and_logged_by_its_route(client: Client, caplog: Any) -> None:
    with caplog.at_level("INFO", logger="portal.request"):
        answer = client.get("/no/such/page/?surname=Канарейкин", headers={"x-request-id": "abcdef123456"})
    assert answer.status_code == 404
    assert answer.headers["X-Request-ID"] == "abcdef123456"
    (record,) = [record for record in caplog.records if record.name == "portal.request"]
    assert (record.route, record.status, record.method) == ("(no route)", 404, "GET")
    assert record.query_count >= 0 and record.duration_ms > 0
    assert "Канарейкин" not in str(record.__dict__)
    numbers = client.get("/metrics", REMOTE_ADDR="127.0.0.1").content.decode()
    assert 'portal_requests_total{method="GET",route="(no route)",status="404"}' in numbers


@pytest.mark.django_db
def test_what_is_measured_is_read_by_prometheus(client: Client) -> None:
    client.get("/health/live")
    client.get("/")
    text = client.get("/metrics", REMOTE_ADDR="127.0.0.1").content.decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert {
        "portal_requests",
        "portal_request_seconds",
        "portal_request_queries",
        "portal_outbox_due",
    } <= set(families)
    kinds = {name: family.type for name, family in families.items() if name.startswith("portal_request")}
    assert {name: kind for name, kind in kinds.items() if not name.endswith("_created")} == {
        "portal_requests": "counter", "portal_request_seconds": "histogram", "portal_request_queries": "histogram",
    }  # fmt: skip
    assert all(sample.value >= 0 for family in families.values() for sample in family.samples)


def test_programs_that_keep_passwords_find_where_they_are_changed(client: Client) -> None:
    assert client.get("/.well-known/change-password")["Location"] == "/accounts/password/change/"

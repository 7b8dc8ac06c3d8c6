"""A client that a generator made from the description of the API books a referral, in one sitting and typed."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client

from cluster_portal.api import scopes
from cluster_portal.wsgi import application
from patients.models import Booking
from tests.api.support import make_token
from tests.factories import clinics, patients

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

#: Papers and pictures are bytes to the client; the generator has to be told of each type of theirs.
BYTES = (
    "application/pdf", "image/jpeg", "image/png", "image/tiff", "application/dicom",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)  # fmt: skip


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the package, made from what the portal answers to a stranger in English."""
    place = tmp_path_factory.mktemp("generated")
    description = Client().get(
        "/api/schema/", headers={"Accept-Language": "en", "Accept": "application/json"}
    )
    (place / "schema.json").write_bytes(description.content)
    overrides = {"content_type_overrides": dict.fromkeys(BYTES, "application/octet-stream"), "post_hooks": []}
    (place / "config.yml").write_text(json.dumps(overrides))
    made = subprocess.run(
        [
            Path(sys.executable).parent / "openapi-python-client", "generate", "--path", place / "schema.json",
            "--config", place / "config.yml", "--meta", "none", "--output-path", place / "generated_portal",
        ],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    # A warning is an operation, or a part of one, that the client would have to do without.
    assert "WARNING" not in made.stdout, made.stdout
    sys.path.insert(0, str(place))
    yield "generated_portal"
    sys.path.remove(str(place))


@pytest.fixture
def portal(package: str, db: None) -> Iterator[SimpleNamespace]:
    """The modules of the client by their short names, and a signed-in connection to this process."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    clinics.make_cluster()
    pair = patients.make_pair()
    slots = clinics.make_slots(pair.service, 2, first=clinics.at(3))
    program = clinics.make_client(pair.source.organization, allowed_scopes=sorted(scopes.ALL))
    client = importlib.import_module(f"{package}.client").AuthenticatedClient(
        "http://testserver", make_token(program)
    )
    client.set_httpx_client(
        httpx.Client(
            base_url="http://testserver", transport=httpx.WSGITransport(application),
            headers={"Authorization": f"Bearer {client.token}", "Accept-Language": "en"},
        )
    )  # fmt: skip

    def call(operation: str, *arguments: Any, **named: Any) -> Any:
        module = importlib.import_module(f"{package}.api.{operation}")
        return module.sync_detailed(*arguments, client=client, **named)

    yield SimpleNamespace(
        models=importlib.import_module(f"{package}.models"), call=call, pair=pair, slots=slots
    )
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_a_generated_client_books_a_referral(portal: SimpleNamespace) -> None:
    models, call = portal.models, portal.call
    body = models.PatientCreateRequest("Пробная", "Анна", date(1980, 5, 17), models.SexEnum.F)
    patient = call("patients.patients_create", body=body).parsed
    consent = models.ConsentCreateRequest(given_on=clinics.today(), kind=models.ConsentKindEnum.TRANSFER)
    assert call("patients.patients_consents_create", patient.id, body=consent).status_code == 201
    draft = models.ReferralCreateRequest(
        patient=patient.id, source_clinic=portal.pair.source.pk, service=portal.pair.service.pk,
        diagnosis_code="I20.8", reason="Стенокардия напряжения", referrer_name="Проба П. П.",
    )  # fmt: skip
    referral = call("referrals.referrals_create", body=draft).parsed
    sent = call("referrals.referrals_submit_create", referral.id, idempotency_key="errand-0001")
    assert sent.status_code == 200, sent.content
    free = call("slots.slots_list", service=portal.pair.service.pk, free=True).parsed.results
    assert {slot.id for slot in free} == {slot.pk for slot in portal.slots}
    choice = models.SlotChoiceRequest(slot=free[0].id)
    booked = call("referrals.referrals_book_create", referral.id, body=choice, idempotency_key="errand-0002")
    assert booked.status_code == 200, booked.content
    assert booked.parsed.state == models.ReferralStateEnum.BOOKED
    again = call("referrals.referrals_book_create", referral.id, body=choice, idempotency_key="errand-0002")
    assert again.parsed == booked.parsed and again.headers["Idempotency-Replayed"] == "true"
    assert Booking.objects.get().slot_id == free[0].id


def test_what_is_refused_comes_typed(portal: SimpleNamespace) -> None:
    draft = portal.models.ReferralCreateRequest(patient=portal.pair.service.pk)
    refused = portal.call("referrals.referrals_create", body=draft)
    assert refused.status_code == 404
    assert isinstance(refused.parsed, portal.models.Problem) and refused.parsed.code == "not_found"

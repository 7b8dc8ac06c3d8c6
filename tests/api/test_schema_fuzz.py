"""Thousands of requests that the description allows, and many that it does not: no server error, no undescribed answer.

Schemathesis makes the requests from `/api/schema/` and judges the answers; they run in this process, as a program with
every scope. Half of the keys in addresses are those of rows that exist, so that more is reached than "not found".
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks

from cluster_portal.api import scopes
from cluster_portal.api_router import router
from cluster_portal.wsgi import application
from tests.api.support import make_token
from tests.factories import clinics, patients

pytestmark = [pytest.mark.slow]

#: Requests for each operation; in every run, and with `--full-size`.
EXAMPLES, EXAMPLES_AT_FULL_SIZE = 30, 500
JUDGES = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
]
#: Every resource there is.
RESOURCES = ["me", *sorted(prefix for prefix, _view, _name in router.registry)]


@cache
def described() -> schemathesis.BaseSchema:
    """The description, asked for once."""
    return schemathesis.openapi.from_wsgi("/api/schema/", application)


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Between requests Django drops connections that look used; this test's transaction lives in its own."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def schema(db: None, one_connection: None) -> schemathesis.BaseSchema:
    """Within the test's own transaction: even a request that reads no row looks at the connection."""
    return described()


@pytest.fixture
def caller() -> dict[str, str]:
    """A program of the referring clinic that is the receiving one too: all of it is open to it."""
    clinics.make_cluster()
    pair = patients.make_pair(triage=True)
    program = clinics.make_client(pair.source.organization, allowed_scopes=sorted(scopes.ALL))
    return {"Authorization": f"Bearer {make_token(program)}", "Accept-Language": "en"}


@pytest.fixture
def rows(caller: dict[str, str]) -> dict[str, list[str]]:
    """Keys that exist, by the resource whose address they may stand in."""
    from clinics.models import Membership

    own = Membership.objects.get(client__isnull=False).organization
    site = own.clinics.first()
    service = clinics.make_service(site, booking_mode="triage")
    practitioner = clinics.make_practitioner(site)
    schedule = clinics.make_schedule(service, practitioner)
    slots = [clinics.make_slot(service, start=clinics.at(2 + n)) for n in range(3)]
    patient = patients.make_patient(own)
    patients.make_consent(patient)
    referrals = [
        patients.make_referral(patient, state=state, service=service, source=site)
        for state in ("draft", "submitted", "accepted", "booked", "in_care", "completed")
    ]
    held = patients.make_booking(referrals[2], slots[0], "held")
    return {
        "organizations": [str(own.pk)],
        "clinics": [str(site.pk)],
        "services": [str(service.pk)],
        "service-types": [service.service_type_id],
        "practitioners": [str(practitioner.pk)],
        "licences": [str(site.licences.first().pk)],
        "schedules": [str(schedule.pk)],
        "slots": [str(slot.pk) for slot in slots],
        "patients": [str(patient.pk)],
        "referrals": [str(referral.pk) for referral in referrals],
        "bookings": [str(held.pk)],
        "holds": [str(held.pk)],
    }


def operations(schema: schemathesis.BaseSchema, resource: str) -> Iterator[Any]:
    prefix = rf"^/api/v1/{resource}/"
    for result in schema.include(path_regex=prefix).get_all_operations():
        yield result.ok()


@pytest.mark.django_db
@pytest.mark.parametrize("resource", RESOURCES)
def test_every_answer_is_a_described_one(schema, caller, rows, resource, settings, pytestconfig):
    # "Too many requests" is a described answer too, but not the one to be looked at here.
    settings.API_REQUESTS_PER_MINUTE = 10**6
    found = list(operations(schema, resource))
    assert found, f"nothing is described at {resource}"
    examples = EXAMPLES_AT_FULL_SIZE if pytestconfig.getoption("full_size") else EXAMPLES
    for operation in found:
        _try(operation, caller, rows.get(resource, []), examples)


def _try(operation: Any, headers: dict[str, str], keys: list[str], examples: int) -> None:
    dice = random.Random(operation.label)

    @given(case=operation.as_strategy())
    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def run(case: schemathesis.Case) -> None:
        if keys and case.path_parameters and dice.random() < 0.5:
            for name in case.path_parameters:
                case.path_parameters[name] = dice.choice(keys)
        outermost = transaction.atomic()
        # What insists on a transaction of its own takes this one for the test's.
        outermost._from_testcase = True
        with outermost:
            case.call_and_validate(headers=headers, checks=JUDGES)
            transaction.set_rollback(True)

    run()

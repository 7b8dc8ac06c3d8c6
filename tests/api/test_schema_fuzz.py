"""Thousands of requests that the description allows, and as many that it does not: each answer is one described.

Schemathesis makes the requests from `/api/schema/` and judges the answers; they run in this process, as a program with
every scope. Half of the keys in addresses are those of rows that exist, so that more is reached than "not found".
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks

from cluster_portal.api import scopes
from cluster_portal.api_router import router
from cluster_portal.wsgi import application
from tests.api.support import make_token
from tests.factories import clinics, patients

pytestmark = [pytest.mark.slow]

#: Requests for each operation that the description allows; in every run, and with `--full-size`. Half as many again
#: that it does not allow.
EXAMPLES, EXAMPLES_AT_FULL_SIZE = 14, 500
#: Errands of many requests, each of which uses what the ones before answered.
ERRANDS, ERRANDS_AT_FULL_SIZE, STEPS = 25, 1500, 10
#: Every check but one: a request that fits the description may still be refused with 400, for what the record or the
#: calendar says.
LEFT_OUT = [checks.positive_data_acceptance]
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
        _try(operation, caller, rows, examples, GenerationMode.POSITIVE)
        _try(operation, caller, rows, examples // 2, GenerationMode.NEGATIVE)


#: Operations that were seen to refuse whoever has no token, or a wrong one: three more requests for each.
CLOSED: set[str] = set()


def _left_out(case: schemathesis.Case, response: Any) -> list[Any]:
    left_out = [*LEFT_OUT]
    if case.path.endswith("/bulk/"):
        # What is wrong with one of many is told beside it, and the others are taken.
        left_out.append(checks.negative_data_rejection)
    if case.operation.label in CLOSED:
        left_out.append(checks.ignored_auth)
    elif response.status_code < 300:
        CLOSED.add(case.operation.label)
    return left_out


def _endured(examples: int, **more: Any) -> settings:
    return settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), **more,
    )  # fmt: skip


def _taken_back() -> transaction.Atomic:
    """A transaction within the test's. What insists on one of its own takes it for the test's."""
    outermost = transaction.atomic()
    outermost._from_testcase = True
    return outermost


def _name_rows(case: schemathesis.Case, rows: dict[str, list[str]], dice: random.Random) -> None:
    """Let half of the keys in the address and in the body be those of rows that exist."""
    own = rows.get(case.path.split("/")[3])
    for name in case.path_parameters if own else ():
        if dice.random() < 0.5:
            case.path_parameters[name] = dice.choice(own)
    for name in case.body if isinstance(case.body, dict) else ():
        keys = rows.get(f"{name.rpartition('_')[2]}s")
        if keys and isinstance(case.body[name], str) and dice.random() < 0.5:
            case.body[name] = dice.choice(keys)


def _try(
    operation: Any, headers: dict[str, str], rows: dict[str, list[str]], examples: int, mode: GenerationMode
) -> None:
    dice = random.Random(operation.label)

    @given(case=operation.as_strategy(mode))
    @_endured(examples)
    def run(case: schemathesis.Case) -> None:
        if mode is GenerationMode.POSITIVE:
            _name_rows(case, rows, dice)
        with _taken_back():
            response = case.call(headers=headers)
            case.validate_response(
                response, headers=headers, excluded_checks=_left_out(case, response),
                transport_kwargs={"headers": headers},
            )  # fmt: skip
            transaction.set_rollback(True)

    try:
        run()
    except Unsatisfiable:
        # Where nothing is taken but words, nothing can be got wrong.
        assert mode is GenerationMode.NEGATIVE and not [*operation.query, *operation.body], operation.label


@pytest.mark.django_db
def test_errands_of_many_steps(schema, caller, rows, settings, pytestconfig):
    """What one answer names the next request asks for: made, read, changed, acted upon, taken away."""
    settings.API_REQUESTS_PER_MINUTE = 10**6
    answered: Counter[int] = Counter()

    class Errand(schema.as_state_machine()):
        def setup(self) -> None:
            # The same draws have to make the same errand, or Hypothesis calls its own tree inconsistent.
            self.dice = random.Random(STEPS)
            self.taken_back = _taken_back()
            self.taken_back.__enter__()

        def step(self, input: Any) -> Any:
            if not input.is_applied:
                _name_rows(input.case, rows, self.dice)
            return super().step(input)

        def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
            return {"headers": caller}

        def validate_response(
            self, response: Any, case: schemathesis.Case, additional_checks: Any = None, **kwargs: Any
        ) -> None:
            answered[response.status_code] += 1
            case.validate_response(
                response, headers=caller, excluded_checks=_left_out(case, response), transport_kwargs=kwargs
            )

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.taken_back.__exit__(None, None, None)

    errands = ERRANDS_AT_FULL_SIZE if pytestconfig.getoption("full_size") else ERRANDS
    Errand.run(settings=_endured(errands, stateful_step_count=STEPS))
    print(f"\n{errands} errands: {dict(answered)}")
    assert answered[200] + answered[201]

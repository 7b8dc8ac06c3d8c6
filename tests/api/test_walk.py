"""What every list of the API keeps to, asked of each: pages, counts, unknown names, limits, the request's own id."""

from __future__ import annotations

import json
import re

import pytest

from cluster_portal.api.docs import schema_bytes
from tests.api.support import Caller, assert_problem
from tests.factories.clinics import make_cluster, make_organization

pytestmark = pytest.mark.django_db

#: What regional systems were promised: the resources, and of a referral the verbs and what hangs on it.
RESOURCES = (
    "organizations", "clinics", "services", "practitioners", "licences", "equipment", "schedules", "slots",
    "patients", "referrals", "bookings", "waitlist", "specialists", "programmes", "intakes", "nominations",
    "certificates", "teaching-rooms", "room-bookings", "plots", "tenders", "questions", "bids", "interests",
    "reports", "webhooks", "webhook-deliveries", "changes",
)  # fmt: skip
OF_A_REFERRAL = (
    "submit", "accept", "return_for_info", "reject", "redirect", "wait", "book", "reschedule", "cancel_booking",
    "no_show", "arrive", "complete", "cancel", "messages", "attachments", "history", "form-057u",
)  # fmt: skip
FILTERS = {
    "slots": {"service_type", "clinic", "direction", "payment", "date_from", "date_to", "free", "near", "service"},
    "referrals": {
        "state", "side", "priority", "number", "own_number", "patient", "service_type", "due_before", "updated_since",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def paths() -> dict:
    return json.loads(schema_bytes("en"))["paths"]


def lists(paths: dict) -> list[str]:
    """The addresses that give pages and take nothing from the path."""
    return [
        path
        for path, ways in paths.items()
        if "{" not in path
        and any(one["name"] == "cursor" for one in ways.get("get", {}).get("parameters", ()))
    ]


def test_what_was_promised_is_there(paths) -> None:
    for name in RESOURCES:
        assert "get" in paths[f"/api/v1/{name}/"], name
    for name in OF_A_REFERRAL:
        assert f"/api/v1/referrals/{{id}}/{name}/" in paths, name
    for name, wanted in FILTERS.items():
        known = {one["name"] for one in paths[f"/api/v1/{name}/"]["get"]["parameters"]}
        assert wanted <= known, name
    for name in ("patients/bulk", "referrals/bulk", "holds", "reports/{code}/runs", "webhooks/{id}/rotate"):
        assert "post" in paths[f"/api/v1/{name}/"], name


def test_every_list_keeps_the_rules(paths) -> None:
    make_cluster()
    caller = Caller(make_organization())
    asked = lists(paths)
    assert len(asked) > 50
    for path in asked:
        answer = caller.get(path, {"limit": 1}, headers={"X-Request-ID": "walk-of-lists-01"})
        assert answer.status_code == 200, (path, answer.content)
        page = answer.json()
        assert page["results"] == page["results"][:1] and "count" not in {
            k for k, v in page.items() if v is not None
        }, path
        assert answer["X-Request-ID"] == "walk-of-lists-01", path
        assert re.fullmatch(r"\d+", answer["RateLimit-Remaining"]) and answer["RateLimit-Limit"], path
        assert caller.get(path, {"count": "true", "limit": 1}).json()["count"] >= 0, path
        for wrong in ({"colour": "red"}, {"limit": 501}, {"limit": 0}, {"cursor": "x"}):
            assert_problem(caller.get(path, wrong), 400, "invalid")

"""Every refusal under /api/ and /oauth/ is a problem in words."""

import gzip
import json

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests.api.support import PROBLEM, Caller, assert_problem
from tests.factories import clinics as make

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.urls")]

EN = {"Accept-Language": "en"}


def test_unknown_address() -> None:
    assert_problem(Client().get("/api/v1/nothing/", headers=EN), 404, "not_found")
    assert_problem(Client().post("/oauth/nothing/", headers=EN), 404, "not_found")


def test_missing_slash_leads_on_and_keeps_the_method() -> None:
    response = Client().post("/api/v1/open?x=1", {}, headers=EN)
    assert (response.status_code, response["Location"]) == (308, "/api/v1/open/?x=1")


def test_wrong_method() -> None:
    response = Client().delete("/api/v1/open/", headers=EN)
    assert_problem(response, 405, "method_not_allowed")
    assert "GET" in response["Allow"]
    assert_problem(Client().get("/oauth/token/", headers=EN), 405, "method_not_allowed")


def test_only_json_goes_in_and_out() -> None:
    client = Client(headers=EN)
    assert_problem(client.post("/api/v1/open/", "a=1", "text/plain"), 415, "unsupported_media_type")
    assert_problem(client.get("/api/v1/open/", headers={"Accept": "text/csv"}), 406, "not_acceptable")


@pytest.mark.parametrize("body", ['{"items": [', '{"items": NaN}', "\xff", '"\\ud800"'])
def test_broken_json(body: str) -> None:
    response = Client().post("/api/v1/open/", body.encode("latin-1"), "application/json", headers=EN)
    assert_problem(response, 400, "broken_json")


def test_body_beyond_the_limit() -> None:
    body = b'{"note": "' + b"x" * 10 * 1024 * 1024 + b'"}'
    response = Client().post("/api/v1/open/", body, "application/json", headers=EN)
    assert assert_problem(response, 413, "too_large")["limit_bytes"] == 2 * 1024 * 1024


def test_compressed_body() -> None:
    headers = {**EN, "Content-Encoding": "gzip"}
    body = gzip.compress(b'{"items": []}')
    response = Client().post("/api/v1/open/", body, "application/json", headers=headers)
    assert "Content-Encoding" in assert_problem(response, 415, "compressed_body")["detail"]


def test_body_of_unknown_length() -> None:
    headers = {**EN, "Transfer-Encoding": "chunked"}
    response = Client().generic("POST", "/api/v1/open/", b"", "application/json", headers=headers)
    assert_problem(response, 411, "length_required")


def test_form_for_a_token_beyond_the_limit() -> None:
    response = Client().post("/oauth/token/", {"scope": "x" * 3_000_000}, headers=EN)
    assert_problem(response, 413, "too_large")


def test_field_errors_name_their_place() -> None:
    body = {
        "items": [{"name": "right"}, {"name": "much too long", "count": 101, "colour": "red"}],
        "surplus": 1,
    }
    problem = assert_problem(
        Client().post("/api/v1/open/", body, "application/json", headers=EN), 400, "invalid"
    )
    assert problem["errors"][-1] == {
        "field": "surplus", "code": "unknown_field", "detail": "There is no such field.",
    }  # fmt: skip
    assert {(e["field"], e["code"]) for e in problem["errors"]} == {
        ("items.1.name", "max_length"), ("items.1.count", "max_value"), ("items.1.colour", "unknown_field"),
        ("surplus", "unknown_field"),
    }  # fmt: skip


def test_body_that_is_no_object() -> None:
    problem = assert_problem(
        Client().post("/api/v1/open/", "[1]", "application/json", headers=EN), 400, "invalid"
    )
    [error] = problem["errors"]
    assert (error["field"], error["detail"]) == (None, "A JSON object with named fields is expected here.")


@pytest.mark.parametrize(
    ("text", "code"),
    [("2026-11-21T10:00:00", "naive"), ("0001-01-01T00:00:00+14:00", "overflow"), ("no", "invalid")],
)
def test_a_moment_says_its_offset(text: str, code: str) -> None:
    body = {"items": [{"name": "a", "moment": text}]}
    problem = Client().post("/api/v1/open/", body, "application/json", headers=EN).json()
    assert [(e["field"], e["code"]) for e in problem["errors"]] == [("items.0.moment", code)]


def test_moments_go_out_in_utc() -> None:
    body = {"items": [{"name": "a", "moment": "2026-11-21T10:00:00+11:00"}]}
    answer = Client().post("/api/v1/open/", body, "application/json", headers=EN).json()
    assert answer["items"][0]["moment"] == "2026-11-20T23:00:00Z"


def test_our_own_errors() -> None:
    client = Client(headers=EN)
    assert_problem(client.get("/api/v1/failing/?how=404"), 404, "not_found")
    assert assert_problem(client.get("/api/v1/failing/?how=403"), 403, "forbidden")["hint"] == "office"
    problem = assert_problem(client.get("/api/v1/failing/?how=fields"), 400, "invalid")
    assert [(e["field"], e["detail"]) for e in problem["errors"]] == [
        ("phone", "one"), ("phone", "two"), (None, "whole"),
    ]  # fmt: skip


def test_database_that_is_away_is_503() -> None:
    response = Client().get("/api/v1/failing/?how=away", headers=EN)
    assert_problem(response, 503, "unavailable")
    assert response["Retry-After"]


def test_a_crash_says_nothing_of_itself() -> None:
    response = Client(raise_request_exception=False).get("/api/v1/failing/?how=crash", headers=EN)
    assert_problem(response, 500, "server_error")
    assert b"secret" not in response.content


def test_nul_never_reaches_the_database() -> None:
    assert_problem(Client().get("/api/v1/open/?q=%00", headers=EN), 400, "bad_request")
    assert_problem(Client().get("/api/v1/open/%00/", headers=EN), 400, "bad_request")


def test_unknown_parameter_is_refused() -> None:
    problem = assert_problem(Client().get("/api/v1/open/?colour=red", headers=EN), 400, "invalid")
    assert problem["errors"][0]["field"] == "colour"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("kk", "kk"), ("en-GB,en;q=0.8", "en"), ("fr, kk;q=0.5", "kk"), ("fr", "ru"), ("", "ru"), ("*", "ru")],
)
def test_language_follows_the_header(accepted: str, language: str) -> None:
    response = Client().get("/api/v1/nothing/", headers={"Accept-Language": accepted})
    assert response["Content-Language"] == language
    assert "Accept-Language" in response["Vary"]


def test_request_id_is_kept() -> None:
    response = Client().get("/api/v1/nothing/", headers={"X-Request-ID": "abc-123-def"})
    assert response.json()["request_id"] == response["X-Request-ID"] == "abc-123-def"


def test_transient_database_error_outside_of_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    from cluster_portal.api import exceptions

    class Cause(Exception):
        pgcode = "40P01"

    error = OperationalError("deadlock")
    error.__cause__ = Cause()
    response = exceptions.handle(error, {})
    assert (response.status_code, response.data["code"]) == (409, "busy")


def test_number_too_large_for_a_column() -> None:
    from django.db import DataError

    from cluster_portal.api import exceptions

    with connection.cursor() as cursor:
        try:
            cursor.execute("SELECT 99999999999::int")
        except DataError as exc:
            response = exceptions.handle(exc, {})
    assert (response.status_code, response.data["code"]) == (400, "out_of_range")


def test_caller_of_another_organisation_finds_nothing() -> None:
    caller = Caller()
    assert_problem(caller.get("/api/v1/toys/00000000-0000-0000-0000-000000000000/"), 404, "not_found")
    assert_problem(caller.get("/api/v1/toys/not-a-uuid/"), 404, "not_found")


def test_schema_and_docs_are_not_problems() -> None:
    assert json.loads(Client().get("/api/schema/").content)["openapi"] == "3.1.0"
    assert Client().get("/api/schema/")["Content-Type"] != PROBLEM


def _away(*args: object, **options: object) -> None:
    raise OperationalError("the database went away")


def test_what_breaks_before_any_view_is_a_problem_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **options: object) -> None:
        raise ValueError("a mistake of ours")

    monkeypatch.setattr("django.contrib.sessions.middleware.SessionMiddleware.process_request", broken)
    client = Client(raise_request_exception=False, headers={"Accept-Language": "kk"})
    response = client.get("/api/v1/open/")
    problem = assert_problem(response, 500, "server_error")
    assert problem["title"] == "Біздің жақта ақау шықты"
    assert response["Content-Language"] == "kk" and "Retry-After" not in response
    assert client.get("/").status_code == 500


@pytest.mark.urls("cluster_portal.urls")
@pytest.mark.parametrize(
    "layer",
    [
        "django.contrib.sessions.middleware.SessionMiddleware.process_request",
        "cluster_portal.accounts.sessions.SessionStore.load",
        "cluster_portal.web.middleware.resolve_actor",
    ],
)
def test_a_database_that_is_away_before_any_view(monkeypatch: pytest.MonkeyPatch, layer: str) -> None:
    user = make.make_user()
    client = Client(raise_request_exception=False, headers={"Accept-Language": "en"})
    client.force_login(user)
    client.cookies["language"] = "en"
    monkeypatch.setattr(layer, _away)
    answer = client.get("/api/v1/services/")
    assert_problem(answer, 503, "unavailable")
    page = client.get("/")
    assert page.status_code == 503 and b"The portal cannot answer for a moment" in page.content
    assert answer["Retry-After"] == page["Retry-After"] == "5"


@pytest.mark.urls("cluster_portal.urls")
def test_a_database_that_is_away_is_told_to_other_doors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.contrib.sessions.middleware.SessionMiddleware.process_request", _away)
    client = Client(raise_request_exception=False, headers=EN)
    told = client.get("/fhir/r4/Patient")
    assert (told.status_code, told.json()["resourceType"], told["Retry-After"]) == (
        503,
        "OperationOutcome",
        "5",
    )
    assert_problem(client.get("/ogc/collections/plots/items"), 503, "unavailable")

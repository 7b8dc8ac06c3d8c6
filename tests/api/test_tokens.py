"""OAuth 2.0 client credentials, and what a token opens."""

import base64
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken

from clinics.services.clients import create_api_client
from cluster_portal.accounts.services.clients import rotate_secret, set_client_active
from cluster_portal.api import scopes, throttling
from cluster_portal.common.actor import SYSTEM
from tests.api.support import Caller, assert_problem, make_token
from tests.factories.clinics import PASSWORD, make_client, make_member, make_organization

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.urls")]

GRANT = {"grant_type": "client_credentials"}


def make(*granted: str):
    return create_api_client(
        SYSTEM, organization_id=make_organization().pk, scopes=frozenset(granted) or scopes.ALL, name="МИС"
    )


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def fetch(client, secret: str, **form: str):
    return Client().post("/oauth/token/", GRANT | form, headers=basic(client.client_id, secret))


def me(token: str):
    return Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"})


def test_token_opens_the_door_for_its_organisation() -> None:
    client, secret = make("referrals:read", "slots:read")
    answer = fetch(client, secret)
    assert answer.status_code == 200
    token = answer.json()
    assert token["token_type"] == "Bearer" and token["expires_in"] == 900
    assert set(token["scope"].split()) == {"referrals:read", "slots:read"}
    assert "no-store" in answer["Cache-Control"]
    assert me(token["access_token"]).json() == {
        "kind": "client", "id": str(client.pk), "name": "МИС", "roles": ["client"],
        "organization": {"id": str(client.memberships.get().organization_id),
                         "name": client.memberships.get().organization.short_name_en},
        "scopes": ["referrals:read", "slots:read"], "time_zone": "UTC",
        "memberships": [{"id": str(client.memberships.get().organization_id),
                         "name": client.memberships.get().organization.short_name_en}],
    }  # fmt: skip


def test_credentials_in_the_form_work_too() -> None:
    client, secret = make()
    form = GRANT | {"client_id": client.client_id, "client_secret": secret}
    assert Client().post("/oauth/token/", form).status_code == 200


def test_neither_token_nor_secret_is_stored() -> None:
    client, secret = make()
    token = fetch(client, secret).json()["access_token"]
    row = AccessToken.objects.get()
    assert token not in (row.token, row.token_checksum) and row.token == ""
    client.refresh_from_db()
    assert secret not in client.client_secret


def test_scopes_narrow_and_never_widen() -> None:
    client, secret = make("referrals:read", "slots:read")
    assert fetch(client, secret, scope="slots:read").json()["scope"] == "slots:read"
    for scope in ("patients:read", "no-such:scope", "slots:read referrals:write"):
        answer = fetch(client, secret, scope=scope)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("form", [{}, {"grant_type": "password", "username": "a", "password": "b"},
                                  {"grant_type": "authorization_code", "code": "x"},
                                  {"grant_type": "refresh_token", "refresh_token": "x"}])  # fmt: skip
def test_there_is_no_other_grant(form: dict[str, str]) -> None:
    client, secret = make()
    answer = Client().post("/oauth/token/", form, headers=basic(client.client_id, secret))
    assert answer.status_code == 400
    assert answer.json()["error"] in {"unsupported_grant_type", "invalid_request"}


def test_wrong_secret_and_unknown_client_look_alike() -> None:
    client, _secret = make()
    wrong, unknown = (
        fetch(client, "wrong"),
        Client().post("/oauth/token/", GRANT, headers=basic("nobody", "wrong")),
    )
    for answer in (wrong, unknown):
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Basic")
        body = answer.json()
        assert body["error"] == body["code"] == "invalid_client"
        assert body["title"] and body["detail"] and body["status"] == 401
    assert {**wrong.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}


def test_damaged_basic_header() -> None:
    for header in ("Basic !!!", "Basic " + base64.b64encode(b"\xff\xfe").decode(), "Basic"):
        assert Client().post("/oauth/token/", GRANT, headers={"Authorization": header}).status_code == 401


def test_expired_and_unknown_tokens() -> None:
    caller = Caller()
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    response = caller.get("/api/v1/me/")
    assert_problem(response, 401, "invalid_token")
    assert 'error="invalid_token"' in response["WWW-Authenticate"]
    assert_problem(me("nonsense"), 401, "invalid_token")
    assert_problem(me(""), 401, "invalid_token")


def test_without_any_credentials() -> None:
    response = Client().get("/api/v1/me/", headers={"Accept-Language": "en"})
    assert_problem(response, 401, "not_signed_in")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_client_that_is_switched_off_is_dead_at_once() -> None:
    client, secret = make()
    token = fetch(client, secret).json()["access_token"]
    set_client_active(SYSTEM, client_id=client.pk, active=False)
    assert_problem(me(token), 401, "invalid_token")
    assert fetch(client, secret).status_code == 401
    set_client_active(SYSTEM, client_id=client.pk, active=True)
    assert_problem(me(token), 401, "invalid_token")
    assert fetch(client, secret).status_code == 200


def test_scope_taken_from_the_client_is_gone_from_its_tokens() -> None:
    caller = Caller()
    caller.api_client.allowed_scopes = ["slots:read"]
    caller.api_client.save()
    assert caller.get("/api/v1/me/").json()["scopes"] == ["slots:read"]


def test_rotation_leaves_no_gap() -> None:
    client, first = make()
    _client, second = rotate_secret(SYSTEM, client_id=client.pk)
    assert fetch(client, first).status_code == fetch(client, second).status_code == 200
    _client, third = rotate_secret(SYSTEM, client_id=client.pk, overlap=timedelta(0))
    assert fetch(client, first).status_code == fetch(client, second).status_code == 401
    assert fetch(client, third).status_code == 200


def test_revoke_one_s_own_token_only() -> None:
    client, secret = make()
    token = fetch(client, secret).json()["access_token"]
    other, other_secret = make()

    def revoke(client, secret: str):
        return Client().post(
            "/oauth/revoke_token/", {"token": token}, headers=basic(client.client_id, secret)
        )

    assert revoke(other, other_secret).status_code == 200
    assert me(token).status_code == 200
    assert revoke(client, secret).status_code == 200
    assert me(token).status_code == 401


def test_token_address_is_limited_by_address(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OAUTH_REQUESTS_PER_MINUTE = 3
    monkeypatch.setattr(throttling.time, "time", lambda: 1_800_000_000.0)
    answers = [Client().post("/oauth/token/", GRANT, headers=basic("nobody", "x")) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[3]["Retry-After"] and answers[3]["Content-Type"] == "application/problem+json"


def test_scope_decides_about_read_and_write() -> None:
    caller = Caller(granted=frozenset({"organizations:read"}))
    assert caller.get("/api/v1/toys/").status_code == 200
    response = caller.post("/api/v1/toys/", {"phone": "1"})
    problem = assert_problem(response, 403, "insufficient_scope")
    assert problem["required_scope"] == "organizations:write"
    assert 'scope="organizations:write"' in response["WWW-Authenticate"]
    assert_problem(Caller(granted=frozenset({"slots:read"})).get("/api/v1/toys/"), 403, "insufficient_scope")


def test_view_without_a_declared_scope_is_closed() -> None:
    assert_problem(Caller().get("/api/v1/undeclared/"), 403, "forbidden")
    assert_problem(Client().get("/api/v1/undeclared/"), 401, "not_signed_in")


def test_client_without_organisation_is_nobody() -> None:
    client = make_client(allowed_scopes=["slots:read"])
    token = make_token(client)
    assert me(token).status_code == 200
    client.memberships.update(is_active=False)
    assert_problem(me(token), 401, "invalid_token")


def test_one_query_to_know_who_calls(django_assert_num_queries) -> None:
    caller = Caller()
    with django_assert_num_queries(1):
        caller.get("/api/v1/me/")


class TestPeople:
    """Sessions of people work too, with the page's protection mark."""

    def test_read(self) -> None:
        organization = make_organization()
        user = make_member("referrer", "manager", organization=organization)
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(user)
        answer = client.get("/api/v1/me/").json()
        assert (answer["kind"], answer["scopes"], answer["roles"]) == ("user", None, ["manager", "referrer"])

    def test_write_needs_the_csrf_token(self) -> None:
        user = make_member()
        client = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})
        assert client.login(email=user.email, password=PASSWORD)
        assert_problem(client.post("/api/v1/toys/", {"phone": "1"}, "application/json"), 403, "csrf_failed")
        client.cookies["csrftoken"] = "a" * 32
        headers = {"X-CSRFToken": "a" * 32}
        answer = client.post("/api/v1/toys/", {"phone": "1"}, "application/json", headers=headers)
        assert answer.status_code == 201

    def test_token_needs_none(self) -> None:
        caller = Caller(enforce_csrf_checks=True)
        assert caller.post("/api/v1/toys/", {"phone": "1"}).status_code == 201

    def test_person_switched_off_is_out(self) -> None:
        user = make_member()
        client = Client()
        client.force_login(user)
        user.is_active = False
        user.save()
        assert client.get("/api/v1/me/").status_code == 401


class TestCommand:
    """`manage.py create_api_client` prints JSON."""

    def run(self, capsys, *arguments: str) -> dict:
        import json

        call_command("create_api_client", *arguments)
        return json.loads(capsys.readouterr().out)

    @pytest.mark.parametrize("by", ["id", "inn", "name"])
    def test_create(self, capsys, by: str) -> None:
        organization = make_organization(inn="6501025296", name_ru="Больница имени Анкудинова")
        key = {"id": str(organization.pk), "inn": "6501025296", "name": "анкудинова"}[by]
        made = self.run(
            capsys, "--organization", key, "--scopes", "referrals:read,slots:read", "patients:write"
        )
        assert made["scopes"] == ["patients:write", "referrals:read", "slots:read"]
        headers = basic(made["client_id"], made["client_secret"])
        token = Client().post("/oauth/token/", GRANT, headers=headers).json()["access_token"]
        assert me(token).json()["organization"]["id"] == str(organization.pk)

    def test_rotate_and_disable(self, capsys) -> None:
        made = self.run(capsys, "--organization", str(make_organization().pk))
        again = self.run(capsys, "--rotate", made["client_id"])
        assert again["client_secret"] != made["client_secret"] and again["previous_secret_until"]
        assert self.run(capsys, "--disable", made["client_id"])["is_active"] is False

    def test_refusals_are_in_words(self) -> None:
        from django.core.management.base import CommandError

        make_organization(name_ru="Общая больница"), make_organization(name_ru="Общая поликлиника")
        for arguments, text in (
            (["--organization", "Общая"], "name one by its id"),
            (["--organization", "нет такой"], "No organisation fits"),
            (["--organization", str(make_organization().pk), "--scopes", "x:read"], "Unknown scopes: x:read"),
            (["--rotate", "nobody"], "No client"),
            ([], "Say --organization"),
        ):
            with pytest.raises(CommandError, match=text):
                call_command("create_api_client", *arguments)


def test_client_libraries_find_the_door(client) -> None:
    told = client.get("/.well-known/oauth-authorization-server").json()
    assert told["issuer"] == "http://testserver" and set(told["scopes_supported"]) == scopes.ALL
    caller = make_client(make_organization(), allowed_scopes=["clinics:read"])
    _client, secret = rotate_secret(SYSTEM, client_id=caller.pk)
    for way in told["token_endpoint_auth_methods_supported"]:
        form, headers = {"grant_type": told["grant_types_supported"][0]}, {}
        if way == "client_secret_basic":
            pair = base64.b64encode(f"{caller.client_id}:{secret}".encode()).decode()
            headers = {"Authorization": f"Basic {pair}"}
        else:
            form |= {"client_id": caller.client_id, "client_secret": secret}
        assert client.post(told["token_endpoint"], form, headers=headers).status_code == 200

import re

import pytest
from django.test import Client, RequestFactory

from cluster_portal.accounts.models import User
from cluster_portal.web.middleware import client_ip

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.urls")]
LOGIN = "/accounts/login/"


@pytest.fixture
def user() -> User:
    return User.objects.create_user("dubova@example.org", "a long password", name="Марина Дубова")


def test_a_sane_request_id_is_kept_and_any_other_replaced(client: Client) -> None:
    assert client.get(LOGIN, headers={"X-Request-ID": "proxy-12345678"})["X-Request-ID"] == "proxy-12345678"
    for bad in ("short", "x" * 80, "line\nbreak-12345", "<script>alert</script>"):
        assert re.fullmatch(r"[0-9a-f]{32}", client.get(LOGIN, headers={"X-Request-ID": bad})["X-Request-ID"])


def test_every_page_carries_the_safe_headers(client: Client) -> None:
    response = client.get(LOGIN)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in response["Permissions-Policy"]


def test_signed_in_pages_are_stored_by_nobody(client: Client, user: User) -> None:
    client.force_login(user)
    assert client.get("/fail/missing/")["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(("given", "proxies", "expected"), [
    ("1.1.1.1, 2.2.2.2", 0, "9.9.9.9"),
    ("1.1.1.1, 2.2.2.2", 1, "2.2.2.2"),
    ("1.1.1.1, 2.2.2.2", 2, "1.1.1.1"),
    ("1.1.1.1", 2, "9.9.9.9"),
    ("", 1, "9.9.9.9"),
])  # fmt: skip
def test_only_our_own_proxies_are_believed(settings, given: str, proxies: int, expected: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": given}, REMOTE_ADDR="9.9.9.9")
    assert client_ip(request) == expected


def test_russian_comes_first_whatever_the_browser_prefers(client: Client) -> None:
    response = client.get(LOGIN, headers={"Accept-Language": "en"})
    assert '<html lang="ru"' in response.text
    assert response["Content-Language"] == "ru"


def test_the_cookie_goes_before_the_account(client: Client, user: User) -> None:
    user.language = "kk"
    user.save()
    client.force_login(user)
    assert client.get("/fail/missing/")["Content-Language"] == "kk"
    client.cookies["language"] = "en"
    assert client.get("/fail/missing/")["Content-Language"] == "en"
    client.cookies["language"] = "xx"
    assert client.get("/fail/missing/")["Content-Language"] == "kk"


@pytest.mark.parametrize(("how", "status"), [("conflict", 409), ("forbidden", 403), ("missing", 404)])
def test_an_expected_failure_is_a_page_in_words(client: Client, how: str, status: int) -> None:
    client.cookies["language"] = "en"
    response = client.get(f"/fail/{how}/")
    assert response.status_code == status
    assert "<h1>" in response.text
    assert response["X-Request-ID"] in response.text


def test_htmx_gets_the_failure_as_a_toast(client: Client) -> None:
    response = client.get("/fail/conflict/", headers={"HX-Request": "true"})
    assert response.status_code == 409
    assert response["HX-Retarget"] == "#toasts"
    assert 'role="alert"' in response.text
    assert "<html" not in response.text


def test_a_stranger_is_led_to_sign_in_and_back(client: Client) -> None:
    response = client.get("/fail/signed-out/?page=2")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/fail/signed-out/%3Fpage%3D2"


def test_a_form_sent_by_a_stranger_says_so(client: Client) -> None:
    assert client.post("/fail/signed-out/").status_code == 401


def test_the_error_page_leads_back_only_within_the_portal(client: Client) -> None:
    here = client.get("/fail/conflict/", headers={"Referer": "http://testserver/referrals/"})
    assert 'href="http://testserver/referrals/"' in here.text
    assert "evil" not in client.get("/fail/conflict/", headers={"Referer": "http://evil.example/"}).text


def test_an_unknown_address_is_a_page_too(client: Client) -> None:
    response = client.get("/there/is/nothing/")
    assert response.status_code == 404
    assert "<h1>" in response.text


def test_our_own_failure_shows_a_page_without_details(client: Client) -> None:
    client.raise_request_exception = False
    response = client.get("/fail/broken/")
    assert response.status_code == 500
    assert response["X-Request-ID"] in response.text
    assert "ValueError" not in response.text


def test_an_old_form_is_explained() -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["language"] = "en"
    response = client.post("/language/", {"language": "kk"})
    assert response.status_code == 403
    assert "The form is out of date" in response.text


def test_a_request_for_another_host_is_refused_in_words(client: Client, settings) -> None:
    settings.ALLOWED_HOSTS = ["ours.example"]
    response = client.get(LOGIN, headers={"Host": "stranger.example"})
    assert response.status_code == 400
    assert '<html lang="ru"' in response.text


def test_a_failure_is_told_when_its_page_cannot_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    def undrawable(*args: object) -> None:
        raise ValueError("the list of files is missing")

    monkeypatch.setattr("cluster_portal.web.errors.render_to_string", undrawable)
    monkeypatch.setattr("cluster_portal.web.middleware.chosen_language", undrawable)
    response = Client(raise_request_exception=False).get("/", headers={"X-Request-ID": "errand-0001"})
    assert response.status_code == 500
    assert b"errand-0001" in response.content

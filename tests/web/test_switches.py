import pytest
from django.test import Client

from cluster_portal.accounts.models import User

pytestmark = pytest.mark.django_db


def test_the_language_is_remembered_by_browser_and_account(client: Client) -> None:
    user = User.objects.create_user("ann@example.org", name="Анна")
    client.force_login(user)
    response = client.post("/language/", {"language": "kk", "next": "/accounts/password/change/"})
    assert response["Location"] == "/accounts/password/change/"
    user.refresh_from_db()
    assert user.language == "kk"
    cookie = response.cookies["language"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("kk", True, "Lax")


def test_an_unknown_language_changes_nothing(client: Client) -> None:
    assert "language" not in client.post("/language/", {"language": "xx"}).cookies


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_a_switch_never_leads_out_of_the_portal(client: Client, target: str) -> None:
    assert client.post("/language/", {"language": "en", "next": target})["Location"] == "/"
    assert client.post("/contrast/", {"on": "1", "next": target})["Location"] == "/"


def test_switches_are_forms_not_links(client: Client) -> None:
    assert client.get("/language/").status_code == 405
    assert client.get("/contrast/").status_code == 405


def test_high_contrast_is_said_in_the_page(client: Client) -> None:
    assert "data-contrast" not in client.get("/accounts/login/").text
    client.post("/contrast/", {"on": "1"})
    page = client.get("/accounts/login/").text
    assert '<html lang="ru" data-contrast>' in page
    assert "contrast.css" in page
    client.post("/contrast/", {"on": "0"})
    assert "data-contrast" not in client.get("/accounts/login/").text

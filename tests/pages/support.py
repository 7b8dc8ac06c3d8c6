"""What the tests of the desks share."""

from django.urls import reverse

from cluster_portal.common import summaries

#: A surname that no page of sums may show.
CANARY = "Канарейкин"


def count_by_day():
    """Bring the sums behind the screens up to date."""
    for name in summaries.names():
        summaries.refresh(name)


def open_desk(client, user, query="", language="ru"):
    client.cookies["language"] = language
    client.force_login(user)
    response = client.get(reverse("pages:desk") + query)
    assert response.status_code == 200
    return response

"""Saved searches on the pages: one that is not understood any more, and the link that stops the letters."""

from __future__ import annotations

import pytest

from investors.models import SavedSearch
from investors.selectors.watching import sign
from investors.tasks import look_for_new_plots
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db

BROKEN = (
    {"area": "9-1"}, {"power": "much"}, {"site": "here"}, {"direction": "spa"}, {"colour": "red"}, {"state": 1},
    ["area"], "area", None,
)  # fmt: skip


@pytest.fixture
def person(client):
    user = make.make_user()
    client.force_login(user)
    return user


def test_a_search_that_is_not_understood_is_told_of_and_stops_no_other(client, person, site):
    broken = [SavedSearch.objects.create(user=person, name="Старый", asked=asked or {"area": ""}, language="ru")
              for asked in BROKEN]  # fmt: skip
    SavedSearch.objects.create(user=person, name="Все", asked={"area": "0-1.5"}, language="ru")
    rows.make_plot(site)
    assert look_for_new_plots() == 1
    page = client.get("/plots/watched/")
    assert page.status_code == 200
    assert [row["address"] for row in page.context["searches"]] == ["/plots/?area=0-1.5"] + [None] * len(
        broken
    )
    assert page.content.decode().count("таких фильтров больше нет") == len(broken)
    assert client.post(f"/plots/searches/{broken[0].pk}/remove/").status_code == 303
    assert not SavedSearch.objects.filter(pk=broken[0].pk).exists()


def test_the_link_of_a_letter_may_be_followed_again(client, person):
    search = SavedSearch.objects.create(user=person, name="Клиники", asked={}, language="ru")
    address = f"/plots/searches/stop/{sign(search)}/"
    client.logout()
    assert "Клиники" in client.get(address).content.decode()
    for _time in range(2):
        assert client.post(address).status_code == 303
    again = client.get(address)
    assert again.status_code == 200 and b'<form method="post"><button' not in again.content
    assert client.get(f"{address[:-2]}/").status_code == 404

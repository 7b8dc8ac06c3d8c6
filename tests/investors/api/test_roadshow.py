"""The roadshow by REST: the offices keep whom they met; a contact stays with its event."""

import pytest

from tests.factories import clinics as make
from tests.factories import groups
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db

URL = "/api/v1/roadshow-contacts/"
JSON = {"content_type": "application/json"}


@pytest.fixture
def office(client, site):
    client.force_login(make.make_member("land"))
    return client


def test_a_contact_is_kept_corrected_and_becomes_a_company(office):
    event, other, company = groups.make_event(), groups.make_event(), rows.make_investor()
    made = office.post(
        URL, {"event": str(event.pk), "company": "Hana", "country": "KR", "person": "Kim"}, **JSON
    )
    assert made.status_code == 201, made.content
    address = f"{URL}{made.json()['id']}/"
    changed = office.patch(address, {"investor": str(company.pk), "next_step": "Визит"}, **JSON).json()
    assert (changed["investor"], changed["next_step"], changed["event"]) == (
        str(company.pk),
        "Визит",
        str(event.pk),
    )
    for body, field in (
        ({"event": str(other.pk)}, "event"),
        ({"investor": str(event.pk)}, "investor"),
        ({"country": "XX"}, "country"),
    ):
        refused = office.patch(address, body, **JSON)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field)
    assert office.get(f"{URL}?event={other.pk}").json()["results"] == []

"""The plan as a page and as a resource: what it shows, what a confirmation answers, how one comes to it."""

from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cluster_portal.api import scopes
from tests.api.support import make_token
from tests.factories import clinics, patients
from tests.factories.clinics import at
from tests.factories.patients import active_bookings
from tests.patients.views.conftest import sign_in  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

ADDRESS = "/referrals/moving/"


@pytest.fixture
def client_of(sign_in):  # noqa: F811
    return sign_in


def test_the_page_proposes_and_confirms(ward, client_of):
    client = client_of(ward.coordinator)
    one, two = ward.booked(at(2, 9)), ward.booked(at(2, 10), due=2)
    ward.fall_ill()
    slot = ward.slot(at(3, 9), ward.colleague)
    seen, other = active_bookings(one)[0], active_bookings(two)[0]
    page = client.get(ADDRESS).content.decode()
    assert one.number in page and two.number in page
    assert f'name="to-{seen.pk}"' in page and f'value="{slot.pk}"' in page
    answer = client.post(
        ADDRESS, {f"to-{seen.pk}": str(slot.pk), f"to-{other.pk}": "call", "comment": "Заболел"}
    )
    assert answer.status_code == 200
    one.refresh_from_db()
    assert one.appointment_at == slot.start
    told = answer.context["outcomes"]
    assert [outcome["tone"] for outcome in told] == ["good", "info"]
    assert [row["referral"] for row in answer.context["rows"]] == [two]
    again = client.post(ADDRESS, {f"to-{seen.pk}": str(slot.pk)})
    assert [outcome["tone"] for outcome in again.context["outcomes"]] == ["info"]


def test_a_lost_row_gets_a_fresh_proposal(ward, client_of):
    client = client_of(ward.coordinator)
    referral = ward.booked()
    ward.fall_ill()
    slot, next_one = ward.slot(at(3, 9), ward.colleague), ward.slot(at(3, 10), ward.colleague)
    assert client.get(ADDRESS).context["rows"][0]["groups"][0]["times"][0]["id"] == slot.pk
    patients.make_booking(patients.make_referral(state="accepted", service=ward.service), slot)
    answer = client.post(ADDRESS, {f"to-{active_bookings(referral)[0].pk}": str(slot.pk)})
    assert answer.context["refused"] == 1
    assert answer.context["rows"][0]["groups"][0]["times"][0]["id"] == next_one.pk


def test_nothing_chosen_is_said_at_the_top(ward, client_of):
    client = client_of(ward.coordinator)
    referral = ward.booked()
    ward.fall_ill()
    answer = client.post(ADDRESS, {"to-nobody": "call", f"to-{referral.pk}": "nonsense"})
    assert answer.status_code == 422
    assert answer.context["form"].errors


def test_the_page_costs_the_same_for_one_and_for_thirty(ward, client_of, django_assert_num_queries):
    client = client_of(ward.coordinator)
    ward.booked(at(2, 7))
    clinics.make_slots(ward.service, 40, first=at(4, 8))
    ward.fall_ill()
    client.get(ADDRESS)

    with CaptureQueriesContext(connection) as caught:
        client.get(ADDRESS)
    for n in range(29):
        ward.booked(at(2, 8 + n // 3, 20 * (n % 3)))
    ward.fall_ill()
    with django_assert_num_queries(len(caught)):
        assert len(client.get(ADDRESS).context["rows"]) == 30


def test_closing_a_time_leads_to_the_plan(ward, client_of):
    client = client_of(ward.coordinator)
    referral = ward.booked()
    day = at(2, 9).date().isoformat()
    data = {
        "clinic": str(ward.pair.target.pk), "practitioner": str(ward.ill.pk), "day": day, "starts": "08:00",
        "ends": "18:00", "reason": "sick",
    }  # fmt: skip
    refused = client.post(reverse("clinics:schedule_close"), data)
    assert referral.patient.short_name in refused.content.decode()
    led = client.post(reverse("clinics:schedule_close"), data | {"keep_booked": "1"})
    assert led["Location"] == f"{ADDRESS}?clinic={ward.pair.target.pk}&who={ward.ill.pk}"
    assert [row["referral"] for row in client.get(led["Location"]).context["rows"]] == [referral]
    schedule = client.get(f"{reverse('clinics:schedule')}?day={day}").content.decode()
    assert quote(f"who={ward.ill.pk}", safe="=") in schedule and ADDRESS in schedule


def test_the_referral_says_that_its_time_is_closed(ward, client_of):
    referral = ward.booked()
    address = f"/referrals/{referral.pk}/"
    assert client_of(ward.referrer).get(address).context["visit"]["closing"] == ""
    ward.fall_ill()
    assert "Клиника закрывает это время: болезнь" in client_of(ward.referrer).get(address).content.decode()


def test_the_list_offers_to_move_each_row(ward, client_of):
    referral = ward.booked()
    ward.fall_ill()
    page = client_of(ward.referrer).get("/referrals/out/to_move/").content.decode()
    assert referral.number in page
    assert f"/referrals/{referral.pk}/time/" in page


class TestApi:
    @pytest.fixture
    def program(self, ward, client):
        client_row = clinics.make_client(ward.pair.target.organization, allowed_scopes=sorted(scopes.ALL))
        token = make_token(client_row, scopes.ALL)
        return client, {"Authorization": f"Bearer {token}"}

    def test_the_plan_and_its_outcomes(self, ward, program):
        client, headers = program
        one, two = ward.booked(at(2, 9)), ward.booked(at(2, 10))
        ward.fall_ill()
        slot = ward.slot(at(3, 9), ward.colleague)
        lines = client.get("/api/v1/moves/", headers=headers).json()
        assert [line["number"] for line in lines] == [one.number, two.number]
        assert lines[0]["proposed"] == {
            "slot": str(slot.pk), "start": lines[0]["proposed"]["start"], "clinic": str(ward.pair.target.pk),
            "time_zone": clinics.ZONE, "practitioner": str(ward.colleague.pk), "nearness": "service", "late": False,
        }  # fmt: skip
        assert (lines[0]["reason"], lines[1]["proposed"]) == ("sick", None)
        moves = [
            {"booking": lines[0]["booking"], "slot": str(slot.pk)},
            {"booking": lines[1]["booking"], "act": "wait"},
        ]
        done = client.post("/api/v1/moves/", {"moves": moves}, "application/json", headers=headers).json()
        assert [row["outcome"] for row in done] == ["moved", "waiting"]
        again = client.post("/api/v1/moves/", {"moves": moves}, "application/json", headers=headers).json()
        assert [row["problem"]["code"] for row in again] == ["already_moved", "illegal_transition"]

    def test_what_makes_no_sense_is_a_problem(self, ward, program):
        client, headers = program
        booking = str(active_bookings(ward.booked())[0].pk)
        for body in (
            {"moves": []},
            {"moves": [{"booking": booking}]},
            {"moves": [{"booking": booking, "act": "x"}]},
        ):
            refused = client.post("/api/v1/moves/", body, "application/json", headers=headers)
            assert refused.status_code == 400
            assert refused["Content-Type"] == "application/problem+json"
        narrowed = client.get("/api/v1/moves/?clinic=nowhere", headers=headers)
        assert narrowed.status_code == 400

"""A clinic closes: nobody's referral stays behind at a door that does not open any more."""

import pytest

from clinics.errors import StrandedBookings, WaitingReferrals
from clinics.services.sites import close_clinic
from clinics.states import ClinicStatus
from cluster_portal.accounts.roles import Role
from patients.models import Referral
from patients.services.notices import news_of_step
from tests.factories import clinics as make
from tests.factories import patients

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    make.make_cluster()
    return patients.make_pair()


@pytest.fixture
def office(pair):
    return make.make_actor(Role.OFFICE)


def referral(pair, state):
    return patients.make_referral(state=state, service=pair.service, source=pair.source)


def close(office, clinic, **more):
    return close_clinic(
        office, clinic_id=clinic.pk, closed_on=make.today(), reason="Здание на ремонте", **more
    )


def test_what_waits_is_listed_first_and_goes_back_to_its_sender(office, pair):
    waiting = [referral(pair, state) for state in ("submitted", "accepted", "waitlisted")]
    kept = [referral(pair, state) for state in ("draft", "returned", "rejected", "cancelled")]
    with pytest.raises(WaitingReferrals) as caught:
        close(office, pair.target)
    assert {row["number"] for row in caught.value.extra["referrals"]} == {row.number for row in waiting}
    assert {row["source"] for row in caught.value.extra["referrals"]} == {pair.source.short_name}
    assert not Referral.objects.filter(pk__in=[row.pk for row in waiting], state="returned").exists()
    assert close(office, pair.target, return_waiting=True).status == ClinicStatus.CLOSED
    for row in waiting:
        row.refresh_from_db()
        step = row.steps.order_by("pk").last()
        assert (row.state, step.reason, step.organization_id) == (
            "returned",
            "clinic_closed",
            office.organization_id,
        )
        assert [news["organization_id"] for news in news_of_step(step.pk)] == [row.source_organization_id]
    states = [row.state for row in kept]
    for row in kept:
        row.refresh_from_db()
    assert [row.state for row in kept] == states


def test_the_booked_are_moved_before_and_nothing_is_returned_meanwhile(office, pair):
    waits = referral(pair, "accepted")
    referral(pair, "booked")
    with pytest.raises(StrandedBookings):
        close(office, pair.target, return_waiting=True)
    waits.refresh_from_db()
    assert waits.state == "accepted"


def test_the_office_sees_whom_it_returns_and_says_yes(client, pair):
    client.force_login(make.make_member(Role.OFFICE))
    waits = referral(pair, "accepted")
    address = f"/registry/clinics/{pair.target.pk}/status/close/"
    body = {"closed_on": make.today().isoformat(), "reason": "Здание на ремонте"}
    page = client.post(address, body)
    text = page.content.decode()
    assert page.status_code == 422 and waits.number in text
    assert waits.patient.family not in text and 'name="return_waiting"' in text
    assert client.post(address, body | {"return_waiting": "1"}).status_code == 303
    waits.refresh_from_db()
    assert waits.state == "returned"

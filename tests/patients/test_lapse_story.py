"""A licence from its last day to its renewal, as one story: what may be booked when, by page and by REST."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinics.models import Licence
from clinics.services.licences import renew_credential, resume_credential, suspend_credential
from cluster_portal.accounts.roles import Role
from tests.api.support import Caller, assert_problem
from tests.factories import clinics as make
from tests.factories import patients as make_people
from tests.patients.views.conftest import sign_in  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

TODAY = make.day_of(make.at(0))


@pytest.fixture
def pair():
    make.make_cluster()
    found = make_people.make_pair()
    # Tomorrow is the licence's last day.
    Licence.objects.filter(clinic=found.target).update(valid_to=TODAY + timedelta(days=1))
    return found


@pytest.fixture
def licence(pair) -> Licence:
    return pair.target.licences.get()


@pytest.fixture
def manager(pair):
    return make.make_actor(Role.MANAGER, organization=pair.target.organization)


class ByRest:
    """A hospital's own system books."""

    def __init__(self, pair, sign_in) -> None:  # noqa: F811
        self.pair, self.caller = pair, Caller(pair.source.organization)

    def books(self, days: int) -> bool:
        slot = self.pair.slot(make.at(days, 10))
        answer = self.caller.post(f"/api/v1/referrals/{self.fresh().pk}/book/", {"slot": str(slot.pk)})
        if answer.status_code == 200:
            return True
        problem = assert_problem(answer, 409, "licence_lapsed")
        assert self.reason in problem["detail"], problem
        return False

    def fresh(self):
        patient = make_people.make_patient(self.pair.source.organization)
        make_people.make_consent(patient)
        return self.pair.referral("accepted", patient=patient)

    reason = "Licence"


class ByPage(ByRest):
    """A referrer books in the browser."""

    reason = "Лицензия"

    def __init__(self, pair, sign_in) -> None:  # noqa: F811
        self.pair, self.client = pair, sign_in(pair.referrer)

    def books(self, days: int) -> bool:
        slot, referral = self.pair.slot(make.at(days, 12)), self.fresh()
        address = f"/referrals/{referral.pk}/time/"
        answer = self.client.post(address, {"slot": str(slot.pk), "book": "1"})
        if answer.status_code == 303:
            referral.refresh_from_db()
            return referral.state == "booked"
        assert answer.status_code in {409, 422}
        html = answer.content.decode()
        assert "нет действующей лицензии" in html
        assert any(licence.number in html for licence in self.pair.target.licences.all())
        return False


@pytest.mark.parametrize("way", [ByRest, ByPage])
def test_the_last_day_its_renewal_and_a_suspension(way, pair, licence, manager, sign_in, client):  # noqa: F811
    door = way(pair, sign_in)
    assert door.books(1), "the last day is a day like any other"
    assert not door.books(2), "the day after it is closed"

    renewal = renew_credential(
        manager, kind="licence", credential_id=licence.pk,
        data={"number": "Л041-NEXT", "valid_from": TODAY + timedelta(days=3)},
    )  # fmt: skip
    assert not door.books(2), "between the two it stays closed"
    assert door.books(3), "the renewal opens its first day"

    for_days = {
        "first_day": TODAY + timedelta(days=5),
        "last_day": TODAY + timedelta(days=6),
        "reason": "Приказ № 7",
    }
    suspend_credential(manager, kind="licence", credential_id=renewal.pk, **for_days)
    assert [door.books(day) for day in (4, 5, 6, 7)] == [True, False, False, True]

    resume_credential(manager, kind="licence", credential_id=renewal.pk, reason="Приказ № 9")
    assert door.books(5)


def test_the_public_pages_say_what_is_closed(client, pair, licence):
    page = f"/clinics/{pair.target.pk}/"
    pair.slot(make.at(1, 15))
    html = client.get(page).content.decode()
    assert "закрыта" not in html
    Licence.objects.filter(pk=licence.pk).update(valid_to=TODAY - timedelta(days=1))
    html = client.get(page).content.decode()
    assert "закрыта: нет лицензии" in html
    assert f"истекла {TODAY - timedelta(days=1):%d.%m.%Y}" in html or "закончилась" in html
    assert pair.target.name_ru in client.get("/clinics/").content.decode()


def test_days_are_the_clinic_s_own(pair, licence, sign_in):  # noqa: F811
    """The last day in Yuzhno-Sakhalinsk ends at 13:00 UTC: what begins at 12:40 UTC passes, at 13:20 it does not."""
    door = ByRest(pair, sign_in)
    late = make.at(1, 23, 40)
    for start, passes in ((late, True), (late + timedelta(minutes=40), False)):
        slot = pair.slot(start)
        answer = door.caller.post(f"/api/v1/referrals/{door.fresh().pk}/book/", {"slot": str(slot.pk)})
        assert (answer.status_code == 200) is passes, answer.content

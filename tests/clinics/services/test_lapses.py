"""Warnings before a licence or an accreditation lapses: once for each mark and end, whatever nights were missed."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from clinics.models import LapseWarning, Licence
from clinics.services.lapses import end_suspensions, warn_of_lapses
from clinics.services.licences import renew_credential
from clinics.states import ClinicStatus, LicenceStatus
from clinics.tasks import watch_licences
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from cluster_portal.notifications.models import Notice
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

END = date(2026, 11, 30)


def night(left: int) -> time_machine.travel:
    """Noon of the clinic's day on which `left` days are left."""
    moment = datetime(2026, 11, 30, 1, tzinfo=UTC) - timedelta(days=left)
    return time_machine.travel(moment, tick=False)


@pytest.fixture
def clinic():
    make.make_cluster()
    make.make_specialty()
    return make.make_clinic()


@pytest.fixture
def people(clinic):
    """The clinic's manager and somebody of the office, and others who are not told."""
    for role in (Role.COORDINATOR, Role.REFERRER):
        make.make_member(role, organization=clinic.organization)
    make.make_member(Role.MANAGER)
    manager = make.make_member(Role.MANAGER, organization=clinic.organization)
    return {manager.pk, make.make_member(Role.OFFICE).pk}


def told() -> list[int]:
    return [row.mark for row in LapseWarning.objects.order_by("sent_at", "-mark")]


def make_permit(clinic, **fields):
    return make.make_permit(clinic, make.make_practitioner(clinic), **fields)


@pytest.mark.parametrize(
    "make_one", [make.make_licence, make.make_accreditation, make.make_regime, make_permit]
)
def test_the_manager_and_the_office_hear_of_each_mark_once(clinic, people, make_one):
    paper = make_one(clinic, valid_to=END)
    for left, sent in ((91, 0), (90, 1), (89, 0), (31, 0), (30, 1), (30, 0), (8, 0), (7, 1), (0, 0), (-1, 0)):
        with night(left):
            assert warn_of_lapses(SYSTEM) == sent, left
    assert told() == [90, 30, 7]
    notices = Notice.objects.all()
    assert {notice.user_id for notice in notices} == people
    assert len(notices) == 3 * len(people)
    assert paper.number in notices[0].text
    assert "30.11.2026" in notices[0].text
    assert str(paper.pk) in notices[0].url


def test_a_missed_night_is_made_up_for(clinic, people):
    make.make_licence(clinic, valid_to=END)
    for left in (88, 3):
        with night(left):
            assert watch_licences() == 1
    # The mark of thirty days passed unseen; the nearest one says it.
    assert told() == [90, 7]


def test_a_new_end_is_warned_of_anew(clinic, people):
    licence = make.make_licence(clinic, valid_to=END)
    manager = make.make_actor(Role.MANAGER, organization=clinic.organization)
    with night(6):
        assert warn_of_lapses(SYSTEM) == 1
        renew_credential(
            manager, kind="licence", credential_id=licence.pk,
            data={"number": "next", "valid_from": END + timedelta(days=1), "valid_to": END + timedelta(days=80)},
        )  # fmt: skip
        assert warn_of_lapses(SYSTEM) == 1, "the renewal ends within ninety days itself"
    with night(1):
        assert warn_of_lapses(SYSTEM) == 0, "what is renewed needs no warning"
    assert told() == [7, 90]


def test_a_corrected_end_is_warned_of_anew(clinic, people):
    licence = make.make_licence(clinic, valid_to=END)
    with night(7):
        assert warn_of_lapses(SYSTEM) == 1
        Licence.objects.filter(pk=licence.pk).update(valid_to=END + timedelta(days=60))
        assert warn_of_lapses(SYSTEM) == 1


def test_the_day_is_the_clinic_s_own(people):
    # 14:00 of 30 August in UTC is 1 o'clock of the 31st in Yuzhno-Sakhalinsk, and still the 30th in Moscow.
    east, west = make.make_clinic(), make.make_clinic(time_zone="Europe/Moscow")
    for clinic in (east, west):
        make.make_licence(clinic, valid_to=date(2026, 11, 29))
    with time_machine.travel(datetime(2026, 8, 30, 14, tzinfo=UTC), tick=False):
        assert warn_of_lapses(SYSTEM) == 1
    assert LapseWarning.objects.get().licence.clinic == east


@pytest.mark.parametrize(
    "fields",
    [{"valid_to": None}, {"status": LicenceStatus.CANCELLED}, {"valid_to": END + timedelta(days=200)}],
)
def test_nobody_is_told_without_need(clinic, people, fields):
    make.make_licence(clinic, **{"valid_to": END} | fields)
    with night(5):
        assert warn_of_lapses(SYSTEM) == 0


def test_nobody_is_told_of_a_closed_clinic(people):
    clinic = make.make_clinic(status=ClinicStatus.CLOSED, closed_on=END, close_reason="Объединение")
    make.make_licence(clinic, valid_to=END)
    with night(5):
        assert warn_of_lapses(SYSTEM) == 0


def test_a_suspension_ends_with_its_last_day(clinic):
    fields = {
        "status": LicenceStatus.SUSPENDED,
        "suspended_from": END - timedelta(days=9),
        "suspended_to": END,
    }
    licence = make.make_licence(clinic, **fields)
    endless = make.make_licence(clinic, status=LicenceStatus.SUSPENDED)
    with night(0):
        assert end_suspensions(SYSTEM) == 0
    with night(-1):
        assert end_suspensions(SYSTEM) == 1
        assert end_suspensions(SYSTEM) == 0
    licence.refresh_from_db()
    endless.refresh_from_db()
    assert (licence.status, licence.suspended_from) == (LicenceStatus.ACTIVE, None)
    assert endless.status == LicenceStatus.SUSPENDED
    assert licence.steps.get().first_day == END + timedelta(days=1)

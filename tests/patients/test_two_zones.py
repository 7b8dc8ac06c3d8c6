"""A clinic in Moscow (+3) refers to one in Yuzhno-Sakhalinsk (+11): everywhere the visit's own clock, and its zone."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from pypdf import PdfReader

from clinics.models import Clinic
from cluster_portal.accounts.models import User
from cluster_portal.api import scopes
from cluster_portal.common import background
from cluster_portal.notifications.models import Notice
from patients import papers
from patients.models import Referral
from patients.services.booking import book_referral, reschedule_referral
from tests.api.support import make_token
from tests.factories import clinics, patients
from tests.patients.views.conftest import sign_in  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

#: Half past one in the morning in Moscow is half past nine in Yuzhno-Sakhalinsk; the day of the visit is the same.
NOON = datetime(2030, 3, 4, 12, tzinfo=UTC)
VISIT = datetime(2030, 3, 11, 22, 30, tzinfo=UTC)


@pytest.fixture
def pair():
    clinics.make_cluster()
    found = patients.make_pair()
    Clinic.objects.filter(pk=found.source.pk).update(
        time_zone="Europe/Moscow", city_ru="Москва", short_name_ru="Поликлиника 7"
    )
    Clinic.objects.filter(pk=found.target.pk).update(
        time_zone="Asia/Sakhalin", city_ru="Южно-Сахалинск", short_name_ru="Областная больница"
    )
    found.source.refresh_from_db(), found.target.refresh_from_db()
    return found


@pytest.fixture
def booked(pair):
    """Booked by the referring clinic for 12 March, 09:30 there: 01:30 in Moscow, 11 March in UTC."""
    with time_machine.travel(NOON, tick=False):
        referral = pair.referral("accepted", due_on=None)
        book_referral(pair.referrer, referral_id=referral.pk, slot_id=pair.slot(VISIT).pk)
        yield Referral.objects.get(pk=referral.pk)


def settle():
    while background.relay():
        pass


def test_the_page_of_the_referral(pair, booked, sign_in):  # noqa: F811
    for actor in (pair.referrer, pair.coordinator):
        page = sign_in(actor).get(f"/referrals/{booked.pk}/")
        visit = page.context["visit"]
        assert (visit["start"].hour, visit["start"].minute, visit["start"].day) == (9, 30, 12)
        assert visit["other"] == "01:30"
        text = page.content.decode()
        assert "01:30" in text
        # Both clocks are named with their zones, and how far they are apart.
        assert "UTC+3" in text and "UTC+11" in text
        assert "8" in page.context["clocks"]["apart"]


def test_the_lists_and_the_day_of_arrivals(pair, booked, sign_in):  # noqa: F811
    for actor, side in ((pair.referrer, "out"), (pair.coordinator, "in")):
        page = sign_in(actor).get(f"/referrals/{side}/booked/").content.decode()
        assert "12.03, 09:30" in page
        assert "01:30" not in page.split("<tbody")[1]
    arrivals = sign_in(pair.coordinator).get(
        f"{reverse('patients:arrivals')}?clinic={pair.target.pk}&day=2030-03-12"
    )
    assert [line["referral"] for line in arrivals.context["lines"]] == [booked]
    assert "09:30" in arrivals.content.decode()


def test_the_slip(pair, booked):
    content, _name = papers.slip(pair.referrer, booked.pk, language="ru")
    text = " ".join("".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())
    assert "09:30" in text and "12 марта 2030" in text
    assert "UTC+11" in text and "Южно-Сахалинск" in text
    assert "Москва" in text and "01:30" in text


def test_the_patient_who_looks_it_up(booked, client):
    data = {"number": booked.number, "birth_date": booked.patient.birth_date.isoformat()}
    page = client.post("/lookup/", data).content.decode()
    assert "09:30" in page and "UTC+11" in page


def test_the_notice_and_the_letter(pair, booked):
    settle()
    notice = Notice.objects.get(kind="patients.book", user=pair.coordinator.user_id)
    assert "Областная больница, 12.03, 09:30 (UTC+11)" in notice.text
    reschedule_referral(pair.coordinator, referral_id=booked.pk, slot_id=pair.slot(VISIT.replace(day=12)).pk)
    User.objects.filter(pk=pair.referrer.user_id).update(language="ru")
    settle()
    moved = Notice.objects.get(kind="patients.reschedule", user=pair.referrer.user_id)
    assert "13.03, 09:30 (UTC+11)" in moved.text
    letters = [f"{letter.subject} {letter.body}" for letter in mail.outbox if booked.number in letter.body]
    assert any("13.03, 09:30 (UTC+11)" in letter for letter in letters)


def test_the_zone_is_not_named_where_there_is_one(pair):
    Clinic.objects.filter(pk=pair.source.pk).update(time_zone="Asia/Sakhalin")
    with time_machine.travel(NOON, tick=False):
        referral = pair.referral("accepted", due_on=None)
        book_referral(pair.referrer, referral_id=referral.pk, slot_id=pair.slot(VISIT).pk)
        settle()
    assert Notice.objects.get(kind="patients.book").text.endswith("12.03, 09:30")


def test_an_older_notice_has_no_time(pair):
    notice = Notice(kind="patients.book", params={"number": "SKH-1", "by": {"ru": "Клиника"}}, key="old")
    assert "SKH-1" in notice.text


def test_the_api(pair, booked, client):
    row = clinics.make_client(pair.source.organization, allowed_scopes=sorted(scopes.ALL))
    headers = {"Authorization": f"Bearer {make_token(row, scopes.ALL)}"}
    referral = client.get(f"/api/v1/referrals/{booked.pk}/", headers=headers).json()
    assert referral["appointment_at"] == "2030-03-11T22:30:00Z"
    assert referral["appointment_local"] == "2030-03-12T09:30:00+11:00"
    assert referral["appointment_time_zone"] == "Asia/Sakhalin"
    found = client.get(f"/api/v1/bookings/?referral={booked.pk}", headers=headers).json()["results"][0]
    assert (found["start_local"], found["time_zone"]) == ("2030-03-12T09:30:00+11:00", "Asia/Sakhalin")
    free = pair.slot(VISIT.replace(hour=23))
    moved = client.post(
        f"/api/v1/referrals/{booked.pk}/reschedule/",
        {"slot": str(free.pk)},
        "application/json",
        headers=headers,
    ).json()
    assert moved["appointment_local"] == "2030-03-12T10:30:00+11:00"
    draft = client.get(f"/api/v1/referrals/{pair.referral('draft').pk}/", headers=headers).json()
    assert (draft["appointment_local"], draft["appointment_time_zone"]) == (None, None)

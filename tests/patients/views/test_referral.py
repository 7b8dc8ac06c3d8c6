"""The page of a referral: everything about it, live actions only, journalled, and nothing at all for a stranger."""

from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.models import Clinic
from cluster_portal.accounts.roles import Role
from cluster_portal.audit.selectors import readers
from cluster_portal.common.identifiers import format_snils
from patients.models import Referral
from patients.services.booking import reschedule_referral
from patients.states import ReferralState
from tests.factories import clinics
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db

BUDGET = 20


@pytest.mark.parametrize("state", list(ReferralState))
def test_the_page_of_every_state(pair, referrer, coordinator, state):
    referral = pair.referral(state)
    for client in (referrer, coordinator):
        if client is coordinator and state == "draft":
            continue
        with CaptureQueriesContext(connection) as queries:
            response = client.get(f"/referrals/{referral.pk}/")
        page = response.content.decode()
        assert response.status_code == 200
        assert referral.number in page and pair.patient.full_name in page
        assert format_snils(pair.patient.snils) in page
        assert len(queries) <= BUDGET, len(queries)
        assert (
            page.count("button--primary") <= 3
        )  # the page's one button, in the head and on a telephone's bar


def test_at_most_one_primary_action_and_it_is_live(pair, referrer, coordinator):
    referral = pair.referral("submitted")
    page = coordinator.get(f"/referrals/{referral.pk}/").content.decode()
    assert f'action="/referrals/{referral.pk}/accept/"' in page
    assert "reject/" in page and "arrive/" not in page and "complete/" not in page
    page = referrer.get(f"/referrals/{referral.pk}/").content.decode()
    assert "accept/" not in page and "cancel/" in page


def test_opening_is_journalled_and_shown(pair, referrer, coordinator):
    referral = pair.referral("accepted")
    referrer.get(f"/referrals/{referral.pk}/")
    page = coordinator.get(f"/referrals/{referral.pk}/").content.decode()
    assert pair.referrer.name in page and "Кто открывал" in page
    assert readers("referral", referral.pk).count() == 2


def test_a_stranger_gets_404_with_nothing_in_it(pair, sign_in, client):
    referral = pair.referral("booked")
    for role in (Role.REFERRER, Role.COORDINATOR, Role.MANAGER):
        answer = sign_in(clinics.make_actor(role)).get(f"/referrals/{referral.pk}/")
        assert answer.status_code == 404
        for word in (referral.number, pair.patient.family, pair.target.name_ru):
            assert word not in answer.content.decode()
    assert sign_in(clinics.make_actor(Role.OFFICE)).get(f"/referrals/{referral.pk}/").status_code == 403
    assert client.get(f"/referrals/{referral.pk}/").status_code == 302
    assert readers("referral", referral.pk).count() == 0


def test_both_clocks_are_shown_where_they_differ(pair, referrer):
    seoul = clinics.make_clinic(time_zone="Asia/Seoul", country="KR", city_ru="Сеул")
    service = clinics.make_service(seoul, mode="telemedicine")
    slot = clinics.make_slot(service, start=at(3, 10, 30, "Asia/Seoul"))
    referral = pair.referral("booked", service=service, slot=slot)
    page = referrer.get(f"/referrals/{referral.pk}/").content.decode()
    assert "UTC+11" in page and "UTC+9" in page
    assert "10:30" in page and "12:30" in page
    assert "Телемедицина" in page
    near = pair.referral("booked")
    assert "UTC+" not in referrer.get(f"/referrals/{near.pk}/").content.decode()


def test_the_story_says_who_when_and_why(pair, referrer):
    referral = pair.referral("booked", slot=pair.slot(at(2, 9)))
    slot = pair.slot(at(3, 14, 20))
    reschedule_referral(pair.coordinator, referral_id=referral.pk, slot_id=slot.pk, comment="Врач на выезде")
    page = referrer.get(f"/referrals/{referral.pk}/").content.decode()
    assert "Запись перенесена" in page and "14:20" in page
    assert "Врач на выезде" in page and pair.coordinator.name in page


def test_the_conclusion_comes_back_and_is_marked_as_read(pair, referrer, coordinator):
    referral = pair.referral("completed")
    page = referrer.get(f"/referrals/{referral.pk}/").content.decode()
    assert "Прочитано" in page and referral.conclusion.text in page
    assert "> Прочитано<" not in coordinator.get(f"/referrals/{referral.pk}/").content.decode()
    assert coordinator.post(f"/referrals/{referral.pk}/read/").status_code == 403
    for _ in range(2):
        assert referrer.post(f"/referrals/{referral.pk}/read/").status_code == 303
    assert Referral.objects.get(pk=referral.pk).conclusion_unread is False
    assert "> Прочитано<" not in referrer.get(f"/referrals/{referral.pk}/").content.decode()


def test_in_three_languages(pair, referrer):
    referral = pair.referral("booked")
    for language, word in (("ru", "Ход направления"), ("en", "Who opened it"), ("kk", "Кім ашты")):
        referrer.cookies["language"] = language
        assert word in referrer.get(f"/referrals/{referral.pk}/").content.decode()


def test_the_visit_is_shown_by_the_clinics_clock_whoever_reads(pair, referrer, coordinator):
    Clinic.objects.filter(pk=pair.target.pk).update(time_zone="Europe/Moscow")
    Clinic.objects.filter(pk=pair.source.pk).update(time_zone="Asia/Sakhalin", city_ru="Холмск")
    referral = pair.referral("booked")
    there, own = (
        referral.appointment_at.astimezone(ZoneInfo(zone)) for zone in ("Europe/Moscow", "Asia/Sakhalin")
    )
    for client in (referrer, coordinator):
        page = client.get(f"/referrals/{referral.pk}/").content.decode()
        time = page.partition('date-block__time">')[2].partition("</strong>")[0]
        assert f"{there:%H:%M}" in time
        assert f"{own:%H:%M} по времени: Холмск" in page


def test_the_menu_marks_the_list_that_the_page_leads_back_to(pair, referrer, coordinator):
    referral = pair.referral("submitted")
    incoming = coordinator.get(f"/referrals/{referral.pk}/").context["shell"].menu
    assert [child.url for line in incoming for child in line.children if child.current] == [
        "/referrals/in/triage/"
    ]
    outgoing = referrer.get(f"/referrals/{referral.pk}/").context["shell"].menu
    assert not any(line.current or line.open for line in outgoing if line.url.startswith("/referrals/in/"))

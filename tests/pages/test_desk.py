"""Each role's desk: what waits, from the work lists; figures that lead to them; few queries."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cluster_portal.accounts.roles import Role
from cluster_portal.pages.selectors import desk
from patients.models import Referral
from patients.states import ReferralState
from tests.factories.clinics import (
    actor_of,
    at,
    make_clinic,
    make_cluster,
    make_licence,
    make_member,
    make_organization,
    make_service,
    make_slot,
)
from tests.factories.patients import make_pair, make_patient, make_referral
from tests.pages.support import count_by_day, open_desk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cluster():
    return make_cluster()


def test_visitor_is_led_to_sign_in(client):
    response = client.get(reverse("pages:desk"))
    assert response.status_code == 302
    assert "login" in response["Location"]


def test_person_without_a_role_is_told_what_to_do(client):
    from tests.factories.clinics import make_user

    text = open_desk(client, make_user(), language="en").content.decode()
    assert "You have no role in an organisation yet" in text


def test_registrar_sees_what_waits_for_them_by_deadline(client):
    clinic = make_clinic()
    user = make_member(Role.REFERRER, organization=clinic.organization)
    today = timezone.localdate()
    late = make_referral(source=clinic, state="returned", due_on=today - timedelta(days=1))
    soon = make_referral(source=clinic, state="accepted", due_on=today + timedelta(days=1))
    unread = make_referral(source=clinic, state="completed", due_on=today - timedelta(days=9))
    draft = make_referral(source=clinic, state="draft")
    for state in ("submitted", "booked", "rejected"):
        make_referral(source=clinic, state=state)
    stranger = make_referral(state="returned")
    rows = desk.to_do(actor_of(user, clinic.organization))
    assert [row["id"] for row in rows[:2]] == [late.pk, soon.pk]
    assert {row["id"] for row in rows[2:]} == {unread.pk, draft.pk}
    response = open_desk(client, user)
    text = response.content.decode()
    for referral in (late, soon, unread, draft):
        assert referral.number in text
    assert stranger.number not in text
    labels = {task["row"].number: str(task["button"]["url"]) for task in response.context["rows"]}
    assert labels[soon.number] == reverse("patients:referral_time", args=[soon.pk])
    assert labels[unread.number] == reverse("patients:referral", args=[unread.pk])


def test_coordinator_sees_what_came_in(client):
    pair = make_pair(triage=True)
    waiting = pair.referral("submitted")
    here = pair.referral(
        "in_care", patient=make_patient(pair.source.organization), slot=pair.slot(at(0, 0, 5))
    )
    pair.referral("draft", patient=make_patient(pair.source.organization))
    rows = desk.to_do(pair.coordinator)
    assert {row["id"]: row["side"] for row in rows} == {waiting.pk: "in", here.pk: "in"}
    from cluster_portal.accounts.models import User

    response = open_desk(client, User.objects.get(pk=pair.coordinator.user_id))
    assert reverse("patients:triage_item", args=[waiting.pk]) in response.content.decode()
    assert [visit["referral"].pk for visit in response.context["visits"]] == [here.pk]
    assert response.context["came"] == 1


def test_visit_that_nobody_marked_is_to_do():
    pair = make_pair()
    referral = pair.referral("booked", slot=pair.slot(at(-1)))
    assert [row["id"] for row in desk.to_do(pair.coordinator)] == [referral.pk]
    assert desk.to_do(pair.referrer) == []


def test_every_figure_leads_to_a_list_with_as_many_lines(client):
    clinic = make_clinic()
    user = make_member(Role.REFERRER, Role.COORDINATOR, organization=clinic.organization)
    service = make_service(clinic)
    for state in ReferralState.values:
        if state != "waitlisted":
            make_referral(source=clinic, state=state, due_on=timezone.localdate() - timedelta(days=2))
            make_referral(service=service, state=state)
    response = open_desk(client, user)
    checked = 0
    for group in response.context["groups"]:
        for tile in group["tiles"]:
            page = client.get(tile["url"])
            assert page.status_code == 200, tile
            if "/referrals/out/" in tile["url"] or "/referrals/in/" in tile["url"]:
                listed = page.context["page"]
                assert len(listed.items) == tile["value"], tile
                checked += 1
    assert checked >= 9


def test_four_weeks_count_ones_own():
    pair = make_pair()
    now = timezone.now()
    mine = {"author_id": pair.referrer.user_id}
    pair.referral("booked", submitted_at=now - timedelta(days=3), slot=pair.slot(at(2)), **mine)
    pair.referral(
        "accepted", patient=make_patient(pair.source.organization), no_shows=1,
        submitted_at=now - timedelta(days=10), **mine,
    )  # fmt: skip
    pair.referral(
        "submitted",
        patient=make_patient(pair.source.organization),
        submitted_at=now - timedelta(days=40),
        **mine,
    )
    pair.referral("submitted", patient=make_patient(pair.source.organization))
    weeks = desk.my_four_weeks(pair.referrer)
    assert weeks.sent == 2
    assert weeks.missed == 1 and weeks.visits == 1
    assert weeks.in_time == 1.0
    assert weeks.returned == 0
    assert timedelta(days=4) <= weeks.median_wait <= timedelta(days=6)
    nobody = desk.my_four_weeks(make_pair().referrer)
    assert nobody.sent == 0 and nobody.median_wait is None and nobody.in_time is None


def test_week_ahead_counts_places():
    pair = make_pair()
    make_slot(pair.service, start=at(1), capacity=3, taken=1)
    make_slot(pair.service, start=at(1, 12), capacity=1)
    make_slot(pair.service, start=at(2), state="draft")
    make_slot(make_service(), start=at(1), capacity=9)
    week = desk.week_ahead(pair.coordinator)
    assert len(week) == 7
    assert (week[1]["places"], week[1]["taken"], week[1]["free"]) == (4, 1, 3)
    assert sum(day["places"] for day in week) == 4


def test_manager_sees_record_and_licences(client):
    clinic = make_clinic()
    user = make_member(Role.MANAGER, organization=clinic.organization)
    make_service(clinic)
    make_licence(clinic, "neurology", number="Л-СКОРО", valid_to=timezone.localdate() + timedelta(days=20))
    response = open_desk(client, user)
    text = response.content.decode()
    assert "Л-СКОРО" in text
    assert response.context["sites"][0]["number_of_services"] == 1


ROLES = [
    (Role.REFERRER,), (Role.COORDINATOR,), (Role.MANAGER,), (Role.OFFICE,), (Role.ANALYST,),
    (Role.REFERRER, Role.COORDINATOR), (Role.MANAGER, Role.COORDINATOR),
    (Role.REFERRER, Role.COORDINATOR, Role.MANAGER),
]  # fmt: skip


@pytest.mark.parametrize("roles", ROLES, ids=lambda roles: "+".join(roles))
def test_queries_are_at_most_twelve_and_constant(client, roles, django_assert_max_num_queries):
    clinic = make_clinic()
    user = make_member(*roles, organization=clinic.organization)
    client.force_login(user)
    service = make_service(clinic)
    counts = []
    for n in (1, 30):
        for number in range(n):
            make_referral(source=clinic, state="returned")
            make_referral(service=service, state="submitted")
            start = at(0, 1) + timedelta(minutes=10 * (number + n))
            make_referral(service=service, state="in_care", slot=make_slot(service, start=start, minutes=10))
            make_licence(make_clinic(clinic.organization), "x", valid_to=timezone.localdate())
        count_by_day()
        client.get(reverse("pages:desk"))
        from django.core.cache import cache

        cache.clear()
        with django_assert_max_num_queries(13) as captured:
            assert client.get(reverse("pages:desk")).status_code == 200
        # The session itself is read from the database where the cache has just been emptied.
        counts.append(sum("django_session" not in q["sql"] for q in captured))
    assert counts[0] == counts[1] <= 12


@pytest.mark.parametrize("language", ["ru", "en", "kk"])
@pytest.mark.parametrize(
    "roles",
    [(Role.OFFICE,), (Role.ANALYST,), (Role.REFERRER, Role.COORDINATOR, Role.MANAGER)],
    ids=["office", "analyst", "staff"],
)
def test_desk_has_no_dead_links(client, roles, language):
    clinic = make_clinic()
    user = make_member(*roles, organization=clinic.organization)
    make_referral(source=clinic, state="returned")
    make_referral(service=make_service(clinic), state="submitted")
    count_by_day()
    text = open_desk(client, user, language=language).content.decode()
    addresses = set(re.findall(r'href="(/[^"#]*)', text))
    for address in sorted(addresses):
        if not address.startswith("/static/"):
            assert client.get(address, follow=True).status_code == 200, address


def test_long_names_do_not_break_anything(client):
    organization = make_organization(short_name_ru="Б" * 120)
    clinic = make_clinic(organization, short_name_ru="К" * 120, city_ru="Г" * 120)
    user = make_member(Role.REFERRER, Role.MANAGER, organization=organization)
    patient = make_patient(organization, family="Ф" * 100, given="И" * 100, patronymic="О" * 100)
    make_referral(patient, source=clinic, state="returned")
    open_desk(client, user)


def test_figures_are_of_the_own_organisation_only():
    pair = make_pair()
    pair.referral("returned")
    other = make_member(Role.REFERRER)
    organization = make_organization()
    assert desk.to_do(actor_of(other, organization)) == []
    assert Referral.objects.count() == 1

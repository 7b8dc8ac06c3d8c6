"""The public home and the page about the cluster: true figures, few queries, no dead links."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from clinics.models import Cluster, ClusterTarget
from clinics.selectors.cluster import forget_cluster
from clinics.states import ClinicStatus, ClusterRole, OrganizationStatus, Ownership, Sector
from cluster_portal.pages.selectors import public
from tests.factories.clinics import (
    at,
    make_clinic,
    make_cluster,
    make_member,
    make_organization,
    make_service,
    make_slot,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cluster():
    forget_cluster()
    yield make_cluster(slug="sakhalin", headline_ru="Одна сеть", summary_ru="Помощь рядом")
    forget_cluster()


def page(client, url="/", language="ru"):
    client.cookies["language"] = language
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_empty_portal_still_has_a_home(client):
    Cluster.objects.all().delete()
    forget_cluster()
    text = page(client)
    assert "<h1>" in text
    assert "hero-map" not in text


def test_home_counts_open_clinics_of_members_only(client):
    state = make_organization()
    private = make_organization(ownership=Ownership.PRIVATE)
    candidate = make_organization(status=OrganizationStatus.CANDIDATE)
    make_clinic(state, city_ru="Оха", city_en="Okha", lat=53.59, lon=142.95)
    make_clinic(state)
    make_clinic(private)
    make_clinic(candidate)
    make_clinic(state, status=ClinicStatus.PLANNED, short_name_ru="Будущая", planned_for="2027")
    make_clinic(state, status=ClinicStatus.CLOSED, closed_on="2025-01-01", close_reason="слияние")
    facts = public.home_facts("RU")
    assert facts.clinics == 3
    assert facts.by_ownership == {"state": 2, "private": 1}
    assert {town.name: town.clinics for town in facts.towns} == {"Южно-Сахалинск": 2, "Оха": 1}
    assert [site["name"] for site in facts.coming] == ["Будущая"]
    text = page(client)
    assert "Оха" in text
    assert "Будущая" in text
    assert "Одна сеть" in text


def test_facilities_are_counted_and_the_rest_only_stated(client):
    make_clinic(is_programme=True)
    make_clinic(is_programme=True, status=ClinicStatus.UNDER_CONSTRUCTION)
    for position, (code, value) in enumerate([("facilities", 60), ("specialists", 1000)]):
        ClusterTarget.objects.create(
            code=code, name_ru=code, value=value, due_year=2019, source="Интерфакс", position=position
        )
    found = public.targets(public.programme_done())
    assert [(target.code, target.actual) for target in found] == [("facilities", 1), ("specialists", None)]
    assert not found[0].reached
    assert found[0].is_past
    for url in ("/", "/about/"):
        text = page(client, url)
        assert "Интерфакс" in text
    assert "не считает" in page(client, "/about/")


def test_next_times_name_the_earliest_of_each_specialty():
    cardiology, neurology = make_service(), make_service(service_type="cardiologist")
    make_slot(cardiology, start=at(3))
    make_slot(neurology, start=at(2))
    make_slot(make_service(), start=at(1), audience="own")
    times = public.next_times()
    assert [(item.code, item.start, item.clinics) for item in times] == [("cardiology", at(2), 3)]


def test_taken_and_past_times_are_not_offered():
    service = make_service()
    make_slot(service, start=at(1), capacity=1, taken=1)
    assert public.next_times() == []
    make_slot(service, start=at(1) + timedelta(days=40))
    assert public.next_times() == []


def test_town_on_the_map_leads_to_its_clinics(client):
    make_clinic(city_ru="Курильск", city_en="Kurilsk", lat=45.2269, lon=147.8777)
    text = page(client, language="en")
    assert "Kurilsk" in text
    match = re.search(r'href="(/clinics/\?town=[^"]+)"', text)
    assert match
    assert "Kurilsk" in page(client, match[1], language="en")


def test_clinics_abroad_are_counted_but_not_drawn(client):
    make_clinic(
        make_organization(ownership=Ownership.FOREIGN), country="KR", city_ru="Сеул", lat=37.5, lon=126.9
    )
    facts = public.home_facts("RU")
    assert facts.abroad == 1
    assert 'class="hero-map__pin"' not in page(client)


@pytest.mark.parametrize("url", ["/", "/about/"])
def test_query_count_is_constant_and_nought_within_a_minute(client, url, django_assert_max_num_queries):
    counts = []
    for n in (1, 30):
        for _ in range(n):
            clinic = make_clinic(make_organization(), is_programme=True)
            make_slot(make_service(clinic), start=at(1 + n % 5))
            make_organization(sector=Sector.EDUCATION, cluster_role=ClusterRole.TECHNOLOGY_PARTNER)
        page(client, url)
        cache.clear()
        with django_assert_max_num_queries(8) as captured:
            page(client, url)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    with django_assert_max_num_queries(0):
        page(client, url)


def test_about_lists_members_that_run_no_clinic(client):
    make_organization(
        name_ru="Университет", sector=Sector.EDUCATION, cluster_role=ClusterRole.TECHNOLOGY_PARTNER
    )
    make_organization(name_ru="Кандидат", status=OrganizationStatus.CANDIDATE)
    make_clinic(make_organization(name_ru="Больница с клиникой"))
    text = page(client, "/about/")
    assert "Университет" in text
    assert "Кандидат" not in text
    assert "Больница с клиникой" not in text


@pytest.mark.parametrize("language", ["ru", "en", "kk"])
def test_pages_have_no_dead_links(client, language):
    make_slot(make_service(), start=at(1))
    make_clinic(status=ClinicStatus.PLANNED)
    seen = set()
    for url in ("/", "/about/"):
        for address in re.findall(r'href="(/[^"#]*)', page(client, url, language)):
            if not address.startswith("/static/"):
                seen.add(address)
    assert len(seen) > 5
    for address in sorted(seen):
        assert client.get(address, follow=True).status_code == 200, address


def test_signed_in_people_find_their_desk(client):
    client.force_login(make_member())
    assert reverse("pages:desk") in page(client)

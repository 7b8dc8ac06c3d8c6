"""The chain from a plot to a licensed clinic, walked from both ends."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cluster_portal.common.actor import ANONYMOUS
from investors.selectors.chain import chain_from, chain_to, chains_of
from investors.selectors.residents import residents
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(site):
    """A resident's clinic on the plot that it won in a tender, with a licence."""
    plot = rows.make_plot(site, state="built")
    organization = make.make_organization(ownership="foreign", country="IL")
    company = rows.make_investor(organization=organization)
    tender = rows.make_tender(plot, state="complete", version=1)
    agreement = rows.make_agreement(company, plot, state="in_force", tender=tender, reason="")
    clinic = make.make_clinic(organization, lon=rows.LON + rows.EAST / 2, lat=rows.LAT + rows.NORTH / 2)
    licence = make.make_licence(clinic)
    return plot, agreement, clinic, licence


def test_it_is_the_same_from_both_ends(built):
    plot, agreement, clinic, licence = built
    forward = chain_from(ANONYMOUS, plot, agreement, here=plot)
    texts = [
        plot.number,
        agreement.tender.number,
        agreement.number,
        agreement.investor.name,
        clinic.short_name,
    ]
    assert [step.text.removeprefix("№ ") for step in forward] == [*texts, licence.number]
    backward = chain_to(ANONYMOUS, clinic)
    assert [(step.text, step.url) for step in backward] == [(step.text, step.url) for step in forward]
    assert ([step.here for step in forward].index(True), [step.here for step in backward].index(True)) == (
        0,
        4,
    )


def test_terms_are_linked_for_those_who_may_read_them(built, land):
    plot, agreement, _clinic, _licence = built
    links = [
        bool(chain_from(actor, plot, agreement)[2].url)
        for actor in (ANONYMOUS, land, rows.actor_of(agreement.investor))
    ]
    assert links == [False, True, True]


def test_a_clinic_beside_the_plot_or_of_somebody_else_is_not_on_it(built):
    plot, agreement, clinic, _licence = built
    other = make.make_clinic(lon=clinic.lon, lat=clinic.lat)
    assert chain_to(ANONYMOUS, other) == []
    clinic.lon += rows.EAST
    clinic.save()
    assert chain_to(ANONYMOUS, clinic) == [] and len(chain_from(ANONYMOUS, plot, agreement)) == 4
    assert chain_from(ANONYMOUS, plot, None) == []


def test_a_tender_shows_the_chain_of_each_plot_that_it_gave(built, client):
    _plot, agreement, clinic, licence = built
    (chain,) = chains_of(ANONYMOUS, agreement.tender)
    assert [step.kind for step in chain if step.here] == ["Конкурс"] and chain[-1].text == licence.number
    page = client.get(reverse("investors:tender", args=[agreement.tender_id])).content.decode()
    assert reverse("clinics:detail", args=[clinic.pk]) in page


def test_it_stands_on_each_of_its_pages(built, client):
    plot, agreement, clinic, licence = built
    client.force_login(make.make_member("land"))
    for name, key in (
        ("investors:plot", plot.pk), ("investors:agreement", agreement.pk),
        ("investors:resident", agreement.investor_id), ("clinics:detail", clinic.pk),
    ):  # fmt: skip
        page = client.get(reverse(name, args=[key]))
        assert page.status_code == 200 and licence.number in page.content.decode(), name
        assert 'class="chain"' in page.content.decode(), name


def test_the_register_costs_the_same_for_one_and_for_thirty(built, client, django_assert_num_queries, site):
    address = reverse("investors:residents")
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    for n in range(20):
        rows.make_agreement(
            rows.make_investor(),
            rows.make_plot(site, at=(2 + n % 6, 2 + n // 6), state="allocated"),
            state="in_force",
        )
    with django_assert_num_queries(len(caught)):
        client.get(address)
    assert residents(ANONYMOUS, past=False).count() == 21

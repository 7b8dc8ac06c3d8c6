"""Pages of investors: lists cost the same however long they are, and the jobs can be clicked through."""

import pytest

from cluster_portal.accounts.models import User
from investors.models import Interest, Investor, SavedSearch
from tests.factories import clinics as make
from tests.factories import investors as rows


@pytest.fixture
def office(client, land):
    """A person of the land office, at the browser."""
    client.force_login(User.objects.get(pk=land.user_id))
    return client


@pytest.mark.parametrize("address", ["/land/companies/", "/interests/", "/interests/?view=board"])
def test_a_list_asks_as_much_for_many_as_for_one(office, site, address, django_assert_max_num_queries):
    plot = rows.make_plot(site)
    rows.make_interest(rows.make_investor(), plot)
    office.get(address)
    with django_assert_max_num_queries(60) as first:
        office.get(address)
    for _n in range(4):
        rows.make_interest(rows.make_investor(), plot)
    with django_assert_max_num_queries(len(first)):
        page = office.get(address).content.decode()
    assert all(investor.name_ru in page for investor in Investor.objects.all())


def test_somebody_registers_a_company_and_wants_a_plot(client, site):
    person = make.make_user()
    client.force_login(person)
    plot = rows.make_plot(site)
    wants = f"/interests/new/?plot={plot.pk}"
    assert client.get(wants)["Location"] == "/companies/new/"
    company = {
        "name_en": "Carmel Clinics", "country": "KZ", "register_number": "1", "activity": "Clinics",
        "contact_name": "Kim", "contact_email": "kim@example.org",
    }  # fmt: skip
    refused = client.post("/companies/new/", company)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["register_number"])
    client.post("/companies/new/", company | {"country": "IL"})
    investor = Investor.objects.get()
    assert investor.members.get().user == person
    page = client.get(wants)
    assert page.context["form"].initial["plots"] == [plot.pk]
    form = {"company": investor.pk, "plots": [plot.pk], "direction": "clinical", "outline": "Клиника"}
    assert client.post(wants, form)["Location"] == f"/interests/{Interest.objects.get().pk}/"
    client.post("/plots/searches/new/?direction=clinical&state=available", {"name": "Клиники"})
    assert SavedSearch.objects.get().asked == {"direction": "clinical", "state": "available"}

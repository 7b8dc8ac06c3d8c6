"""What people meet on the pages of a tender beside the straight way: too early, twice, after the end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cluster_portal.accounts.models import User
from cluster_portal.accounts.services import joining
from investors.models import InvestorInvitation
from investors.selectors.invitations import sign
from investors.states import AwardState
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db


def told(client):
    """The words that wait for the next page."""
    return [str(message) for message in client.get("/desk/").context["messages"]]


def test_nobody_is_asked_for_a_code_that_opens_nothing(client, site):
    official = make.make_member("land")
    client.force_login(official)
    began = rows.timezone.now() - timedelta(days=41)
    for number, (state, at, words) in enumerate((
        ("bidding", began + timedelta(days=20), "Время вскрытия ещё не наступило"),
        ("evaluation", began, "Конверты вскрыты"),
        ("opening", began, "части ключа"),
    )):  # fmt: skip
        plot = rows.make_plot(site, at=(number, 5), state="in_tender")
        tender = rows.make_tender(plot, state=state, version=1, at=at)
        answer = client.get(f"/land/tenders/{tender.pk}/open/")
        assert (answer.status_code, answer["Location"]) == (303, f"/land/tenders/{tender.pk}/")
        assert [words in one for one in told(client)] == [True], state


def test_an_agreement_begins_from_its_tender_with_the_winner(client, site):
    plot = rows.make_plot(site, state="reserved")
    began = rows.timezone.now() - timedelta(days=90)
    tender = rows.make_tender(plot, state="complete", version=1, at=began)
    bid = rows.make_opened_bid(tender)
    award = rows.make_award(bid)
    assert award.state == AwardState.ACTIVE
    client.force_login(make.make_member("land"))
    page = client.get(f"/land/tenders/{tender.pk}/")
    address = f"/agreements/new/?tender={tender.pk}"
    assert page.context["may_agree"] and address in page.content.decode()
    begun = client.get(address).context["form"].initial
    assert (begun["tender"], begun["investor"], begun["plots"]) == (tender.pk, bid.investor_id, [plot.pk])
    client.force_login(make.make_member("office"))
    assert not client.get(f"/land/tenders/{tender.pk}/").context["may_agree"]


def test_the_letter_of_an_invitation_leads_to_the_company_once_it_is_accepted(client):
    investor, person = rows.make_investor(), make.make_user()
    invitation = InvestorInvitation.objects.create(
        investor=investor, email=person.email, role="member", invited_by=investor.members.get().user,
        expires_at=rows.timezone.now() + timedelta(days=1),
    )  # fmt: skip
    address, company = f"/companies/join/{sign(invitation.pk)}/", f"/companies/{investor.pk}/"
    client.force_login(person)
    assert client.get(address).status_code == 200
    for _click in range(2):
        assert client.post(address)["Location"] == company
    assert client.get(address)["Location"] == company and investor.members.count() == 2
    client.force_login(make.make_user())
    assert client.get(address).status_code == 409


def test_the_letter_of_an_account_that_is_there_leads_to_signing_in(client):
    token = joining.sign(joining.Newcomer(email="new@example.org", name="Новая", next="/companies/"))
    address = f"/accounts/join/{token}/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"password": "tri-berezy-u-reki-7"})["Location"] == "/companies/"
    assert client.get(address)["Location"] == "/companies/"
    client.logout()
    assert client.get(address)["Location"] == "/accounts/login/?next=%2Fcompanies%2F"
    assert User.objects.filter(email="new@example.org").count() == 1


def test_criteria_that_are_not_filled_in_are_folded(client):
    client.force_login(make.make_member("land"))
    assert client.get("/land/tenders/new/").context["form"].criteria_shown == 3
    typed = {"title_ru": "Конкурс", "criterion_5_ru": "Цена", "criterion_5_weight": "100"}
    assert client.post("/land/tenders/new/", typed).context["form"].criteria_shown == 5
    wrong = client.post("/land/tenders/new/", typed | {"criterion_5_weight": "много"})
    assert wrong.context["form"].criteria_shown == 8

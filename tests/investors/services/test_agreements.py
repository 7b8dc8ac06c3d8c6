"""Agreements give plots, make residents and give plots back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cluster_portal.accounts.models import User
from cluster_portal.common.errors import Conflict, Forbidden, IllegalTransition, Invalid
from cluster_portal.notifications.models import Notice
from investors import errors
from investors.models import AgreementPlot, Plot
from investors.selectors.agreements import agreement_file, begun_from, holder_of, visible_agreements
from investors.selectors.residents import plots_of, residents, until_of
from investors.services import agreements as services
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(site):
    return rows.make_investor()


@pytest.fixture
def terms():
    return {
        "reason": "Решение правительства", "tenure": "lease", "term_years": 49, "price": 4_100_000,
        "valid_from": make.today(), "valid_until": None,
    }  # fmt: skip


def draft(land, company, *plots, **changes):
    keys = [plot.pk for plot in plots]
    return services.draft_agreement(land, investor_id=company.pk, plot_ids=keys, data=changes)


def test_an_agreement_gives_its_plots_and_makes_a_resident(land, company, terms, site):
    plot, other = rows.make_plot(site, state="reserved"), rows.make_plot(site, at=(2, 0), state="reserved")
    person, stranger = rows.actor_of(company), rows.actor_of(rows.make_investor())
    agreement = draft(land, company, plot, other, **terms)
    key = {"agreement_id": agreement.pk}
    assert (agreement.currency, agreement_file(person, agreement.pk).actions) == ("RUB", [])
    with pytest.raises(IllegalTransition):
        services.enforce_agreement(land, **key)
    with pytest.raises(Forbidden):
        services.sign_agreement(person, **key)
    services.update_agreement(land, **key, data={"price": 5}, plot_ids=[plot.pk])
    services.sign_agreement(land, **key)
    plot.refresh_from_db()
    assert (plot.state, Plot.objects.get(pk=other.pk).state) == ("allocated", "reserved")
    assert holder_of(stranger, plot) is None and not residents(stranger).exists()
    with pytest.raises(errors.AgreementSigned):
        services.update_agreement(land, **key, data={"price": 6})
    services.enforce_agreement(land, **key)
    assert holder_of(stranger, plot) == agreement
    [resident] = residents(stranger, past=False)
    assert (resident, resident.since, until_of(resident), plots_of(resident)) == (
        company,
        make.today(),
        None,
        [plot],
    )
    assert visible_agreements(stranger).get().is_readable is False
    assert visible_agreements(person).get().is_readable is True
    with pytest.raises(errors.AgreementTooEarly):
        services.end_agreement(land, **key)
    with pytest.raises(Invalid):
        services.terminate_agreement(land, **key, reason=" ")
    services.terminate_agreement(land, **key, reason="Не строят")
    plot.refresh_from_db()
    assert plot.state == "published" and holder_of(land, plot) is None
    [former] = residents(stranger, past=True)
    assert (until_of(former), plots_of(former)) == (make.today(), [])
    told = Notice.objects.filter(user=person.user_id).order_by("created_at").values_list("kind", flat=True)
    assert [kind.rsplit("_")[-1] for kind in told] == ["sign", "enforce", "terminate"]


def test_what_is_built_stays_built_when_the_term_is_over(land, company, terms, site):
    plot = rows.make_plot(site, state="reserved")
    days = {"valid_from": make.today() - timedelta(days=9), "valid_until": make.today() - timedelta(days=1)}
    agreement = draft(land, company, plot, **terms | days)
    services.sign_agreement(land, agreement_id=agreement.pk)
    services.enforce_agreement(land, agreement_id=agreement.pk)
    Plot.objects.filter(pk=plot.pk).update(state="built")
    services.end_agreement(land, agreement_id=agreement.pk)
    assert Plot.objects.get(pk=plot.pk).state == "built"
    assert not AgreementPlot.objects.filter(is_held=True).exists()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": ""}, errors.AgreementWithoutGrounds),
        ({"term_years": None}, Invalid),
        ({"tenure": "sale"}, Invalid),
        ({"currency": "rub"}, Invalid),
        ({"valid_until": make.today()}, Invalid),
        ({"investor": 1}, Invalid),
    ],
)
def test_a_draft_that_makes_no_sense(land, company, terms, site, changes, error):
    with pytest.raises(error):
        draft(land, company, rows.make_plot(site), **terms | changes)


def test_grounds_are_those_of_the_company(land, company, terms, site):
    plot = rows.make_plot(site, state="reserved")
    stranger = rows.make_interest(rows.make_investor(), plot, state="agreement")
    with pytest.raises(Invalid):
        draft(land, company, plot, **terms | {"interest": stranger})
    own = rows.make_interest(company, plot, state="agreement")
    begun = begun_from(land, interest=str(own.pk))
    assert begun == {"interest": own.pk, "investor": company.pk, "plots": [plot.pk]}
    assert draft(land, company, plot, **terms | {"interest": own, "reason": ""}).interest == own
    for wrong in ([], [rows.make_plot(site, at=(2, 0), state="draft")]):
        with pytest.raises(Invalid):
            draft(land, company, *wrong, **terms)
    with pytest.raises(Invalid):
        draft(land, rows.make_investor(state="review"), plot, **terms)


def test_plots_have_to_be_kept_for_somebody_and_be_free(land, company, terms, site):
    plot = rows.make_plot(site)
    early = draft(land, company, plot, **terms)
    with pytest.raises(errors.PlotNotKept) as refused:
        services.sign_agreement(land, agreement_id=early.pk)
    assert refused.value.extra == {"plots": [plot.number]}
    Plot.objects.filter(pk=plot.pk).update(state="reserved")
    services.sign_agreement(land, agreement_id=early.pk)
    late = rows.make_agreement(rows.make_investor(), plot)
    with pytest.raises(errors.PlotHeld):
        services.sign_agreement(land, agreement_id=late.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(late).objects.filter(pk=late.pk).update(state="signed", signed_on=make.today())


def test_signing_asks_for_days(land, company, terms, site):
    undated = draft(land, company, rows.make_plot(site, state="reserved"), **terms | {"valid_from": None})
    with pytest.raises(errors.AgreementUndated):
        services.sign_agreement(land, agreement_id=undated.pk)
    tomorrow = make.today() + timedelta(days=1)
    with pytest.raises(errors.AgreementTooEarly):
        services.sign_agreement(land, agreement_id=undated.pk, signed_on=tomorrow)
    services.update_agreement(land, agreement_id=undated.pk, data={"valid_from": tomorrow})
    services.sign_agreement(land, agreement_id=undated.pk)
    with pytest.raises(errors.AgreementTooEarly):
        services.enforce_agreement(land, agreement_id=undated.pk)


def test_nobody_agrees_with_a_company_of_their_own(company, terms, site):
    actor = make.make_actor("land")
    rows.make_investor_member(company, User.objects.get(pk=actor.user_id))
    with pytest.raises(Forbidden):
        draft(actor, company, rows.make_plot(site), **terms)


def test_a_company_is_one_organisation_and_no_other(land, company):
    organization = make.make_organization()
    services.link_organization(land, investor_id=company.pk, organization_id=organization.pk)
    with pytest.raises(Conflict) as refused:
        services.link_organization(land, investor_id=rows.make_investor().pk, organization_id=organization.pk)
    assert refused.value.code == "organization_linked"
    services.link_organization(land, investor_id=company.pk, organization_id=None)
    with pytest.raises(Invalid):
        services.link_organization(land, investor_id=company.pk, organization_id=company.pk)


def test_only_the_winner_of_a_tender_gets_its_plots_by_an_agreement(land, company, terms, site):
    plot = rows.make_plot(site, state="reserved")
    tender = rows.make_tender(plot, state="awarded", version=1)
    past = timezone.now() - timedelta(days=1)
    bid = rows.make_opened_bid(tender, company)
    award = rows.make_award(bid, awarded_at=past - timedelta(days=10), standstill_until=past)
    won = terms | {"tender": tender, "reason": ""}
    with pytest.raises(errors.TenderNotComplete):
        draft(land, company, plot, **won)
    type(tender).objects.filter(pk=tender.pk).update(state="complete")
    tender.refresh_from_db()
    rival = rows.make_investor()
    with pytest.raises(errors.NotTheWinner):
        draft(land, rival, plot, **won)
    past_it = draft(land, rival, plot, **terms)
    with pytest.raises(errors.NotTheWinner):
        services.sign_agreement(land, agreement_id=past_it.pk)
    agreement = draft(land, company, plot, **won)
    services.sign_agreement(land, agreement_id=agreement.pk)
    assert (award.bid.investor, Plot.objects.get(pk=plot.pk).state) == (company, "allocated")
    services.terminate_agreement(land, agreement_id=agreement.pk, reason="Отказ")
    Plot.objects.filter(pk=plot.pk).update(state="reserved")
    services.sign_agreement(land, agreement_id=past_it.pk)

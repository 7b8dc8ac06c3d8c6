"""What waits for the land office: the numbers of the menu and of its home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.accounts.roles import Role
from cluster_portal.common.counting import count_together
from investors.models import Tender
from investors.policies import READERS, plot_policy
from investors.selectors.agreements import AgreementsAsked, agreements, waiting_to_begin
from investors.selectors.companies import CompaniesAsked, companies, to_verify
from investors.selectors.evaluation import to_evaluate
from investors.selectors.groups import own_tasks
from investors.selectors.interests import InterestsAsked, interests, new_interests
from investors.selectors.projects import ProjectsAsked, projects
from investors.selectors.tenders import waiting_tenders
from investors.states import ON_OFFER, AgreementState, InterestState, InvestorState, TenderState, Waits

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor


def countable(actor: Actor) -> dict[str, QuerySet]:
    """The numbers of the menu as queries."""
    found = {}
    if actor.user_id is not None:
        found |= {"investors.to_evaluate": to_evaluate(actor), "investors.own_tasks": own_tasks(actor)}
    if actor.has(Role.LAND):
        found |= {
            "investors.to_verify": to_verify(actor), "investors.new_interests": new_interests(actor),
            "investors.agreements_to_begin": waiting_to_begin(actor),
        }  # fmt: skip
    if actor.has(*READERS):
        # Bids that are to be opened or judged.
        waiting = (TenderState.OPENING, TenderState.EVALUATION)
        found["investors.tenders_to_open"] = Tender.objects.filter(state__in=waiting)
    return found


def counted_land(actor: Actor) -> dict[str, int]:
    """The figures of the land office's home, in one question: each counts the rows of the list that it leads to."""
    lists = {
        "to_verify": companies(actor, CompaniesAsked(state=InvestorState.REVIEW)),
        "new_interests": interests(actor, InterestsAsked(state=InterestState.NEW)),
        **{waits.value: waiting_tenders(actor, waits) for waits in Waits},
        "to_sign": agreements(actor, AgreementsAsked(state=AgreementState.DRAFT)),
        "to_begin": agreements(actor, AgreementsAsked(state=AgreementState.SIGNED)),
        "late_projects": projects(actor, ProjectsAsked(late=True)),
        "on_offer": plot_policy.queryset(actor).filter(state__in=ON_OFFER),
    }
    return count_together({name: rows.prefetch_related(None) for name, rows in lists.items()})

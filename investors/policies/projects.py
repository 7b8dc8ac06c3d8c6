"""Who may do what with projects: the land office keeps them, their companies report, everybody reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from cluster_portal.accounts.roles import Role
from cluster_portal.common.policy import Policy
from investors.models import Investor, Project, ProjectFigure, ProjectFunding, ProjectMilestone
from investors.policies import decides, of_company
from investors.policies.residents import holds
from investors.states import LAND_OFFICE

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


def _reports(actor: Actor) -> Q:
    # By keys, as a join to the company's people would give a project of two of them twice.
    own = Investor.objects.filter(of_company()(actor)).values("pk")
    return decides(actor, "agreement__investor") | Q(agreement__investor__in=own)


class ProjectPolicy(Policy):
    """A project is public once its agreement was in force; its company tells what it has made."""

    model = Project
    rules = {
        "view": holds("agreement__investor", Q(agreement__enforced_at__isnull=False)),
        "keep": lambda actor: decides(actor, "agreement__investor"),
        "report": _reports,
    }
    model_rules = {"create": lambda actor: actor.has(Role.LAND)}

    def sides(self, actor: Actor, project: Project) -> frozenset[str]:
        """What the actor is to a project, for the state table."""
        return frozenset({LAND_OFFICE} if self.allows(actor, "keep", project) else ())


class MilestonePolicy(Policy):
    """As the project."""

    model = ProjectMilestone
    rules = {
        "view": holds("project__agreement__investor", Q(project__agreement__enforced_at__isnull=False)),
        "keep": lambda actor: decides(actor, "project__agreement__investor"),
    }


class FigurePolicy(Policy):
    """What was confirmed is everybody's, the rest the company's and the offices'."""

    model = ProjectFigure
    rules = {
        "view": holds(
            "project__agreement__investor",
            Q(confirmed_at__isnull=False, project__agreement__enforced_at__isnull=False),
        ),
        "keep": lambda actor: decides(actor, "project__agreement__investor"),
    }


class FundingPolicy(Policy):
    """As the project."""

    model = ProjectFunding
    rules = MilestonePolicy.rules


project_policy = ProjectPolicy()
milestone_policy = MilestonePolicy()
figure_policy = FigurePolicy()
funding_policy = FundingPolicy()

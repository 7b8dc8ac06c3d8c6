"""Projects as everybody sees them: how far they have come in money, jobs and milestones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Subquery

from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.common.asking import Asking
from investors.models import Agreement, Plot, Project, ProjectFigure, ProjectFunding, ProjectMilestone
from investors.policies.projects import figure_policy, funding_policy, milestone_policy, project_policy
from investors.policies.residents import agreement_policy
from investors.project_states import AFTER_OPENING, BEFORE_OPENING, OPEN_PROJECT, PROJECT
from investors.selectors.plots import in_order
from investors.states import HOLDING

if TYPE_CHECKING:
    import uuid
    from datetime import date
    from decimal import Decimal

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: The newest comes first.
ORDER = ("-created_at", "-id")


@dataclass(frozen=True, slots=True)
class ProjectsAsked(Asking):
    """What the bar above the list asks for."""

    state: str = ""
    direction: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """What was made of what was pledged; `percent` is None where nothing was pledged, and may exceed 100."""

    made: Decimal | int
    pledged: Decimal | int

    @property
    def percent(self) -> int | None:
        return int(self.made * 100 / self.pledged) if self.pledged else None


def today() -> date:
    """The day in the cluster."""
    return today_at(current_cluster().time_zone)


def projects(actor: Actor, asked: ProjectsAsked | None = None) -> QuerySet[Project]:
    """The projects that the actor may see, with `made` and `jobs` of the last confirmed figure."""
    last = ProjectFigure.objects.filter(project=OuterRef("pk"), confirmed_at__isnull=False)
    last = last.order_by("-counted_on")
    rows = project_policy.queryset(actor).annotate(
        made=Subquery(last.values("investment")[:1]), jobs=Subquery(last.values("jobs")[:1]),
        counted_on=Subquery(last.values("counted_on")[:1]),
    )  # fmt: skip
    for name in ("state", "direction"):
        if value := getattr(asked, name, ""):
            rows = rows.filter(**{name: value})
    if asked and asked.late:
        rows = rows.filter(misses(), state__in=OPEN_PROJECT)
    return rows.select_related("agreement__investor").prefetch_related(
        Prefetch("agreement__plots", Plot.objects.select_related("site"))
    )


def misses() -> Exists:
    """Whether a milestone of a project is due and not reached; of those in work that is being late."""
    return Exists(ProjectMilestone.objects.filter(project=OuterRef("pk"), met_on=None, due_on__lt=today()))


def money_of(project: Project) -> Progress:
    """Money made of that pledged, of a row of `projects`."""
    return Progress(project.made or 0, project.investment_pledged)


def jobs_of(project: Project) -> Progress:
    """Jobs made of those pledged, of a row of `projects`."""
    return Progress(project.jobs or 0, project.jobs_pledged)


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A project with all that the actor may read of it."""

    project: Project
    plots: list[Plot]
    milestones: list[ProjectMilestone]
    figures: list[ProjectFigure]
    funding: list[ProjectFunding]
    actions: list[str]
    keeps: bool
    reports: bool


def project_file(actor: Actor, project_id: uuid.UUID) -> ProjectFile:
    """Everything of one project. Raises NotFound."""
    rows = projects(actor).select_related("agreement__investor", "agreement__tender")
    project = project_policy.get(actor, "view", project_id, queryset=rows)
    milestones = milestone_policy.queryset(actor).filter(project=project).prefetch_related("moves")
    figures = figure_policy.queryset(actor).filter(project=project)
    funding = funding_policy.queryset(actor).filter(project=project)
    return ProjectFile(
        project, plots_of(project), list(milestones.order_by("due_on", "id")),
        list(figures.order_by("-counted_on")), list(funding.order_by("-amount", "id")),
        actions_on(actor, project),
        keeps=project_policy.allows(actor, "keep", project),
        reports=project_policy.allows(actor, "report", project),
    )  # fmt: skip


def published_projects() -> QuerySet[Project]:
    """The projects that everybody may read, the newest first, with all that open data tells of them. Six queries."""
    return (
        projects(ANONYMOUS)
        .select_related("agreement__investor", "agreement__tender")
        .prefetch_related(
            Prefetch("milestones", milestone_policy.queryset(ANONYMOUS)),
            Prefetch("figures", figure_policy.queryset(ANONYMOUS)),
            Prefetch("funding", funding_policy.queryset(ANONYMOUS)),
            "agreement__tender__versions",
        )
        .order_by(*ORDER)
    )


def published_project(project_id: uuid.UUID) -> Project:
    """One of them. Raises NotFound."""
    return project_policy.get(ANONYMOUS, "view", project_id, queryset=published_projects())


def actions_on(actor: Actor, project: Project) -> list[str]:
    """The steps that the actor may take now."""
    hidden = BEFORE_OPENING if project.opened_on else AFTER_OPENING
    names = PROJECT.available(project.state, project_policy.sides(actor, project))
    return [name for name in names if name not in hidden]


def milestones(actor: Actor) -> QuerySet[ProjectMilestone]:
    """The milestones of the projects that the actor may see, with how their days were moved."""
    return milestone_policy.queryset(actor).select_related("project").prefetch_related("moves")


def milestone_actions(actor: Actor, milestone: ProjectMilestone) -> list[str]:
    """What the actor may do with a milestone now."""
    waits = milestone.met_on is None and milestone.project.is_open
    return ["meet", "move"] if waits and milestone_policy.allows(actor, "keep", milestone) else []


def plots_of(project: Project) -> list[Plot]:
    """The plots of a row of `projects`, in their order."""
    return sorted(project.agreement.plots.all(), key=lambda plot: in_order(plot.number))


def project_of(actor: Actor, agreement: Agreement) -> Project | None:
    """The project of an agreement for its chain: the first that was not cancelled, else the first."""
    rows = sorted(
        project_policy.queryset(actor).filter(agreement=agreement),
        key=lambda one: (one.state == "cancelled", one.created_at),
    )
    return rows[0] if rows else None


def project_to(actor: Actor, action: str, project_id: uuid.UUID) -> Project:
    """A project with which the actor may do something. Raises NotFound, Forbidden."""
    return project_policy.get(actor, action, project_id)


def milestone_to_keep(actor: Actor, milestone_id: uuid.UUID) -> ProjectMilestone:
    """A milestone that the actor keeps. Raises NotFound, Forbidden."""
    return milestone_policy.get(
        actor, "keep", milestone_id, queryset=ProjectMilestone.objects.select_related("project")
    )


def funding_to_keep(actor: Actor, funding_id: uuid.UUID) -> ProjectFunding:
    """A source of funding that the actor keeps. Raises NotFound, Forbidden."""
    return funding_policy.get(
        actor, "keep", funding_id, queryset=ProjectFunding.objects.select_related("project")
    )


def figure_to_check(actor: Actor, figure_id: uuid.UUID) -> ProjectFigure:
    """A figure on which the actor decides. Raises NotFound, Forbidden."""
    return figure_policy.get(
        actor, "keep", figure_id, queryset=ProjectFigure.objects.select_related("project")
    )


def agreements_to_build(actor: Actor) -> QuerySet[Agreement]:
    """Under which agreements the actor may begin a project."""
    rows = agreement_policy.queryset(actor, "keep").filter(state__in=HOLDING)
    return rows.select_related("investor").order_by("-valid_from", "id")


def pledged_by(agreement: Agreement) -> dict[str, Any]:
    """What an agreement says of a project beforehand."""
    said: dict[str, Any] = {"currency": agreement.currency}
    if interest := agreement.interest:
        pledged = {"investment_pledged": interest.investment, "jobs_pledged": interest.jobs}
        said |= {"direction": interest.direction}
        said |= {name: value for name, value in pledged.items() if value is not None}
    return said


def begun_from(actor: Actor, agreement: str) -> dict[str, Any]:
    """What is known of a project of an agreement (its key, from an address), as a form begins with it."""
    try:
        key = UUID(agreement)
    except ValueError:
        return {}
    found = agreements_to_build(actor).select_related("interest").filter(pk=key).first()
    return pledged_by(found) | {"agreement": found.pk} if found else {}

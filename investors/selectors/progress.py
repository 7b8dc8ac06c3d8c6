"""What reports tell of projects and the roadmap: how late they are, and what was made of what was pledged."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Prefetch, Sum
from django.utils.text import capfirst

from investors.models import Investor, ProjectMilestone, ProjectMilestoneMove, RoadmapMove
from investors.policies.projects import funding_policy, milestone_policy
from investors.project_states import FundingKind, MilestoneState, ProjectState
from investors.selectors.projects import ProjectsAsked, projects, today
from investors.selectors.roadmap import RoadmapAsked, roadmap
from investors.states import Direction, RoadmapState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from investors.models import Project, RoadmapItem

#: By what money and jobs can be divided.
DIVISIONS = {"resident": "agreement__investor", "direction": "direction", "state": "state"}
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone of a project or an item of the roadmap. `first_on` is the day that was planned first, `due_on` the
    one that is planned now, `met_on` when it was reached.

    `slip` are days from the first to the day of reaching, or to the one planned now (today, once that is over);
    negative where it came earlier, None where it was dropped. `late` is what is not reached although it is due.
    """

    of: str
    title: str
    responsible: str
    first_on: date
    due_on: date
    met_on: date | None
    late: bool
    slip: int | None
    state: str
    reason: str


def slip_of(first_on: date, due_on: date, met_on: date | None, day: date) -> int:
    """Days by which something comes later than was planned first."""
    return ((met_on or max(due_on, day)) - first_on).days


def _steps_of_projects(actor: Actor, day: date) -> Iterator[Step]:
    moves = Prefetch("moves", ProjectMilestoneMove.objects.order_by("created_at", "id"))
    rows = (
        milestone_policy.queryset(actor)
        .exclude(project__state=ProjectState.CANCELLED)
        .select_related("project__agreement__investor")
        .prefetch_related(moves)
        .order_by("due_on", "id")
    )
    for row in rows.iterator(chunk_size=CHUNK):
        first, project = first_day(row), row.project
        state = row.state_on(day)
        yield Step(
            project.title, row.title, project.agreement.investor.name, first, row.due_on, row.met_on,
            state == MilestoneState.NOT_MET, slip_of(first, row.due_on, row.met_on, day), capfirst(state.label),
            row.reason,
        )  # fmt: skip


def _steps_of_roadmap(actor: Actor, day: date) -> Iterator[Step]:
    moves = Prefetch("moves", RoadmapMove.objects.order_by("created_at", "id"))
    for row in roadmap(actor, RoadmapAsked()).prefetch_related(moves).iterator(chunk_size=CHUNK):
        dropped = row.state == RoadmapState.DROPPED
        first = first_end(row)
        met_on = None if dropped else row.finished_on
        yield Step(
            capfirst(row.get_section_display()), row.title, row.owner.short_name, first, row.ends_on, met_on,
            row.late, None if dropped else slip_of(first, row.ends_on, met_on, day),
            capfirst(row.get_state_display()), row.reason,
        )  # fmt: skip


def steps(actor: Actor, of: str = "") -> Iterator[Step]:
    """The milestones of `projects`, the items of the `roadmap`, or both; what a project that was cancelled wanted to
    reach is left out."""
    day = today()
    if of != "roadmap":
        yield from _steps_of_projects(actor, day)
    if of != "projects":
        yield from _steps_of_roadmap(actor, day)


def first_day(milestone: ProjectMilestone) -> date:
    """The day that was planned for a milestone before it was ever moved; `moves` are fetched, oldest first."""
    return next((move.was for move in milestone.moves.all()), milestone.due_on)


def first_end(item: RoadmapItem) -> date:
    """As `first_day`, of an item of the roadmap."""
    return next((move.was for move in item.moves.all()), item.ends_on)


@dataclass(frozen=True, slots=True)
class Course:
    """How a project keeps to its plan: milestones in all, met and late; `slip` of the one that slipped most; `upcoming`
    the next one that is awaited."""

    milestones: int
    met: int
    late: int
    slip: int | None
    upcoming: ProjectMilestone | None


def projects_with_course(actor: Actor, asked: ProjectsAsked) -> QuerySet[Project]:
    """Rows of `projects` by number, with their milestones and the moves of those, for `course_of`."""
    moves = Prefetch("moves", ProjectMilestoneMove.objects.order_by("created_at", "id"))
    milestones = ProjectMilestone.objects.order_by("due_on", "id").prefetch_related(moves)
    return (
        projects(actor, asked).prefetch_related(Prefetch("milestones", milestones)).order_by("number", "id")
    )


def course_of(project: Project, day: date) -> Course:
    """How a row of `projects_with_course` stands on a day."""
    rows = list(project.milestones.all())
    slips = [slip_of(first_day(row), row.due_on, row.met_on, day) for row in rows]
    awaited = [row for row in rows if row.met_on is None]
    return Course(
        len(rows), len(rows) - len(awaited), sum(row.state_on(day) == MilestoneState.NOT_MET for row in rows),
        max(slips, default=None), awaited[0] if awaited else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sums:
    """Money and jobs of some projects in one currency; what was made as the last confirmed figures tell."""

    words: str
    projects: int
    pledged: Decimal
    made: Decimal
    jobs_pledged: int
    jobs_made: int


def currencies(actor: Actor) -> list[str]:
    """In what the projects that the actor may see are counted."""
    return sorted(set(_counted(actor).values_list("currency", flat=True)))


def _counted(actor: Actor, currency: str = "") -> QuerySet[Project]:
    """What counts: projects that were not cancelled."""
    rows = projects(actor).exclude(state=ProjectState.CANCELLED)
    rows = rows.select_related(None).prefetch_related(None).order_by()
    return rows.filter(currency=currency) if currency else rows


def money_by(actor: Actor, by: str, currency: str) -> list[Sums]:
    """Money and jobs by a key of `DIVISIONS`, or project by project, the largest pledge first."""
    if by == "project":
        rows = _counted(actor, currency).order_by("-investment_pledged", "number")
        return [
            Sums(
                f"{row.number} · {row.title}", 1, row.investment_pledged, row.made or Decimal(), row.jobs_pledged,
                row.jobs or 0,
            )
            for row in rows
        ]  # fmt: skip
    found = list(
        _counted(actor, currency)
        .values(DIVISIONS[by])
        .annotate(
            n=Count("pk"), pledged=Sum("investment_pledged"), all_made=Sum("made"), jobs_p=Sum("jobs_pledged"),
            jobs_m=Sum("jobs"),
        )
        .order_by("-pledged", DIVISIONS[by])
    )  # fmt: skip
    words = _words(by, [row[DIVISIONS[by]] for row in found])
    return [
        Sums(
            words[row[DIVISIONS[by]]], row["n"], row["pledged"], row["all_made"] or Decimal(), row["jobs_p"],
            row["jobs_m"] or 0,
        )
        for row in found
    ]  # fmt: skip


def _words(by: str, keys: list[Any]) -> dict[Any, str]:
    if by == "resident":
        return {pk: one.name for pk, one in Investor.objects.in_bulk(keys).items()}
    choices = {"direction": Direction, "state": ProjectState}[by]
    return {key: capfirst(str(choices(key).label)) for key in keys}


@dataclass(frozen=True, slots=True)
class Source:
    """What a kind of source (`FundingKind`; empty: nobody is named yet) is to pay, and for how many projects."""

    kind: str
    projects: int
    amount: Decimal


def sources(actor: Actor, currency: str) -> list[Source]:
    """Who is to pay what was pledged, the largest first; what nobody is named for stands last."""
    rows = _counted(actor, currency)
    found = (
        funding_policy.queryset(actor)
        .filter(project__in=rows.values("pk"))
        .values("kind")
        .annotate(n=Count("project", distinct=True), sum=Sum("amount"))
        .order_by("-sum", "kind")
    )
    told = [Source(row["kind"], row["n"], row["sum"]) for row in found]
    pledged = {row.pk: row.investment_pledged for row in rows.only("investment_pledged")}
    named = dict(
        funding_policy.queryset(actor).filter(project__in=pledged).order_by()
        .values_list("project").annotate(sum=Sum("amount"))
    )  # fmt: skip
    open_sums = [left for pk, whole in pledged.items() if (left := whole - named.get(pk, 0)) > 0]
    return [*told, Source("", len(open_sums), sum(open_sums, Decimal()))] if open_sums else told


def source_words(kind: str) -> str:
    """The kind of a source in the reader's language."""
    return capfirst(str(FundingKind(kind).label))

"""Projects of the demo: what the articles name is built under agreements of the demo.

The buildings are named in publications; who builds them, phases, days, sums and jobs are invented, and every
figure says so in its source.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection

from clinics.models import Clinic
from cluster_portal.common.numbering import numbers
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.demo.facts import DATA, read_json
from cluster_portal.demo.opened import open_clinic
from investors.models import (
    AgreementPlot,
    Project,
    ProjectFigure,
    ProjectFunding,
    ProjectMilestone,
    ProjectMilestoneMove,
)
from investors.outlines import holds
from investors.services.projects import PREFIX, SEQUENCE

if TYPE_CHECKING:
    from datetime import datetime

    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.facts import Facts

SOURCE = "Суммы и рабочие места вымышлены для демонстрации"
ABOUT = (
    "Застройщик, сроки и суммы вымышлены для демонстрации.",
    "The builder, days and sums are invented for demonstration.",
    "Құрылысшы, мерзімдер мен сомалар көрсету үшін ойдан шығарылған.",
)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _words(name: str, texts: list[str] | tuple[str, ...]) -> dict[str, str]:
    return {f"{name}_{code}": text for code, text in zip(LANGUAGES, texts, strict=True)}


def _clinic(chance: Chance, facts: Facts, now: datetime, given: AgreementPlot, about: dict) -> Clinic | None:
    """The clinic in the building, once it is open: an invented one, or the one that the registry's facts have there."""
    if "clinic" in about:
        return open_clinic(chance, facts, now, given, about)
    if "opened" not in about:
        return None
    rows = Clinic.objects.filter(organization=given.agreement.investor.organization_id)
    return next((one for one in rows if holds(given.plot.outline, one.lon, one.lat)), None)


def fill_projects(chance: Chance, facts: Facts, now: datetime) -> int:
    """The projects of the cluster's facts, each under the agreement that holds its plot. Returns how many."""
    held = AgreementPlot.objects.filter(is_held=True).select_related("agreement__investor", "plot")
    by_plot = {one.plot.number: one for one in held}
    serials = numbers(PREFIX, now.year)
    projects: list[Project] = []
    milestones: list[ProjectMilestone] = []
    moves: list[ProjectMilestoneMove] = []
    figures: list[ProjectFigure] = []
    funding: list[ProjectFunding] = []

    def key() -> UUID:
        return UUID(chance.key(now))

    for about in read_json(DATA / facts.cluster / "projects.json"):
        given = by_plot[about["plot"]]
        texts = [f"{text} {said}".strip() for text, said in zip(about["what"], ABOUT, strict=True)]
        project = Project(
            id=key(), number=next(serials)[1], agreement=given.agreement, direction=given.plot.direction,
            state=about["state"], investment_pledged=about["pledged"], jobs_pledged=about["jobs"],
            currency=given.agreement.currency, opened_on=_day(about.get("opened")),
            clinic=_clinic(chance, facts, now, given, about), completed_on=_day(about.get("completed")),
            **_words("title", about["title"]), **_words("description", texts),
        )  # fmt: skip
        projects.append(project)
        for title, due, met, *moved in about["milestones"]:
            milestone = ProjectMilestone(
                id=key(), project=project, due_on=_day(due), met_on=_day(met), **_words("title", title)
            )
            milestones.append(milestone)
            if moved:
                milestone.reason = moved[1]
                moves.append(
                    ProjectMilestoneMove(
                        id=key(), milestone=milestone, was=_day(moved[0]), becomes=milestone.due_on,
                        reason=moved[1],
                    )
                )  # fmt: skip
        figures += [
            ProjectFigure(
                id=key(), project=project, counted_on=_day(day), investment=made, jobs=jobs, source=SOURCE,
                confirmed_at=now,
            )
            for day, made, jobs in about["figures"]
        ]  # fmt: skip
        funding += [
            ProjectFunding(id=key(), project=project, kind=kind, organization=who, amount=amount)
            for kind, who, amount in about["funding"]
        ]
    for model, rows in (
        (Project, projects), (ProjectMilestone, milestones), (ProjectMilestoneMove, moves),
        (ProjectFigure, figures), (ProjectFunding, funding),
    ):  # fmt: skip
        model.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(%s, %s)", [SEQUENCE, len(projects) + 9])
    return len(projects)

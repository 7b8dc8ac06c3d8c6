"""Projects of residents with their rows."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from investors.models import Agreement, Project, ProjectFigure, ProjectFunding, ProjectMilestone
from tests.factories import clinics

_number = count(1)


def make_project(agreement: Agreement, **fields: Any) -> Project:
    """A project under an agreement."""
    defaults = {
        "number": f"PRJ-26-{next(_number):07}-0", "title_ru": "Корпус больницы", "direction": "clinical",
        "investment_pledged": 100_000_000, "currency": "RUB", "jobs_pledged": 200,
    }  # fmt: skip
    if fields.get("state") == "completed":
        # Nothing is completed before its building opened.
        defaults["opened_on"] = fields.get("completed_on") or clinics.today()
    return Project.objects.create(agreement=agreement, **defaults | fields)


def make_milestone(project: Project, **fields: Any) -> ProjectMilestone:
    """A milestone that is due in a month."""
    day = clinics.today() + timedelta(days=30)
    return ProjectMilestone.objects.create(
        project=project, **{"title_ru": "Фундамент", "due_on": day} | fields
    )


def make_figure(project: Project, *, confirmed: bool = False, **fields: Any) -> ProjectFigure:
    """A quarter of the money and a tenth of the jobs, as of today."""
    defaults = {
        "counted_on": clinics.today(), "investment": 25_000_000, "jobs": 20, "source": "Отчёт компании",
        "confirmed_at": timezone.now() if confirmed else None,
    }  # fmt: skip
    return ProjectFigure.objects.create(project=project, **defaults | fields)


def make_funding(project: Project, **fields: Any) -> ProjectFunding:
    """A loan of a bank."""
    defaults = {"kind": "bank", "organization": "Банк развития", "amount": 60_000_000}
    return ProjectFunding.objects.create(project=project, **defaults | fields)

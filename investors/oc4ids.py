"""Projects as open data by the Open Contracting for Infrastructure Data Standard (OC4IDS) 0.9.

A project names its tender by its open contracting id and links to the releases that `ocds` makes of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, override

from clinics.selectors.calendar import start_of
from cluster_portal.common.translated import LANGUAGES
from investors.ocds import OFFICE
from investors.ocds_awards import OWN, moment
from investors.project_states import ProjectState
from investors.selectors.projects import plots_of
from investors.states import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from clinics.models import Cluster
    from investors.models import Agreement, Investor, Project, ProjectFigure, ProjectFunding, ProjectMilestone

#: `projectSector` beside health, to which everything in the cluster belongs.
SECTORS = {
    Direction.EDUCATIONAL: ["education"], Direction.SCIENTIFIC: ["economy"],
    Direction.PHARMACEUTICAL: ["economy"], Direction.TECHNOLOGY: ["economy"],
}  # fmt: skip


def package(projects: Sequence[Project], cluster: Cluster, address: str, day: date) -> dict[str, Any]:
    """Projects (rows of `published_projects`, at least one) as a package that is read at `address`, as of `day`."""
    with override(OWN):
        shown = [_project(one, cluster, day) for one in projects]
        publisher = cluster.name
    return {
        "uri": _absolute(address),
        "version": "0.9",
        "publishedDate": max(one["updated"] for one in shown),
        "publisher": {"name": publisher},
        "projects": shown,
    }


def _project(project: Project, cluster: Cluster, day: date) -> dict[str, Any]:
    agreement = project.agreement
    figures = sorted(project.figures.all(), key=lambda one: one.counted_on)
    return {
        "id": f"{settings.OC4IDS_PREFIX}-{project.number}",
        "identifiers": [{"id": project.number}],
        "updated": moment(_updated(project)),
        **_said("title", project),
        **_said("description", project),
        "status": project.state,
        "sector": ["health", *SECTORS.get(Direction(project.direction), [])],
        "type": "construction",
        **_period(project, cluster),
        "locations": [
            {"id": plot.number, "description": plot.title, "geometry": plot.outline,
             "address": {"locality": plot.site.name, "region": cluster.region_name}}
            for plot in plots_of(project)
        ],
        "budget": _budget(project),
        "parties": _parties(project, cluster),
        "documents": [
            {"id": "page", "title": project.title, "format": "text/html",
             "url": _absolute(reverse("investors:project", args=[project.pk]))}
        ],
        **_contracting(agreement),
        **_milestones(project, day, cluster),
        "forecasts": _forecasts(project),
        **_metrics(figures, project, cluster),
        **_completion(project, figures, cluster),
    }  # fmt: skip


def _updated(project: Project) -> datetime:
    """When something of what is said here was written last."""
    parts = (project.milestones.all(), project.figures.all(), project.funding.all())
    return max([project.updated_at, *(row.updated_at for rows in parts for row in rows)])


def _period(project: Project, cluster: Cluster) -> dict[str, Any]:
    """From the agreement to the last milestone, or to the day on which everything was done."""
    begins = project.agreement.valid_from
    ends = project.completed_on or max((one.due_on for one in project.milestones.all()), default=None)
    found = {"startDate": begins, "endDate": ends}
    found = {name: _at(value, cluster) for name, value in found.items() if value}
    return {"period": found} if found else {}


def _budget(project: Project) -> dict[str, Any]:
    """What the company pledged in all, and who pays which part of it."""
    parts = [
        {"id": str(one.pk), "description": f"{one.organization}: {one.get_kind_display()}",
         "amount": _value(one.amount, project), "sourceParty": _source(one)}
        for one in _funding(project)
    ]  # fmt: skip
    amount = {"amount": _value(project.investment_pledged, project)}
    return amount | ({"budgetBreakdown": parts} if parts else {})


def _parties(project: Project, cluster: Cluster) -> list[dict[str, Any]]:
    funders = {one.organization: _source(one) | {"roles": ["funder"]} for one in _funding(project)}
    return [
        {"id": OFFICE, "name": cluster.name, "roles": ["publicAuthority", "procuringEntity"]},
        _company(project.agreement.investor) | {"roles": ["supplier"]},
        *funders.values(),
    ]


def _company(investor: Investor) -> dict[str, Any]:
    return {
        "id": str(investor.pk),
        "name": investor.name_ru,
        "identifier": {"id": investor.register_number, "legalName": investor.name_ru},
        "address": {"countryName": investor.country},
    }


def _funding(project: Project) -> list[ProjectFunding]:
    return sorted(project.funding.all(), key=lambda one: (-one.amount, one.pk))


def _source(funding: ProjectFunding) -> dict[str, str]:
    """Who pays: known by name alone."""
    return {"id": f"funder-{funding.organization}", "name": funding.organization}


def _contracting(agreement: Agreement) -> dict[str, Any]:
    """The tender by which the land was given, with a release for each version of its terms."""
    tender = agreement.tender
    versions = sorted(tender.versions.all(), key=lambda one: one.number) if tender else []
    if not versions:
        return {}
    ocid = f"{settings.OCDS_PREFIX}-{tender.number}"
    address = _absolute(reverse("investors:tender_ocds", args=[tender.pk]))
    contract = {
        "startDate": moment(agreement.enforced_at),
        **({"durationInDays": (agreement.valid_until - agreement.valid_from).days}
           if agreement.valid_until and agreement.valid_from else {}),
    }  # fmt: skip
    summary = {
        "ocid": ocid,
        **_said("title", tender),
        "status": "active" if agreement.over_on is None else "closed",
        "tender": {"procurementMethod": "open", "procuringEntity": {"id": OFFICE}},
        "suppliers": [{"id": str(agreement.investor_id), "name": agreement.investor.name_ru}],
        "contractPeriod": contract,
    }
    releases = [
        {"id": f"{ocid}-{one.number}", "tag": ["tender" if one.number == 1 else "tenderAmendment"],
         "date": moment(one.published_at), "url": address}
        for one in versions
    ]  # fmt: skip
    return {"contractingProcesses": [{"id": ocid, "summary": summary, "releases": releases}]}


def _milestones(project: Project, day: date, cluster: Cluster) -> dict[str, Any]:
    found = [
        _milestone(one, day, cluster)
        for one in sorted(project.milestones.all(), key=lambda one: (one.due_on, one.pk))
    ]
    return {"milestones": found} if found else {}


def _milestone(one: ProjectMilestone, day: date, cluster: Cluster) -> dict[str, Any]:
    met = {"dateMet": _at(one.met_on, cluster)} if one.met_on else {}
    return {
        "id": str(one.pk), **_said("title", one), "type": "delivery", "dueDate": _at(one.due_on, cluster),
        "status": one.state_on(day).value, **met,
    }  # fmt: skip


def _forecasts(project: Project) -> list[dict[str, Any]]:
    """What was pledged: money and jobs."""
    pledged = {"id": "pledged"}
    return [
        {"id": "investment", "title": gettext("Investment pledged"),
         "observations": [pledged | {"value": _value(project.investment_pledged, project)}]},
        {"id": "jobs", "title": gettext("Jobs pledged"),
         "observations": [pledged | _jobs(project.jobs_pledged)]},
    ]  # fmt: skip


def _metrics(figures: list[ProjectFigure], project: Project, cluster: Cluster) -> dict[str, Any]:
    """What was made, by the figures that the office confirmed."""
    if not figures:
        return {}

    def observed(one: ProjectFigure, what: dict[str, Any]) -> dict[str, Any]:
        return {"id": str(one.pk), "period": {"endDate": _at(one.counted_on, cluster)}, **what}

    return {
        "metrics": [
            {"id": "investment", "title": gettext("Investment made"),
             "observations": [observed(one, {"value": _value(one.investment, project)}) for one in figures]},
            {"id": "jobs", "title": gettext("Jobs made"),
             "observations": [observed(one, _jobs(one.jobs)) for one in figures]},
        ]
    }  # fmt: skip


def _completion(project: Project, figures: list[ProjectFigure], cluster: Cluster) -> dict[str, Any]:
    if project.state != ProjectState.COMPLETED:
        return {}
    spent = {"finalValue": _value(figures[-1].investment, project)} if figures else {}
    return {"completion": {"endDate": _at(project.completed_on, cluster), **spent}}


def _jobs(number: int) -> dict[str, Any]:
    return {"measure": number, "unit": {"name": gettext("jobs")}}


def _value(amount: Any, project: Project) -> dict[str, Any]:
    return {"amount": float(amount), "currency": project.currency}


def _said(name: str, row: Any) -> dict[str, str]:
    """A text in Russian and, where it has them, the other languages: `title`, `title_en`; nothing of an empty one."""
    texts = {code: getattr(row, f"{name}_{code}") for code in LANGUAGES}
    return {name if code == OWN else f"{name}_{code}": text for code, text in texts.items() if text}


def _at(day: date, cluster: Cluster) -> str:
    """The beginning of a day in the cluster."""
    return moment(start_of(day, cluster.time_zone))


def _absolute(path: str) -> str:
    return settings.PUBLIC_URL.rstrip("/") + path

"""From a plot to a licensed clinic: plot, tender, agreement, resident, project, clinic, licence,
walked from either end.

A project names the clinic that opened in its building. Without one, a clinic stands on a plot when its point lies
within the outline and its organisation is the resident who holds the plot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinics.models import Clinic
from clinics.policies import clinic_policy, licence_policy
from clinics.selectors.calendar import today_at
from clinics.selectors.validity import in_force_on
from investors.models import AgreementPlot, Project
from investors.outlines import holds
from investors.policies.residents import agreement_policy
from investors.selectors.projects import project_of

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor
    from investors.models import Agreement, Plot, Tender


@dataclass(frozen=True, slots=True)
class Step:
    """A link of the chain: `kind` says what it is, `text` which one; `here` where the reader stands."""

    kind: str
    text: str
    url: str = ""
    note: str = ""
    here: bool = False


def chain_from(actor: Actor, plot: Plot, agreement: Agreement | None, here: Any = None) -> list[Step]:
    """The chain of a plot and of the agreement that holds it, of which the actor may know; empty without one.

    `here` is the row on whose page it is shown. The clinic and its licence are there once they are.
    """
    if agreement is None:
        return []
    clinic = clinic_on(actor, plot, agreement)
    return _steps(actor, plot, agreement, clinic, here)


def chains_of(actor: Actor, tender: Tender) -> list[list[Step]]:
    """The chain of each plot of a tender that is held by its agreement, as the actor may know it."""
    rows = AgreementPlot.objects.filter(
        is_held=True, agreement__tender=tender, agreement__in=agreement_policy.queryset(actor)
    )
    rows = rows.select_related("plot", "agreement__investor", "agreement__tender").order_by("plot__number")
    return [chain_from(actor, one.plot, one.agreement, here=tender) for one in rows]


def chain_to(actor: Actor, clinic: Clinic) -> list[Step]:
    """The chain that led to a clinic; empty where no resident's agreement holds the plot under it."""
    here = Q(
        agreement__investor__organization=clinic.organization_id, plot__west__lte=clinic.lon,
        plot__east__gte=clinic.lon, plot__south__lte=clinic.lat, plot__north__gte=clinic.lat,
    )  # fmt: skip
    opened = Exists(Project.objects.filter(agreement=OuterRef("agreement"), clinic=clinic))
    rows = (
        AgreementPlot.objects.filter(
            here | opened, is_held=True,
            agreement__in=agreement_policy.queryset(actor).filter(enforced_at__isnull=False),
        )
        .annotate(opened=opened)
        .select_related("plot", "agreement__investor", "agreement__tender")
        .order_by("plot__number")
    )  # fmt: skip
    # The plot under it before another of the same building, and what a project says before what the map does.
    found = sorted(
        (
            (not holds(one.plot.outline, clinic.lon, clinic.lat), not one.opened, n, one)
            for n, one in enumerate(rows)
        ),
    )
    found = [one for outside, unnamed, _n, one in found if not (outside and unnamed)]
    return _steps(actor, found[0].plot, found[0].agreement, clinic, clinic) if found else []


def clinic_on(actor: Actor, plot: Plot, agreement: Agreement) -> Clinic | None:
    """The clinic of the resident on its plot that the actor may see; the first by name where there are more."""
    opened = clinic_policy.queryset(actor).filter(projects__agreement=agreement).order_by("name_ru", "id")
    if found := list(opened):
        return next((one for one in found if holds(plot.outline, one.lon, one.lat)), found[0])
    organization = agreement.investor.organization_id
    if organization is None or agreement.enforced_at is None:
        return None
    west, south, east, north = plot.box
    rows = clinic_policy.queryset(actor).filter(
        organization=organization, lon__range=(west, east), lat__range=(south, north)
    )
    return next((one for one in rows.order_by("name_ru") if holds(plot.outline, one.lon, one.lat)), None)


def _steps(actor: Actor, plot: Plot, agreement: Agreement, clinic: Clinic | None, here: Any) -> list[Step]:
    investor = agreement.investor
    steps = [
        Step(
            pgettext("chain", "Plot"), f"№ {plot.number}", reverse("investors:plot", args=[plot.pk]),
            plot.get_state_display(), here=plot == here,
        )
    ]  # fmt: skip
    if agreement.tender:
        tender = agreement.tender
        address = reverse("investors:tender", args=[tender.pk])
        steps.append(
            Step(
                pgettext("chain", "Tender"), tender.number, address, tender.get_state_display(), here=tender == here
            )
        )  # fmt: skip
    readable = agreement_policy.queryset(actor, "read").filter(pk=agreement.pk).exists()
    steps.append(
        Step(
            pgettext("chain", "Agreement"), agreement.number,
            reverse("investors:agreement", args=[agreement.pk]) if readable else "",
            agreement.get_state_display(), here=agreement == here,
        )
    )  # fmt: skip
    if agreement.enforced_at:
        address = reverse("investors:resident", args=[investor.pk])
        steps.append(Step(pgettext("chain", "Resident"), investor.name, address, here=investor == here))
    # Of several projects of an agreement, the one on whose page the reader is.
    if project := here if isinstance(here, Project) else project_of(actor, agreement):
        address = reverse("investors:project", args=[project.pk])
        note = project.get_state_display()
        steps.append(Step(pgettext("chain", "Project"), project.title, address, note, here=project == here))
    if clinic:
        address = reverse("clinics:detail", args=[clinic.pk])
        steps.append(
            Step(
                pgettext("chain", "Clinic"),
                clinic.short_name,
                address,
                clinic.get_status_display(),
                here=clinic == here,
            )
        )
        steps += _licence(actor, clinic, address)
    return steps


def _licence(actor: Actor, clinic: Clinic, address: str) -> list[Step]:
    papers = licence_policy.queryset(actor).filter(in_force_on(today_at(clinic.time_zone)), clinic=clinic)
    licence = papers.order_by("-valid_from", "id").first()
    return (
        [Step(pgettext("chain", "Licence"), licence.number, f"{address}#licences", _("in force"))]
        if licence
        else []
    )

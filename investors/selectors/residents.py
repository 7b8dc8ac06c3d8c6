"""The register of residents, derived from agreements: who holds land of the cluster, since when, until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, Max, Min, OuterRef, Subquery

from investors.models import Agreement, Investor
from investors.policies.residents import resident_policy
from investors.selectors.plots import in_order
from investors.states import AgreementState

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: The first resident comes first.
ORDER = ("since", "id")


def residents(actor: Actor, *, past: bool | None = None) -> QuerySet[Investor]:
    """Companies with `since`, `until` (None while an agreement is in force) and `is_resident`, each told by agreements.

    `past` narrows to those who are residents no longer (True) or now (False).
    """
    known = Agreement.objects.filter(investor=OuterRef("pk"), enforced_at__isnull=False)
    in_force = known.filter(state=AgreementState.IN_FORCE)
    of_one = known.order_by().values("investor")
    rows = (
        resident_policy.queryset(actor)
        .annotate(
            since=Subquery(of_one.annotate(day=Min("valid_from")).values("day")),
            last=Subquery(of_one.annotate(day=Max("over_on")).values("day")),
            is_resident=Exists(in_force),
        )
        .select_related("organization")
        .prefetch_related("agreements__given__plot__site")
    )
    return rows if past is None else rows.filter(is_resident=not past)


def until_of(resident: Investor) -> object:
    """The day from which the company is a resident no longer; None while it is one."""
    return None if resident.is_resident else resident.last


def plots_of(resident: Investor) -> list:
    """The plots that a resident (with its agreements at hand) holds by agreements in force."""
    found = {
        one.plot_id: one.plot
        for agreement in resident.agreements.all() if agreement.state == AgreementState.IN_FORCE
        for one in agreement.given.all()
    }  # fmt: skip
    return sorted(found.values(), key=lambda plot: in_order(plot.number))


@dataclass(frozen=True, slots=True)
class ResidentFile:
    """A resident as everybody sees it."""

    resident: Investor
    agreements: list[Agreement]


def resident_file(actor: Actor, investor_id: uuid.UUID) -> ResidentFile:
    """One company of the register with the agreements of which everybody may know. Raises NotFound."""
    resident = resident_policy.get(actor, "view", investor_id, queryset=residents(actor))
    known = [one for one in resident.agreements.all() if one.enforced_at]
    return ResidentFile(resident, sorted(known, key=lambda one: (one.valid_from, one.number)))

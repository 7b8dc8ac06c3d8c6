"""What is left of the quotas: for search and booking, and as the grid of those who plan them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import DateField, Exists, F, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, TruncMonth

from clinics.models import Clinic, Quota, Service
from clinics.policies import clinic_policy, quota_policy
from clinics.selectors.calendar import today_at
from clinics.selectors.validity import local_day
from clinics.states import ClinicStatus, Payment

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: How many months the grid shows, from the present one on.
MONTHS = 6


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def month_after(month: date, number: int = 1) -> date:
    """The first day of the month so many months later."""
    years, index = divmod(month.month - 1 + number, 12)
    return date(month.year + years, index + 1, 1)


def quotas_of_slot(payment: Any) -> QuerySet[Quota]:
    """Inside a query of slots: the quota that a booking with this payment (a value or an expression) would use, if
    there is one. The month is the clinic's own.
    """
    month = Cast(TruncMonth(local_day(of=OuterRef)), DateField())
    return Quota.objects.filter(service=OuterRef("service"), payment=payment, month=month)


def quota_of_slot(payment: Any) -> Subquery:
    """Its id, inside a query of slots; null where bookings are not counted."""
    return Subquery(quotas_of_slot(payment).values("pk")[:1])


def is_used_up(payment: Any, *, kept: Any = None) -> Exists:
    """Inside a query of slots: whether the month's quota for this payment is used up.

    `kept` is the quota in which the booking to be moved counts already (an expression for its id, which may be null):
    a move within it uses nothing more.
    """
    full = quotas_of_slot(payment).filter(used__gte=F("volume"))
    if kept is not None:
        full = full.exclude(pk=Coalesce(kept, Value(UUID(int=0))))
    return Exists(full)


@dataclass(slots=True)
class Cell:
    """One month of a service: `quota` None where there never was one."""

    service_id: uuid.UUID
    month: date
    quota: Quota | None = None

    @property
    def name(self) -> str:
        """What its input is called."""
        return f"q-{self.service_id}-{self.month:%Y-%m}"


@dataclass(slots=True)
class Line:
    """A service with its months."""

    service: Service
    cells: list[Cell]


@dataclass(slots=True)
class Grid:
    """Services of a clinic that take this payment, by month."""

    clinic: Clinic
    payment: str
    months: list[date]
    lines: list[Line] = field(default_factory=list)

    @property
    def cells(self) -> dict[str, Cell]:
        """Every cell by the name of its input."""
        return {cell.name: cell for line in self.lines for cell in line.cells}


def planned_clinics(actor: Actor) -> list[Clinic]:
    """The open clinics whose quotas the actor may look at: those of the own organisation, for the office all."""
    rows = clinic_policy.queryset(actor, "see_quotas").filter(status=ClinicStatus.OPEN)
    return list(rows.select_related("organization").order_by("-level", "name_ru"))


def payments_of(clinic: Clinic) -> list[str]:
    """The payment sources that the clinic's services take, in the order of the vocabulary."""
    found = {code for row in Service.objects.filter(clinic=clinic, is_active=True) for code in row.payments}
    return [code for code in Payment.values if code in found]


def grid_of(actor: Actor, clinic: Clinic, payment: str) -> Grid:
    """The clinic's quotas for a payment source, MONTHS months from the present one on. Two queries."""
    first = month_of(today_at(clinic.time_zone))
    grid = Grid(clinic, payment, [month_after(first, n) for n in range(MONTHS)])
    services = Service.objects.filter(clinic=clinic, is_active=True, payments__contains=[payment])
    quotas = {
        (row.service_id, row.month): row
        for row in quota_policy.queryset(actor).filter(
            service__clinic=clinic, payment=payment, month__in=grid.months
        )
    }
    for service in services.select_related("service_type").order_by("service_type__name_ru", "mode"):
        cells = [Cell(service.pk, month, quotas.get((service.pk, month))) for month in grid.months]
        grid.lines.append(Line(service, cells))
    return grid

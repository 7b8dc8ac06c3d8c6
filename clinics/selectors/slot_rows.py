"""Slots as rows for programs: one query, no objects."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q

from clinics.policies import slot_policy
from clinics.selectors.calendar import start_of
from clinics.selectors.narrowing import offered_as, row_by_row
from clinics.selectors.openness import has_room, licensed_on_its_day, open_for
from clinics.selectors.permits import may_practise
from clinics.states import ClinicStatus
from cluster_portal.common.translated import localized

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

COLUMNS = (
    "id", "service_id", "service_type_id", "clinic_id", "organization_id", "practitioner_id", "schedule_id",
    "start", "end", "room", "capacity", "taken", "audience", "state", "block_reason",
    "release_at", "updated_at",
)  # fmt: skip


def slot_rows(actor: Actor) -> QuerySet:
    """The slots that `actor` sees, as dictionaries with the names that a list shows."""
    return slot_policy.queryset(actor).values(
        *COLUMNS,
        clinic_name=localized("clinic__short_name"),
        time_zone=F("clinic__time_zone"),
        service_name=localized("service_type__name"),
        payments=F("service__payments"),
        mode=F("service__mode"),
        booking_mode=F("service__booking_mode"),
        price=F("service__price"),
        family=F("practitioner__family"),
        given=F("practitioner__given"),
        patronymic=F("practitioner__patronymic"),
    )


def only_free(rows: QuerySet, actor: Actor, priority: str) -> QuerySet:
    """Those that a referral of this actor's organisation may be booked into now.

    Service and licence are asked of one row after another: a page reads few of them, and a list of all services that
    may be booked grows with the region.
    """
    offered = offered_as(Q(is_active=True, clinic__status=ClinicStatus.OPEN))
    return (
        rows.filter(open_for(actor.organization_id, priority))
        .filter(has_room())
        .filter(offered, row_by_row(licensed_on_its_day()))
        .filter(may_practise())
    )


def on_days(rows: QuerySet, first: date | None, last: date | None, time_zone: str) -> QuerySet:
    """Those that start on the days `first` to `last` (both inclusive) by the clock of `time_zone`."""
    if first:
        rows = rows.filter(start__gte=start_of(first, time_zone))
    if last:
        rows = rows.filter(start__lt=start_of(last + timedelta(days=1), time_zone))
    return rows


def as_shown(row: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """A row as the API gives it out. How an organisation divides its time stays its own: others see what is free."""
    own = row["organization_id"] == actor.organization_id
    name = " ".join(filter(None, (row["family"], row["given"], row["patronymic"])))
    return {
        "id": row["id"],
        "start": row["start"],
        "end": row["end"],
        "time_zone": row["time_zone"],
        "service": row["service_id"],
        "service_type": row["service_type_id"],
        "service_name": row["service_name"],
        "clinic": row["clinic_id"],
        "clinic_name": row["clinic_name"],
        "organization": row["organization_id"],
        "practitioner": row["practitioner_id"],
        "practitioner_name": name,
        "room": row["room"],
        "mode": row["mode"],
        "booking_mode": row["booking_mode"],
        "payments": row["payments"],
        "price": row["price"],
        "free": max(0, row["capacity"] - row["taken"]) if row["state"] == "published" else 0,
        "capacity": row["capacity"],
        "state": row["state"],
        "audience": row["audience"] if own else None,
        "release_at": row["release_at"] if own else None,
        "schedule": row["schedule_id"] if own else None,
        "updated_at": row["updated_at"],
    }

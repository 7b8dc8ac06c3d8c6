"""The times of a clinic in one week, as the template shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.selectors.calendar import today_at
from clinics.selectors.slots import choices
from cluster_portal.web import wording
from patients.selectors.referrals import kept_quota
from patients.views.compare import span_words

if TYPE_CHECKING:
    import uuid

    from clinics.selectors.offers import Offer
    from patients.models import Referral

WEEK = 7


@dataclass(slots=True)
class Cell:
    """One time of the grid."""

    id: Any
    time: str
    state: str
    late: bool
    label: str


@dataclass(slots=True)
class Day:
    """A column of the grid."""

    date: date
    off: bool
    before: list[Cell] = field(default_factory=list)
    after: list[Cell] = field(default_factory=list)


@dataclass(slots=True)
class Grid:
    """The times of a clinic in a week."""

    days: list[Day]
    title: str
    earlier: date | None
    later: date
    minutes: int | None
    offset: str
    same_zone: bool
    late_from: date | None
    empty: bool


def _cells(day: date, choices_: list[Any], zone: Any, chosen: uuid.UUID | None, due: date | None) -> Day:
    column = Day(day, off=day.weekday() > 4)
    late = due is not None and day > due
    for choice in choices_:
        start = choice.slot.start.astimezone(zone)
        state = "chosen" if choice.slot.pk == chosen else "free" if choice.is_free else "taken"
        who = choice.slot.practitioner.short_name if choice.slot.practitioner else ""
        label = ", ".join(filter(None, (wording.moment(start, "long"), who)))
        if late:
            label = _("%(time)s, later than the norm") % {"time": label}
        cell = Cell(choice.slot.pk, f"{start:%H:%M}", state, late, label)
        (column.before if start.hour < 12 else column.after).append(cell)
    return column


def grid(
    referral: Referral, offer: Offer, *, week: date | None, chosen: uuid.UUID | None, due: date | None
) -> Grid:
    """The week of a clinic's times that begins on `week`; without it, the one where the first free time is."""
    clinic = offer.clinic
    zone = wording.zone(clinic.time_zone)
    today = today_at(clinic.time_zone)
    first = week
    if first is None:
        soon = offer.first_day is None or offer.first_day < today + timedelta(days=WEEK)
        first = today if soon else offer.first_day
    first = max(first, today)
    by_day = choices(
        offer.service, referral.source_organization_id, first_day=first, number_of_days=WEEK,
        priority=referral.priority, payment=referral.payment, kept_quota=kept_quota(referral),
    )  # fmt: skip
    columns = [_cells(day, found, zone, chosen, due) for day, found in by_day.items()]
    shown = [column for column in columns if not column.off or column.before or column.after]
    now = timezone.now()
    lengths = [c.slot.end - c.slot.start for found in by_day.values() for c in found[:1]]
    late = [column.date for column in shown if due and column.date > due and (column.before or column.after)]
    return Grid(
        days=shown,
        title=span_words(first, first + timedelta(days=WEEK - 1)),
        earlier=max(today, first - timedelta(days=WEEK)) if first > today else None,
        later=first + timedelta(days=WEEK),
        minutes=int(lengths[0].total_seconds() // 60) if lengths else None,
        offset=wording.utc_offset(now.astimezone(zone)),
        same_zone=now.astimezone(zone).utcoffset() == timezone.localtime(now).utcoffset(),
        late_from=late[0] if late else None,
        empty=not any(column.before or column.after for column in columns),
    )

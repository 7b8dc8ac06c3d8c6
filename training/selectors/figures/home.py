"""The figures on the homes of both offices: how they are counted, and how they are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Sum

from clinics.selectors.calendar import monday_of, today_at
from clinics.selectors.cluster import current_cluster
from clinics.selectors.measures import Period
from cluster_portal.common.actor import SYSTEM
from training.models import Intake, Nomination, TrainingFigure
from training.selectors.figures.rooms import use_of_rooms
from training.selectors.papers import SEATED, awaits_papers
from training.selectors.programmes import accepting
from training.selectors.targets import PARTS, Figures, Reached, reached

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

#: By this name the count is kept among the summaries.
TRAINING = "training"
SEATS, PAPERS, ROOMS, FORECAST = "seats", "papers", "rooms", "forecast"


@dataclass(frozen=True, slots=True)
class Part:
    """So many of so many."""

    value: int = 0
    whole: int = 0


@dataclass(slots=True)
class Home:
    """What the homes show. `at`: as of when, None before it was first counted.

    `seats` are those held in intakes that take nominations, `papers` people with a seat whose papers are missing,
    `rooms` hours booked of those in which rooms can be had this week.
    """

    at: datetime | None
    targets: list[Reached] = field(default_factory=list)
    seats: Part = Part()
    papers: Part = Part()
    rooms: Part = Part()


def counted_now() -> list[TrainingFigure]:
    """Every figure as it is now, not yet written. Seven queries."""
    today = today_at(current_cluster().time_zone)
    seats = Intake.objects.filter(accepting()).aggregate(taken=Sum("taken"), seats=Sum("seats"))
    seated = Nomination.objects.filter(state__in=SEATED, ends_on__gte=today)
    rooms = use_of_rooms(SYSTEM, Period(monday_of(today), monday_of(today) + timedelta(days=6)))
    parts = {
        SEATS: (seats["taken"] or 0, seats["seats"] or 0),
        PAPERS: (seated.filter(awaits_papers(today)).count(), seated.count()),
        ROOMS: (_hours(use.used for use in rooms), _hours(use.available for use in rooms)),
    }
    found = [TrainingFigure(code=code, value=value, whole=whole) for code, (value, whole) in parts.items()]
    for reach in reached(SYSTEM):
        numbers = {part: getattr(reach.figures, part) for part in PARTS} | {FORECAST: reach.forecast}
        found += [
            TrainingFigure(code=code, target=reach.target, value=value, whole=reach.target.people)
            for code, value in numbers.items()
        ]
    return found


def _hours(lengths: Iterable[timedelta]) -> int:
    return round(sum(lengths, timedelta()).total_seconds() / 3600)


def home_figures(at: datetime | None) -> Home:
    """The figures as they were last counted, `at`; sums alone, nobody's name. One query."""
    home = Home(at)
    today = today_at(current_cluster().time_zone)
    by_target: dict[object, dict[str, int]] = {}
    targets = {}
    for row in TrainingFigure.objects.select_related("target").order_by("target__position", "target", "pk"):
        if row.target is None:
            setattr(home, row.code, Part(row.value, row.whole))
        else:
            targets[row.target_id] = row.target
            by_target.setdefault(row.target_id, {})[row.code] = row.value
    for pk, numbers in by_target.items():
        forecast = numbers.pop(FORECAST)
        is_over = today > date(targets[pk].last_year, 12, 31)
        home.targets.append(Reached(targets[pk], Figures(**numbers), forecast, is_over))
    return home

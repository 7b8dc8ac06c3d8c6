"""Which papers are in force on a day and why not, and which day a moment is at a clinic."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import DateField, DateTimeField, F, Func, Q, Value
from django.db.models.functions import Cast
from django.utils import timezone

from clinics.states import LicenceStatus
from cluster_portal.web.wording import date_short

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models.expressions import Combinable
    from django.utils.functional import Promise

    from clinics.models import Credential

#: What may be in force on some day: a suspension holds only for its days.
STANDING = (LicenceStatus.ACTIVE, LicenceStatus.SUSPENDED)


def local_day(start: str = "start", time_zone: str = "clinic__time_zone", *, of: type[F] = F) -> Cast:
    """The calendar day of a column at the clinic, inside a query (`of=OuterRef`: of the query around it)."""
    return day_in(of(time_zone), of(start))


def day_in(time_zone: str | Combinable, moment: Combinable) -> Cast:
    """The calendar day of a moment by the clock of a zone, both columns or expressions."""
    clock = Func(time_zone, moment, function="timezone", output_field=DateTimeField())
    return Cast(clock, DateField())


def today_in(time_zone: str | Combinable) -> Cast:
    """The present day by the clock of a zone, a column or an expression."""
    return day_in(time_zone, Value(timezone.now(), DateTimeField()))


def in_force_on(day: date | Combinable) -> Q:
    """The papers of any kind that are in force on `day`, a date or an expression for one.

    `Credential.is_valid` is the same rule for one in hand.
    """
    standing = Q(status=LicenceStatus.ACTIVE) | Q(status=LicenceStatus.SUSPENDED) & (
        Q(suspended_from__gt=day) | Q(suspended_to__lt=day)
    )
    return standing & Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gte=day))


def why_not(papers: Iterable[Credential], day: date, words: Mapping[str, Promise]) -> str:
    """Why none of the papers is in force on the day, by the first of `words` (reason → sentence) that is true of one;
    empty where there is none to speak of.
    """
    standing = [paper for paper in papers if paper.status in STANDING]
    found = {_reason(paper, day): paper for paper in sorted(standing, key=_span)}
    for reason, sentence in words.items():
        if paper := found.get(reason):
            return sentence % {
                "number": paper.number,
                "from": date_short(paper.suspended_from or paper.valid_from),
                "to": date_short(paper.suspended_to or paper.valid_to or day),
            }
    return ""


def _span(paper: Credential) -> tuple[date, date]:
    return paper.valid_from, paper.valid_to or date.max


def _reason(paper: Credential, day: date) -> str:
    if paper.is_suspended(day):
        return "suspended" if paper.suspended_to is None else "suspended_to"
    return "ahead" if day < paper.valid_from else "ended"

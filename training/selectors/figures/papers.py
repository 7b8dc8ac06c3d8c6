"""Whose papers are missing for which intake."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from django.db.models import Q

from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from clinics.selectors.figures.numbers import CHUNK
from training.models import Intake
from training.policies import nomination_report_policy
from training.selectors.papers import AWAITS_PAPERS, awaits_papers, lacks_papers, missing_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from training.models import Nomination


def lacking(actor: Actor, *, seated: bool = True, intake: str = "") -> QuerySet[Nomination]:
    """Nominations whose papers are missing or end too early and whose intake is not over: of those who have a seat, or
    of everybody who is nominated. The intake that begins first is at the head.
    """
    today = today_at(current_cluster().time_zone)
    everybody = Q(state__in=AWAITS_PAPERS, ends_on__gte=today) & lacks_papers()
    rows = nomination_report_policy.queryset(actor).filter(awaits_papers(today) if seated else everybody)
    rows = rows.filter(intake=intake) if intake else rows
    return rows.select_related("specialist", "organization", "intake__programme").order_by(
        "starts_on", "intake", "organization__short_name_ru", "specialist__family", "specialist__given", "pk"
    )


def with_papers(rows: QuerySet[Nomination]) -> Iterator[tuple[Nomination, list[str]]]:
    """Each nomination with the kinds that it lacks. A query for each CHUNK of them, beside the rows' own."""
    stream = rows.iterator(chunk_size=CHUNK)
    while chunk := list(islice(stream, CHUNK)):
        missing = missing_of(chunk)
        yield from ((row, missing[row.pk]) for row in chunk)


def intakes_with_lacking(actor: Actor) -> list[tuple[str, str]]:
    """The intakes that such a list may be narrowed to, as (id, name), in the order of their days."""
    rows = lacking(actor, seated=False).values_list("intake", flat=True).order_by()
    found = Intake.objects.filter(pk__in=rows).select_related("programme").order_by("starts_on", "pk")
    return [(str(row.pk), f"{row.programme.title}, {row.starts_on:%d.%m.%Y}") for row in found]

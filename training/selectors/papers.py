"""Which papers somebody still needs for an intake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from training.models import SpecialistPaper
from training.states import CANDIDATE, NominationState, PaperKind

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable
    from datetime import date

    from training.models import Nomination

#: Until the intake begins, papers matter; those who have a seat wait for nothing else.
AWAITS_PAPERS = (*CANDIDATE, NominationState.ACCEPTED, NominationState.CONFIRMED)
SEATED = (NominationState.OFFERED, NominationState.ACCEPTED, NominationState.CONFIRMED)


def lacks_papers() -> Q:
    """Nominations of which `missing_papers` names something, asked of the database."""
    found = Q()
    for kind in PaperKind.values:
        held = SpecialistPaper.objects.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=OuterRef("ends_on")),
            specialist=OuterRef("specialist"), kind=kind,
        )  # fmt: skip
        found |= Q(intake__programme__required_papers__contains=[kind]) & ~Exists(held)
    return found


def awaits_papers(today: date) -> Q:
    """Nominations with a seat, of an intake that is not over, that lack papers: whoever is to be reminded."""
    return Q(state__in=SEATED, ends_on__gte=today) & lacks_papers()


def missing_papers(nomination: Nomination) -> list[str]:
    """The kinds that the programme asks for and the specialist does not have up to the last day, in its order."""
    return missing_of([nomination])[nomination.pk]


def missing_of(nominations: Iterable[Nomination]) -> dict[uuid.UUID, list[str]]:
    """`missing_papers` of many, by nomination. One query."""
    nominations = list(nominations)
    people = {row.specialist_id for row in nominations if row.intake.programme.required_papers}
    held: dict[uuid.UUID, list[tuple[str, object]]] = {}
    papers = SpecialistPaper.objects.filter(Q(specialist__in=people)).values_list(
        "specialist", "kind", "valid_until"
    )
    for person, kind, until in papers if people else ():
        held.setdefault(person, []).append((kind, until))
    return {
        row.pk: [
            kind
            for kind in row.intake.programme.required_papers
            if not any(
                its == kind and (until is None or until >= row.ends_on)
                for its, until in held.get(row.specialist_id, ())
            )
        ]
        for row in nominations
    }

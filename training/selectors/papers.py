"""Which papers somebody still needs for an intake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from training.models import SpecialistPaper

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from training.models import Nomination


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

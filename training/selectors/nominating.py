"""What a table of nominations is judged by: intakes and people by what they are called, and what stands already."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from training.models import Nomination
from training.policies import specialist_policy
from training.selectors.programmes import visible_intakes
from training.selectors.specialists import ORDER as BY_NAME
from training.states import AHEAD, LIVE, NominationState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from training.models import Intake, Specialist


def intakes_ahead(actor: Actor) -> QuerySet[Intake]:
    """The intakes that have not begun, whether or not they take nominations now."""
    today = today_at(current_cluster().time_zone)
    return visible_intakes(actor).filter(state__in=AHEAD, starts_on__gte=today).order_by("starts_on", "pk")


def people_to_nominate(actor: Actor) -> QuerySet[Specialist]:
    """Everybody whom the actor may nominate, and those who have left, to be told so."""
    return specialist_policy.queryset(actor, "nominate").select_related("organization").order_by(*BY_NAME)


def nominated_of_employers(intakes: Iterable[uuid.UUID]) -> dict[tuple[uuid.UUID, uuid.UUID], int]:
    """How many people each employer has nominated, by (intake, employer). One query."""
    rows = Nomination.objects.filter(intake__in=intakes, state__in=LIVE).exclude(state=NominationState.DRAFT)
    counted = rows.order_by().values_list("intake", "organization").annotate(n=Count("pk"))
    return {(intake, employer): n for intake, employer, n in counted}


def standing_of_people(
    people: Iterable[uuid.UUID], intakes: Iterable[uuid.UUID]
) -> dict[uuid.UUID, list[Nomination]]:
    """What these people are nominated for and what of these intakes they were, by the person, the latest first.

    One query.
    """
    found: dict[uuid.UUID, list[Nomination]] = defaultdict(list)
    rows = Nomination.objects.filter(Q(state__in=LIVE) | Q(intake__in=intakes), specialist__in=people)
    for row in rows.order_by("-number", "pk"):
        found[row.specialist_id].append(row)
    return found

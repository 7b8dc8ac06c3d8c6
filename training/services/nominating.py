"""Many nominations at once: the same steps, story and rights as one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from cluster_portal.common import numbering
from cluster_portal.common.errors import Forbidden
from cluster_portal.common.service import service
from training.models import Nomination, NominationStep
from training.policies import nomination_policy, specialist_policy
from training.services.nominations import PREFIX, SEQUENCE
from training.services.offers import look_at_queues
from training.services.steps import story_line
from training.states import NOMINATION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cluster_portal.common.actor import Actor

#: How far a nomination is put forward in one go, as far as the actor's side may.
FORWARD = ("nominate", "endorse")


def way_forward(actor: Actor, nomination: Nomination) -> list[str]:
    """The steps of FORWARD that the actor may take from where the nomination (with its specialist) stands."""
    steps, state, sides = [], nomination.state, nomination_policy.sides(actor, nomination)
    for action in FORWARD:
        if action in NOMINATION.available(state, sides):
            steps.append(action)
            state = NOMINATION.find(state, action).target
    return steps


@service
def take_in_nominations(
    actor: Actor, *, new: Sequence[Nomination] = (), changed: Sequence[Nomination] = ()
) -> None:
    """Enter `new` drafts, write preference and motivation of `changed` nominations, and put both forward.

    Whoever calls has locked their intakes and judged the rows. Raises Forbidden where one of the people is not the
    actor's to nominate, and AlreadyNominated where the database knows better.
    """
    rows, now = [*new, *changed], timezone.now()
    people = {row.specialist_id for row in rows}
    if specialist_policy.queryset(actor, "nominate").filter(pk__in=people).count() != len(people):
        raise Forbidden
    numbers = numbering.next_numbers(SEQUENCE, prefix=PREFIX, year=timezone.localdate().year, count=len(new))
    for row, number in zip(new, numbers, strict=True):
        row.number = number
    ways = {row.pk: way_forward(actor, row) for row in rows}
    Nomination.objects.bulk_create(new)
    for row in changed:
        row.updated_at = now
    Nomination.objects.bulk_update(changed, ["choice", "motivation", "updated_at"])
    story = [story_line(actor, row, "draft", came_from="") for row in new]
    for action in FORWARD:
        going = [row for row in rows if action in ways[row.pk]]
        for row in going:
            came_from = row.state
            NOMINATION.move(row, action)
            row.nominated_at = row.nominated_at or now
            row.updated_at = now
            story.append(story_line(actor, row, action, came_from=came_from))
        Nomination.objects.bulk_update(going, ["state", "nominated_at", "updated_at"])
    NominationStep.objects.bulk_create(story)
    look_at_queues(changed)

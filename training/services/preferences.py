"""Which of somebody's nominations is wanted most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service
from training.policies import specialist_policy
from training.selectors.nominations import undecided
from training.services.offers import look_at_queues
from training.services.steps import lock_intakes

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from cluster_portal.common.actor import Actor
    from training.models import Nomination


@service
def rank_nominations(
    actor: Actor, *, specialist_id: uuid.UUID, order: Sequence[uuid.UUID]
) -> list[Nomination]:
    """Say which of a specialist's nominations come first; those that are not named follow as they were.

    Raises NotFound for the specialist, Forbidden, Invalid for what is none of their open nominations.
    """
    specialist = specialist_policy.get(actor, "nominate", specialist_id)
    if intakes := undecided(specialist).values_list("intake", flat=True):
        lock_intakes(intakes)
    open_ones = {
        row.pk: row
        for row in undecided(specialist).order_by("pk").select_for_update(of=("self",), no_key=True)
    }
    if set(order) - open_ones.keys() or len(set(order)) != len(order):
        raise Invalid({"order": [_("Name nominations of this person that are not decided, each once.")]})
    rest = sorted(
        (row for pk, row in open_ones.items() if pk not in order),
        key=lambda row: (row.choice, row.starts_on, row.pk),
    )
    ranked = [*(open_ones[pk] for pk in order), *rest]
    moved = [(place, row) for place, row in enumerate(ranked, 1) if row.choice != place]
    for place, nomination in moved:
        nomination.choice = place
        nomination.save(update_fields=["choice", "updated_at"])
    if moved:
        look_at_queues(ranked)
    return ranked

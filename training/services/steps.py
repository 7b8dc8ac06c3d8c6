"""How a nomination moves: locks in one order, the state by the table, a line of its story.

The order of locks is the same everywhere: **the intakes by their ids, then nominations by theirs**. Whatever changes a
seat holds the lock of its intake, so who looks at a waiting list under that lock sees all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cluster_portal.common.background import enqueue
from cluster_portal.common.errors import Invalid, NotFound
from training.events import STEP_TAKEN
from training.models import Intake, Nomination, NominationStep
from training.policies import nomination_policy
from training.services.notices import TOLD
from training.states import HOLDING, NOMINATION

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor


def lock_nomination(actor: Actor, action: str, nomination_id: uuid.UUID) -> Nomination:
    """The nomination with its intake, both locked, to do `action` to it. Raises NotFound and Forbidden."""
    # Asked first, so that nobody locks what is none of their business.
    intake_id = nomination_policy.get(actor, action, nomination_id).intake_id
    intake = lock_intakes([intake_id])[intake_id]
    rows = Nomination.objects.select_related("specialist", "organization")
    nomination = nomination_policy.get(actor, action, nomination_id, lock=True, queryset=rows)
    nomination.intake = intake
    return nomination


def lock_intakes(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Intake]:
    """The intakes with their programmes, locked in the order of their ids."""
    rows = Intake.objects.select_related("programme").select_for_update(of=("self",), no_key=True)
    found = {row.pk: row for row in rows.filter(pk__in=set(ids)).order_by("pk")}
    if not found:
        raise NotFound
    return found


def move(
    actor: Actor, nomination: Nomination, action: str, *, reason: str = "", **columns: Any
) -> Nomination:
    """Take a step by the table on a locked nomination, write `columns` with it and the line of its story.

    The seat, where it gives one back, is the caller's matter. Raises IllegalTransition.
    """
    came_from = nomination.state
    NOMINATION.move(nomination, action)
    for name, value in columns.items():
        setattr(nomination, name, value)
    nomination.save(update_fields=["state", *columns, "updated_at"])
    note(actor, nomination, action, came_from=came_from, reason=reason)
    return nomination


def note(actor: Actor, nomination: Nomination, action: str, *, came_from: str, reason: str = "") -> None:
    """Write a line of the story, and let those who hear of such a step know."""
    step = story_line(actor, nomination, action, came_from=came_from, reason=reason)
    step.save()
    if action in TOLD:
        enqueue(STEP_TAKEN, {"step": step.pk})


def story_line(
    actor: Actor, nomination: Nomination, action: str, *, came_from: str, reason: str = ""
) -> NominationStep:
    """The line of a step that was taken, not yet written."""
    return NominationStep(
        nomination=nomination, action=action, from_state=came_from, to_state=nomination.state,
        reason=reason.strip()[:300], user_id=actor.user_id, actor_name=actor.name,
    )  # fmt: skip


def holds(nomination: Nomination) -> bool:
    """Whether it holds a seat."""
    return nomination.state in HOLDING


def say_why(reason: str) -> str:
    """The reason as it is kept. Raises Invalid at `reason` where nothing was said."""
    if not reason.strip():
        raise Invalid({"reason": [_("Please say why: colleagues and the journal will ask.")]})
    return reason.strip()[:300]

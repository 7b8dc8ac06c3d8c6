"""The home of the training office, and of those who are sent to learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from cluster_portal.accounts.roles import Role
from cluster_portal.common import summaries
from cluster_portal.web import menu
from training.selectors import desk
from training.selectors.figures.home import TRAINING, home_figures
from training.selectors.nominations import counted
from training.states import PLACED, NominationState

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor

ROLES = (Role.TRAINING, Role.SPECIALIST)
_S = NominationState
#: The office's queues: the state of nominations, words.
QUEUES = (
    (_S.ENDORSED, pgettext_lazy("tile", "To choose from")),
    (_S.ACCEPTED, pgettext_lazy("tile", "Papers awaited")),
    (_S.WAITLISTED, pgettext_lazy("tile", "On the waiting list")),
    (_S.COMPLETED, pgettext_lazy("tile", "Certificates to issue")),
)


def learning_context(actor: Actor) -> dict[str, Any]:
    """What the home shows: queues with their numbers, offers that run out, what is taught next."""
    offers = list(desk.offers_to_answer(actor)[: desk.LINES])
    keeps = actor.has(Role.TRAINING)
    tiles = _office_tiles(actor) if keeps else _own_tiles(actor, len(offers))
    figures = {"home": home_figures(summaries.as_of(TRAINING))} if keeps else {}
    return {"tiles": tiles, "offers": offers, "sessions": desk.next_sessions(actor), "keeps": keeps} | figures


def _office_tiles(actor: Actor) -> list[dict[str, Any]]:
    counts, numbers = counted(actor), menu.counters(actor)
    nominations = reverse("training:nominations")
    tiles = [
        {
            "value": counts.get(state, 0),
            "label": label,
            "url": f"{nominations}?state={state}",
            "danger": False,
        }
        for state, label in QUEUES
    ]
    return [
        *tiles,
        {
            "value": desk.running_out(actor), "label": pgettext_lazy("tile", "Offers that end today"),
            "url": f"{nominations}?state={_S.OFFERED}", "danger": True,
        },
        {
            "value": numbers.get("training.rooms_asked", 0), "label": pgettext_lazy("tile", "Rooms asked for"),
            "url": f"{reverse('training:room_bookings')}?state=pending", "danger": False,
        },
    ]  # fmt: skip


def _own_tiles(actor: Actor, offers: int) -> list[dict[str, Any]]:
    counts, own = counted(actor), reverse("training:own")
    learned = counts.get(_S.COMPLETED, 0) + counts.get(_S.CERTIFIED, 0)
    ahead = sum(counts.get(state, 0) for state in PLACED) - learned
    return [
        {"value": offers, "label": pgettext_lazy("tile", "Seats to answer"), "url": own, "danger": True},
        {
            "value": ahead,
            "label": pgettext_lazy("tile", "Accepted and under way"),
            "url": own,
            "danger": False,
        },
        {"value": learned, "label": pgettext_lazy("tile", "Learned"), "url": own, "danger": False},
    ]

"""The pipeline of interests: the office's list and board, a company's own, one with its notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F

from clinics.selectors.staff import people_who_are
from cluster_portal.accounts.models import User
from cluster_portal.accounts.roles import Role
from cluster_portal.common.asking import Asking
from investors.models import Interest
from investors.policies import READERS, interest_policy
from investors.states import INTEREST, InterestState

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from investors.models import InterestMove, InterestNote, Plot

#: What has moved last comes first.
ORDER = ("-updated_at", "-id")
#: So many interests of each state stand on the board.
COLUMN = 20


@dataclass(frozen=True, slots=True)
class InterestsAsked(Asking):
    """What the bar above the list asks for."""

    state: str = ""
    responsible: str = ""


def interests(actor: Actor, asked: InterestsAsked) -> QuerySet[Interest]:
    """The interests that the actor may see, with their companies."""
    rows = interest_policy.queryset(actor).select_related("investor", "responsible")
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.responsible:
        rows = rows.filter(responsible=asked.responsible)
    return rows.prefetch_related("chosen__plot__site")


def board(actor: Actor, asked: InterestsAsked) -> list[tuple[str, str, list[Interest], int]]:
    """Columns by state: code, name, the first COLUMN interests by the day of the next step, and how many there are."""
    rows = interests(actor, InterestsAsked(responsible=asked.responsible))
    columns = []
    for state in InterestState:
        found = rows.filter(state=state)
        first = list(found.order_by(F("next_on").asc(nulls_last=True), "id")[: COLUMN + 1])
        number = len(first) if len(first) <= COLUMN else found.count()
        columns.append((state.value, state.label, first[:COLUMN], number))
    return columns


def new_interests(actor: Actor) -> QuerySet[Interest]:
    """Interests to which nobody of the land office has answered."""
    return interest_policy.queryset(actor, "keep").filter(state=InterestState.NEW)


def land_people() -> QuerySet[User]:
    """Who may be responsible for an interest."""
    return User.objects.filter(pk__in=people_who_are(Role.LAND)).order_by("name", "id")


@dataclass(frozen=True, slots=True)
class InterestFile:
    """An interest as a reader sees it; `notes` are empty for its company."""

    interest: Interest
    plots: list[Plot]
    notes: list[InterestNote]
    moves: list[InterestMove]
    actions: list[str]
    keeps: bool


def interest_file(actor: Actor, interest_id: uuid.UUID) -> InterestFile:
    """Everything of one interest that the actor may read. Raises NotFound."""
    rows = Interest.objects.select_related("investor", "author", "responsible").prefetch_related(
        "chosen__plot__site"
    )
    interest = interest_policy.get(actor, "view", interest_id, queryset=rows)
    reads_notes = actor.has(*READERS) and not interest_policy.allows(actor, "edit", interest)
    notes = interest.notes.select_related("author").order_by("-created_at", "-id") if reads_notes else ()
    return InterestFile(
        interest,
        [one.plot for one in interest.chosen.all()],
        list(notes),
        list(interest.moves.all()),
        actions_on(actor, interest),
        keeps=interest_policy.allows(actor, "keep", interest),
    )


def actions_on(actor: Actor, interest: Interest) -> list[str]:
    """What the actor may do with an interest now."""
    return INTEREST.available(interest.state, interest_policy.sides(actor, interest))


def interest_to(actor: Actor, right: str, interest_id: uuid.UUID) -> Interest:
    """An interest to which the actor has a right. Raises NotFound, Forbidden."""
    rows = Interest.objects.select_related("investor")
    return interest_policy.get(actor, right, interest_id, queryset=rows)

"""Who sits in a slot: a socket that the layer above plugs into.

Bookings belong to `patients`, which stands above this app and must not be imported here. It registers seven functions
(in `ready()`), and the registry's pages and services ask them; until then every slot looks as its counter says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from clinics.models import Quota
    from cluster_portal.common.actor import Actor


@dataclass(frozen=True, slots=True)
class Occupant:
    """One active booking as the schedule shows it: `name` and `note` are for display, `url` leads to the referral.

    `held_until` is set while it is only a hold.
    """

    slot_id: uuid.UUID
    name: str
    note: str = ""
    url: str = ""
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A referral without a time that waits for a clinic, in words; the office reads no patient's name."""

    number: str
    service: str
    source: str
    state: str


_rows: Callable[[Actor, Iterable[uuid.UUID]], Iterable[Occupant]] | None = None
_lapsed: Callable[[datetime], Iterable[uuid.UUID]] | None = None
_release: Callable[[Actor, Iterable[uuid.UUID]], int] | None = None
_moving: Callable[[Actor, uuid.UUID, uuid.UUID | None], str] | None = None
_count: Callable[[Quota], int] | None = None
_waiting: Callable[[uuid.UUID], list[Waiting]] | None = None
_give_back: Callable[[Actor, uuid.UUID], int] | None = None


def register(
    *,
    rows: Callable[[Actor, Iterable[uuid.UUID]], Iterable[Occupant]] | None = None,
    lapsed: Callable[[datetime], Iterable[uuid.UUID]] | None = None,
    release: Callable[[Actor, Iterable[uuid.UUID]], int] | None = None,
    moving: Callable[[Actor, uuid.UUID, uuid.UUID | None], str] | None = None,
    count: Callable[[Quota], int] | None = None,
    waiting: Callable[[uuid.UUID], list[Waiting]] | None = None,
    give_back: Callable[[Actor, uuid.UUID], int] | None = None,
) -> None:
    """Plug in what knows the bookings.

    `rows(actor, slot_ids)` gives the occupants of these slots, as far as the actor may see them, in one query.
    `lapsed(now)` gives the ids of the slots on which a hold has lapsed and was not released yet (one query on a small
    partial index, or nothing). `release(actor, slot_ids)` ends such holds on these slots, which the caller has locked,
    gives the places back and answers how many. `moving(actor, clinic, practitioner)` is the address of the page that
    moves those who are in closing slots. `count(quota)` makes the bookings that a new quota is about count in it, while
    their slots are locked, and answers how many. `waiting(clinic)` gives the referrals without a time that wait for the
    clinic; `give_back(actor, clinic)` returns them to those who sent them, before any slot is locked, and answers how
    many.
    """
    global _rows, _lapsed, _release, _moving, _count, _waiting, _give_back
    _rows, _lapsed, _release = rows or _rows, lapsed or _lapsed, release or _release
    _moving, _count = moving or _moving, count or _count
    _waiting, _give_back = waiting or _waiting, give_back or _give_back


def occupants(actor: Actor, slot_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Occupant]]:
    """Who is in these slots, by slot."""
    found: dict[uuid.UUID, list[Occupant]] = {}
    wanted = list(slot_ids)
    for occupant in _rows(actor, wanted) if _rows and wanted else ():
        found.setdefault(occupant.slot_id, []).append(occupant)
    return found


def lapsed_slots(now: datetime) -> list[uuid.UUID]:
    """The slots whose counter still counts a hold that has lapsed."""
    return list(_lapsed(now)) if _lapsed else []


def release_lapsed(actor: Actor, slot_ids: Iterable[uuid.UUID]) -> int:
    """End lapsed holds on these slots, locked by the caller. Returns how many."""
    wanted = list(slot_ids)
    return _release(actor, wanted) if _release and wanted else 0


def moving_url(actor: Actor, clinic_id: uuid.UUID, practitioner_id: uuid.UUID | None) -> str:
    """Where the actor moves those who are in the closing slots of a clinic and a person; empty where there is none."""
    return _moving(actor, clinic_id, practitioner_id) if _moving else ""


def count_into(quota: Quota) -> int:
    """Make the month's bookings count in a new quota, whose slots the caller has locked. Returns how many there are."""
    return _count(quota) if _count else 0


def waiting_at(clinic_id: uuid.UUID) -> list[Waiting]:
    """The referrals without a time that wait for a clinic, the oldest first."""
    return _waiting(clinic_id) if _waiting else []


def give_back_waiting(actor: Actor, clinic_id: uuid.UUID) -> int:
    """Return those referrals to the clinics that sent them. Returns how many."""
    return _give_back(actor, clinic_id) if _give_back else 0

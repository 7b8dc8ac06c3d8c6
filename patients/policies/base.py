"""Whose work it is: the roles that patients' policies speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.accounts.roles import Role

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor

#: Those who work with patients; the cluster office does not.
STAFF = frozenset({Role.REFERRER, Role.COORDINATOR, Role.MANAGER, Role.CLIENT})
#: Those who decide on incoming referrals; at the desk a registrar marks who came.
DECIDERS = frozenset({Role.COORDINATOR, Role.MANAGER, Role.CLIENT})
DESK_ACTIONS = frozenset(
    {
        "arrive", "no_show", "record_call", "book", "reschedule", "cancel_booking", "wait", "change_preferences",
        "stop_waiting",
    }
)  # fmt: skip


def is_staff(actor: Actor) -> bool:
    return actor.organization_id is not None and actor.has(*STAFF)

"""One act on many referrals: each row by its own policy and service, in its own transaction; none stops the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cluster_portal.common.errors import Invalid, PortalError
from patients.services.decisions import accept_referral, cancel_referral
from patients.services.steps import check_reason
from patients.services.visits import read_conclusion
from patients.services.waitlist import wait_referral

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable

    from cluster_portal.common.actor import Actor

#: The most rows at once: two pages of a list.
AT_MOST = 100

READ, WAIT, CANCEL, ACCEPT = "read", "wait", "cancel", "accept"
_RUN: dict[str, Callable[..., Any]] = {
    READ: read_conclusion,
    WAIT: wait_referral,
    CANCEL: cancel_referral,
    ACCEPT: accept_referral,
}
#: Acts that are told why, once for all rows.
REASONED = frozenset({CANCEL})
ACTS = tuple(_RUN)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a row; `error` says why nothing did."""

    referral_id: uuid.UUID
    error: PortalError | None = None


def act_on_referrals(
    actor: Actor, *, act: str, referral_ids: Iterable[uuid.UUID], reason: str = "", comment: str = ""
) -> list[Result]:
    """Do `act` to each referral in the order given, and say what became of each.

    No service: each row is one. Raises Invalid before the first row where the act or its reason makes no sense, and
    for more than `AT_MOST` rows.
    """
    ids = list(dict.fromkeys(referral_ids))
    if act not in _RUN:
        raise Invalid({"act": _("There is no such action.")})
    if len(ids) > AT_MOST:
        raise Invalid({"referrals": _("At most %(n)d referrals at once.") % {"n": AT_MOST}})
    data: dict[str, str] = {}
    if act in REASONED:
        check_reason(act, reason, comment)
        data = {"reason": reason, "comment": comment}
    return [_one(actor, act, pk, data) for pk in ids]


def _one(actor: Actor, act: str, referral_id: uuid.UUID, data: dict[str, str]) -> Result:
    try:
        _RUN[act](actor, referral_id=referral_id, **data)
    except PortalError as error:
        return Result(referral_id, error)
    return Result(referral_id)


__all__ = ["ACCEPT", "ACTS", "AT_MOST", "CANCEL", "READ", "REASONED", "WAIT", "Result", "act_on_referrals"]

"""One act on many nominations: each by its own service, in its own transaction; none stops the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cluster_portal.common.errors import Invalid, PortalError
from training.services import certificates, nominations, offers
from training.services.steps import say_why

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable

    from cluster_portal.common.actor import Actor

#: The most rows at once: two pages of a list.
AT_MOST = 100
RUN: dict[str, Callable[..., Any]] = {
    "shortlist": nominations.shortlist_nomination,
    "offer": offers.offer_seat,
    "wait": nominations.waitlist_nomination,
    "confirm": nominations.confirm_nomination,
    "begin": nominations.begin_nomination,
    "complete": nominations.complete_nomination,
    "fall_short": nominations.fail_nomination,
    "certify": certificates.certify_nomination,
    "reject": nominations.reject_nomination,
}
#: Acts that are told why, once for all rows.
REASONED = frozenset({"reject", "fall_short"})


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a row; `error` says why nothing did."""

    nomination_id: uuid.UUID
    error: PortalError | None = None


def act_on_nominations(
    actor: Actor, *, act: str, nomination_ids: Iterable[uuid.UUID], reason: str = ""
) -> list[Result]:
    """Do `act` to each nomination in the order given, and say what became of each.

    No service: each row is one. Raises Invalid before the first row where the act or its reason makes no sense, and
    for more than `AT_MOST` rows.
    """
    ids = list(dict.fromkeys(nomination_ids))
    if act not in RUN:
        raise Invalid({"act": _("There is no such action.")})
    if not ids or len(ids) > AT_MOST:
        raise Invalid({"row": _("Choose from 1 to %(n)d rows.") % {"n": AT_MOST}})
    data = {"reason": say_why(reason)} if act in REASONED else {}
    return [_one(actor, act, pk, data) for pk in ids]


def _one(actor: Actor, act: str, nomination_id: uuid.UUID, data: dict[str, str]) -> Result:
    try:
        RUN[act](actor, nomination_id=nomination_id, **data)
    except PortalError as error:
        return Result(nomination_id, error)
    return Result(nomination_id)

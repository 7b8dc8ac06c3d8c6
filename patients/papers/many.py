"""The papers of several referrals as one file to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.common.errors import NotFound, PortalError
from cluster_portal.documents.joining import join
from patients.papers.form_057u import form_057u
from patients.papers.slip import slip

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor

FORMS, SLIPS = "forms", "slips"
_DRAW = {FORMS: form_057u, SLIPS: slip}


def many(
    actor: Actor, kind: str, referral_ids: Iterable[uuid.UUID]
) -> tuple[bytes | None, dict[uuid.UUID, PortalError]]:
    """One PDF of the papers of a kind in the order given (None where there is none), and who has none, with why.

    Each is journalled as if it were opened alone. Raises NotFound for a kind that there is not.
    """
    if kind not in _DRAW:
        raise NotFound
    drawn, refused = [], {}
    for pk in dict.fromkeys(referral_ids):
        try:
            drawn.append(_DRAW[kind](actor, pk)[0])
        except PortalError as error:
            refused[pk] = error
    return (join(drawn) if drawn else None), refused

"""What the letter of an invitation leads to: a signed key of its row, which is not kept anywhere."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.core.signing import BadSignature, Signer
from django.utils import timezone

from cluster_portal.accounts.models import User
from investors.errors import InvitationOutdated, InvitedAnother
from investors.models import InvestorInvitation

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor

_signer = Signer(salt="investors.invitation")


def sign(invitation_id: uuid.UUID) -> str:
    """What stands in the letter."""
    return _signer.sign(invitation_id.hex)


def unsigned(token: str) -> uuid.UUID:
    """The invitation of a letter. Raises InvitationOutdated for what is none of ours."""
    try:
        return uuid.UUID(_signer.unsign(token))
    except (BadSignature, ValueError) as exc:
        raise InvitationOutdated from exc


def accepted_company(actor: Actor, token: str) -> uuid.UUID | None:
    """The company of an invitation that this person has accepted already: its letter is opened again."""
    rows = InvestorInvitation.objects.filter(pk=unsigned(token), accepted_at__isnull=False)
    own = rows.filter(investor__members__user=actor.user_id, email__iexact=_email(actor))
    return own.values_list("investor", flat=True).first()


def _email(actor: Actor) -> str:
    return User.objects.filter(pk=actor.user_id).values_list("email", flat=True).first() or ""


def invitation_of(actor: Actor, token: str, *, lock: bool = False) -> InvestorInvitation:
    """An invitation that is still good, with its company, for the one to whom the letter went.

    Raises InvitationOutdated, InvitedAnother.
    """
    rows = InvestorInvitation.objects.select_related("investor", "invited_by")
    rows = rows.filter(pk=unsigned(token), accepted_at=None, expires_at__gt=timezone.now())
    found = (rows.select_for_update(of=("self",), no_key=True) if lock else rows).first()
    if found is None:
        raise InvitationOutdated
    if not User.objects.filter(pk=actor.user_id, email__iexact=found.email).exists():
        raise InvitedAnother
    return found

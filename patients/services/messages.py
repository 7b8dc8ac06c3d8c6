"""Writing to the other clinic about a referral, and reading what it wrote."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.common.background import enqueue
from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service
from patients.errors import NobodyThere
from patients.events import MESSAGE_WRITTEN
from patients.models import Message
from patients.policies import referral_policy

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


@service
def write_message(
    actor: Actor, *, referral_id: uuid.UUID, text: str, key: uuid.UUID | None = None
) -> Message:
    """Write to the other side; what it wrote before counts as read. The same `key` again is the same message.

    Raises NotFound, Forbidden (a clinic that has passed the referral on), NobodyThere while there is no other side,
    and Invalid for an empty or too long text.
    """
    referral = referral_policy.get(actor, "write", referral_id, lock=True)
    known = (
        key and Message.objects.filter(referral=referral, key=key, organization=actor.organization_id).first()
    )
    if known:
        return known
    text = text.strip()
    if not text:
        raise Invalid({"text": [_("Please write something.")]})
    if len(text) > Message.LONGEST:
        raise Invalid({"text": [_("The message is longer than %(n)s characters.") % {"n": Message.LONGEST}]})
    ours = actor.organization_id == referral.source_organization_id
    addressee = referral.target_organization_id if ours else referral.source_organization_id
    if addressee is None or referral.submitted_at is None:
        raise NobodyThere
    _read(actor, referral_id)
    message = Message.objects.create(
        referral=referral,
        organization_id=actor.organization_id,
        addressee_id=addressee,
        author_id=actor.user_id,
        author_name=actor.name,
        text=text,
        key=key or uuid.uuid4(),
    )
    enqueue(MESSAGE_WRITTEN, {"message": str(message.pk)})
    return message


@service
def read_messages(actor: Actor, *, referral_id: uuid.UUID) -> int:
    """The actor's organisation has read what was written to it. Returns how many were unread.

    Raises NotFound and Forbidden.
    """
    referral_policy.get(actor, "write", referral_id)
    return _read(actor, referral_id)


def _read(actor: Actor, referral_id: uuid.UUID) -> int:
    unread = Message.objects.filter(
        referral=referral_id, addressee=actor.organization_id, read_at__isnull=True
    )
    if actor.user_id:
        # Within one organisation nobody reads their own words for the other.
        unread = unread.exclude(author=actor.user_id)
    return unread.update(read_at=timezone.now(), read_by=actor.user_id)

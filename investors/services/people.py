"""Who acts for a company: owners of its account invite others by e-mail and take them off again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from cluster_portal.common.background import enqueue
from cluster_portal.common.filling import fill
from cluster_portal.common.service import service
from cluster_portal.common.translated import current_language
from investors.errors import AlreadyActsFor, InvitationOutdated, LastOwner
from investors.events import INVITE
from investors.models import InvestorInvitation, InvestorMember
from investors.policies import investor_policy, invitation_policy, member_policy
from investors.selectors.invitations import invitation_of, sign
from investors.states import MemberRole

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor

#: How long an invitation is good.
GOOD = timedelta(days=14)


@service
def invite_person(actor: Actor, *, investor_id: uuid.UUID, email: str, role: str) -> InvestorInvitation:
    """Ask somebody by e-mail to act for a company; asked again, the letter is sent anew.

    Raises NotFound, Forbidden, Invalid, AlreadyActsFor.
    """
    investor = investor_policy.get(actor, "own", investor_id, lock=True)
    email = email.strip().lower()
    if investor.members.filter(user__email__iexact=email).exists():
        raise AlreadyActsFor(field="email")
    invitation = investor.invitations.filter(email__iexact=email, accepted_at=None).first()
    invitation = invitation or InvestorInvitation(investor=investor)
    fill(invitation, {"email": email, "role": role}, ("email", "role"))
    invitation.invited_by_id, invitation.language = actor.user_id, current_language()
    invitation.expires_at = timezone.now() + GOOD
    invitation.save()
    enqueue(INVITE, {"invitation": str(invitation.pk)})
    return invitation


@service
def withdraw_invitation(actor: Actor, *, invitation_id: uuid.UUID) -> None:
    """The letter is good no longer. Raises NotFound, Forbidden."""
    invitation = invitation_policy.get(actor, "own", invitation_id, lock=True)
    if invitation.accepted_at is not None:
        raise InvitationOutdated
    invitation.delete()


@service
def accept_invitation(actor: Actor, *, token: str) -> InvestorMember:
    """The person to whom the letter came acts for the company from now on.

    Raises InvitationOutdated, InvitedAnother.
    """
    invitation = invitation_of(actor, token, lock=True)
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at", "updated_at"])
    return InvestorMember.objects.create(
        investor_id=invitation.investor_id, user_id=actor.user_id, role=invitation.role
    )


@service
def remove_person(actor: Actor, *, member_id: uuid.UUID) -> None:
    """Somebody acts for the company no longer. Raises NotFound, Forbidden, LastOwner."""
    member = member_policy.get(actor, "own", member_id)
    investor_policy.get(actor, "own", member.investor_id, lock=True)
    owners = InvestorMember.objects.filter(investor=member.investor_id, role=MemberRole.OWNER)
    if not owners.exclude(pk=member.pk).exists():
        raise LastOwner
    member.delete()


def mail_invitation(invitation_id: str) -> bool:
    """Send the letter of an invitation in the language of whoever invites. Returns whether it went out."""
    rows = InvestorInvitation.objects.select_related("investor", "invited_by")
    invitation = rows.filter(pk=invitation_id, accepted_at=None, expires_at__gt=timezone.now()).first()
    if invitation is None:
        return False
    public = settings.PUBLIC_URL.rstrip("/")
    with translation.override(invitation.language or settings.LANGUAGE_CODE):
        context = {
            "invitation": invitation, "site": settings.SITE_NAME,
            "link": public + reverse("investors:join", args=[sign(invitation.pk)]),
        }  # fmt: skip
        subject = translation.gettext("You are invited to act for %(company)s") % {
            "company": invitation.investor
        }
        body = render_to_string("investors/mail/invitation.txt", context)
    EmailMessage(
        subject=" ".join(subject.split()), body=body, to=[invitation.email],
        headers={"Auto-Submitted": "auto-generated", "Content-Language": invitation.language},
    ).send()  # fmt: skip
    return True

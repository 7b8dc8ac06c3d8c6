"""What demo users were told of late, as the portal would have told them; nothing is mailed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from clinics.models import Membership
from cluster_portal.accounts.models import User
from cluster_portal.notifications.models import Notice
from patients.models import ReferralStep
from patients.services.notices import RECEIVERS, TOLD, tell_of_step

if TYPE_CHECKING:
    from django.db.models import QuerySet

#: How many steps each person hears of for each side that they stand on, and for how long a notice stays unread.
EACH, FRESH = 6, timedelta(hours=20)


def tell_news(now: datetime) -> int:
    """Notices of the newest steps that concern demo users; those of yesterday are read. Returns how many."""
    for user in User.objects.filter(is_demo=True):
        for step in _news_of(user):
            tell_of_step(step.pk)
    notices = list(Notice.objects.all())
    at = dict(
        ReferralStep.objects.filter(
            pk__in=[notice.key.removeprefix("step:") for notice in notices]
        ).values_list("pk", "at")
    )
    for notice in notices:
        notice.created_at = notice.mailed_at = at[int(notice.key.removeprefix("step:"))]
        notice.read_at = notice.created_at + timedelta(hours=2) if now - notice.created_at > FRESH else None
    Notice.objects.bulk_update(notices, ["created_at", "mailed_at", "read_at"])
    return len(notices)


def _news_of(user: User) -> list[ReferralStep]:
    """The newest steps of both sides that the user might be told of."""
    receives = Membership.objects.filter(user=user, role__in=RECEIVERS).values("organization")
    steps = ReferralStep.objects.filter(action__in=TOLD).exclude(user=user).order_by("-at")
    sides: list[QuerySet[ReferralStep]] = [
        steps.exclude(action="submit").filter(referral__author=user),
        steps.filter(action__in=("submit", "redirect", "cancel"), referral__target_organization__in=receives),
    ]
    return [step for side in sides for step in side[:EACH]]

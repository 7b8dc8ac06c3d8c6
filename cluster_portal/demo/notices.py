"""What demo users were told of late, as the portal would have told them, with the mails long gone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from clinics.models import Membership
from cluster_portal.accounts.models import User
from cluster_portal.notifications.models import Notice
from patients.models import ReferralStep
from patients.services.notices import RECEIVERS, TOLD, news_of_step

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from django.db.models import QuerySet

#: How many steps each person hears of for each side that they stand on, and for how long a notice stays unread.
EACH, FRESH = 6, timedelta(hours=20)


def tell_news(now: datetime) -> int:
    """Notices of the newest steps that concern demo users; those of yesterday are read. Returns how many.

    The rows are written as they would stand by now: telling through `notify` would queue a mail for each.
    """
    told: dict[tuple[uuid.UUID, str], Notice] = {}
    for user in User.objects.filter(is_demo=True):
        for step in _news_of(user):
            read_at = step.at + timedelta(hours=2) if now - step.at > FRESH else None
            for news in news_of_step(step.pk):
                for reader in news.pop("users"):
                    notice = Notice(
                        user_id=reader, created_at=step.at, mailed_at=step.at, read_at=read_at, **news
                    )
                    told.setdefault((reader, notice.key), notice)
    return len(Notice.objects.bulk_create(told.values()))


def _news_of(user: User) -> list[ReferralStep]:
    """The newest steps of both sides that the user might be told of."""
    receives = Membership.objects.filter(user=user, role__in=RECEIVERS).values("organization")
    steps = ReferralStep.objects.filter(action__in=TOLD).exclude(user=user).order_by("-at")
    sides: list[QuerySet[ReferralStep]] = [
        steps.exclude(action="submit").filter(referral__author=user),
        steps.filter(action__in=("submit", "redirect", "cancel"), referral__target_organization__in=receives),
    ]
    return [step for side in sides for step in side[:EACH]]

"""What came of a tender: the ranks of its bids, and who was awarded."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated
from investors.models.bid import Bid
from investors.models.tender import Tender
from investors.states import AWARD, AwardState


class Standing(UUIDModel):
    """The rank of a bid as it was when the tender was awarded first; it stays, whoever withdraws later.

    `marks` holds the average mark by each criterion (its id → text of a number), `total` their weighted sum, 0 to 100.
    """

    bid = models.OneToOneField(Bid, models.PROTECT, related_name="standing")
    rank = models.PositiveSmallIntegerField(_("rank"))
    total = models.DecimalField(_("points"), max_digits=7, decimal_places=4)
    marks = models.JSONField()

    class Meta:
        verbose_name = _("rank of a bid")
        verbose_name_plural = _("ranks of bids")
        ordering = ["rank"]
        triggers = [Journal(), pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.rank}. {self.total}"


class Award(UUIDModel, TimeStamped):
    """The decision that a bid has won. The contract may follow from `standstill_until` on.

    An award ends when its company withdraws or the land office revokes it, with a reason; then the next in rank may
    be awarded. One is in force at a time.
    """

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="awards", db_index=False)
    bid = models.OneToOneField(Bid, models.PROTECT, related_name="award")
    state = models.CharField(_("state"), max_length=8, choices=AwardState, default=AwardState.ACTIVE)
    reasons = Translated(models.TextField(pgettext_lazy("award", "grounds"), max_length=2000))
    awarded_at = models.DateTimeField(pgettext_lazy("award", "awarded"))
    standstill_until = models.DateTimeField(_("standstill until"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        ordering = ["awarded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["tender"], condition=Q(state=AwardState.ACTIVE), name="award_one_active"
            ),
            models.CheckConstraint(
                condition=Q(state=AwardState.ACTIVE) | Q(ended_at__isnull=False) & ~Q(end_reason=""),
                name="award_ended_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["tender", "awarded_at"], name="award_tender")]
        triggers = [Journal(), pgtrigger.FSM(name="award_states", field="state", transitions=AWARD.pairs)]

    def __str__(self) -> str:
        return f"{self.tender_id}: {self.bid_id}"

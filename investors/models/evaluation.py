"""Who judges the bids of a tender, and the marks that each gives; the others see them when all have finished."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from investors.models.bid import Bid
from investors.models.tender import Criterion, Tender
from investors.states import BEST_MARK, EVALUATORS, EvaluatorState


class Evaluator(UUIDModel, TimeStamped):
    """Somebody whom the land office has asked to judge the bids of a tender; nobody of a company that bids.

    Before any offer is shown, a conflict of interests is declared or denied. `reason` tells why one was excluded.
    """

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="evaluators", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(pgettext_lazy("evaluator", "name"), max_length=200)
    state = models.CharField(_("state"), max_length=8, choices=EvaluatorState, default=EvaluatorState.NAMED)
    declared_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("evaluator")
        verbose_name_plural = _("evaluators")
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["tender", "user"], name="evaluator_once")]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="evaluator_states", field="state", transitions=EVALUATORS.pairs),
            # Also whoever has come to a bidding company since.
            pgtrigger.Trigger(
                name="evaluator_apart",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__state__df="excluded"),
                func="""
                    IF EXISTS (
                        SELECT FROM investors_bid bid
                          JOIN investors_investormember person ON person.investor_id = bid.investor_id
                         WHERE bid.tender_id = NEW.tender_id AND person.user_id = NEW.user_id
                    ) THEN
                        RAISE EXCEPTION 'acts for a company that bids'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'evaluator_apart';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Score(UUIDModel, TimeStamped):
    """The mark of an evaluator for a bid by a criterion, 0 to 100. It is fixed once the evaluator has finished.

    The journal tells who gave marks when, not which: whoever reads it may be an evaluator too.
    """

    evaluator = models.ForeignKey(Evaluator, models.PROTECT, related_name="scores", db_index=False)
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="scores")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+", db_index=False)
    value = models.DecimalField(
        _("mark"), max_digits=4, decimal_places=1,
        validators=[MinValueValidator(0), MaxValueValidator(BEST_MARK)],
    )  # fmt: skip
    comment = models.CharField(_("comment"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        constraints = [
            models.UniqueConstraint(fields=["evaluator", "bid", "criterion"], name="score_once"),
            models.CheckConstraint(condition=Q(value__gte=0, value__lte=BEST_MARK), name="score_bounds"),
        ]
        triggers = [
            Journal(exclude=("value", "comment")),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="score_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NOT EXISTS (
                        SELECT FROM investors_evaluator person
                          JOIN investors_bid bid ON bid.tender_id = person.tender_id
                          JOIN investors_criterion criterion ON criterion.tender_id = person.tender_id
                         WHERE person.id = NEW.evaluator_id AND person.state = 'declared'
                           AND bid.id = NEW.bid_id AND bid.state = 'qualified'
                           AND criterion.id = NEW.criterion_id AND criterion.figure = ''
                    ) THEN
                        RAISE EXCEPTION 'no mark is awaited here'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'score_open';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return str(self.value)

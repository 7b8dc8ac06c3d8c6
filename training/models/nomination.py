"""Who is to learn what: a nomination of a specialist for an intake, and its story."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import Organization
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from training.models.programme import Intake
from training.models.specialist import Specialist
from training.states import ENDED, LIVE, NOMINATION, PLACED, NominationState


class DateRange(Func):
    """`daterange(first, last, '[]')`: both days are of it."""

    function = "DATERANGE"
    output_field = DateRangeField()


class Nomination(UUIDModel, TimeStamped):
    """A specialist on the way to a seat in an intake, or in it.

    `organization` is the employer that stood behind it. `choice` ranks a specialist's nominations, 1 first: a seat is
    not offered while a better one is kept for the person on overlapping days. `waiting_since` is the place on the
    waiting list. An offer is kept until `offer_until`, and lapses by the clock alone. `starts_on` and `ends_on` repeat
    the intake's days, so that the database itself keeps two placements of one person apart.
    """

    number = models.CharField(_("number"), max_length=16, unique=True)
    specialist = models.ForeignKey(Specialist, models.PROTECT, related_name="nominations")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name=_("employer")
    )
    intake = models.ForeignKey(Intake, models.PROTECT, related_name="nominations")
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    choice = models.PositiveSmallIntegerField(_("preference"), default=1)
    motivation = models.TextField(_("why this person"), max_length=1000, blank=True)
    state = models.CharField(
        _("state"), max_length=11, choices=NominationState, default=NominationState.DRAFT
    )
    nominated_at = models.DateTimeField(_("nominated"), null=True, blank=True)
    waiting_since = models.DateTimeField(_("waits since"), null=True, blank=True)
    offer_until = models.DateTimeField(_("answer by"), null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("nomination")
        verbose_name_plural = _("nominations")
        constraints = [
            models.UniqueConstraint(
                fields=["specialist", "intake"], condition=Q(state__in=LIVE), name="nomination_once"
            ),
            ExclusionConstraint(
                name="nomination_overlap",
                expressions=[
                    ("specialist", RangeOperators.EQUAL),
                    (
                        DateRange("starts_on", "ends_on", RangeBoundary(inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state__in=PLACED),
            ),
            models.CheckConstraint(
                condition=~Q(state=NominationState.OFFERED) | Q(offer_until__isnull=False),
                name="nomination_offer_ends",
            ),
            models.CheckConstraint(
                condition=~Q(state=NominationState.WAITLISTED) | Q(waiting_since__isnull=False),
                name="nomination_waits_since",
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="nomination_dates"),
        ]
        indexes = [
            models.Index(fields=["intake", "state", "number"], name="nomination_board"),
            models.Index(
                fields=["intake", "waiting_since", "id"], name="nomination_queue",
                condition=Q(state=NominationState.WAITLISTED),
            ),
            models.Index(fields=["organization", "-number"], name="nomination_of_employer"),
            models.Index(fields=["specialist", "choice"], name="nomination_of_person"),
        ]  # fmt: skip
        triggers = [
            Journal(),
            pgtrigger.FSM(name="nomination_states", field="state", transitions=NOMINATION.pairs),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    def overlaps(self, other: Nomination) -> bool:
        """Whether the days of the two have one in common."""
        return self.starts_on <= other.ends_on and other.starts_on <= self.ends_on


class NominationStep(models.Model):
    """A step of a nomination from one state to another: who, when, why."""

    id = models.BigAutoField(primary_key=True)
    nomination = models.ForeignKey(Nomination, models.CASCADE, related_name="steps")
    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=12)
    from_state = models.CharField(max_length=11, choices=NominationState, blank=True)
    to_state = models.CharField(max_length=11, choices=NominationState)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["nomination", "at"], name="nominationstep_story")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d}"

"""Sums by day over referrals and visits, for the screens. What each sum means is in `selectors.measures`.

Several narrow tables instead of one with every key: referrals scatter over services, clinics and urgencies so much that
a table of all combinations would have nearly a line for each of them.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from clinics.models import Organization, ServiceType
from cluster_portal.common.models import DayCell

_STATES = (
    "submitted", "returned", "accepted", "waitlisted", "booked", "in_care", "completed", "rejected", "cancelled",
)  # fmt: skip


class ReferralSums(DayCell):
    """What became of the referrals submitted on a day.

    The states sum to `sent`. `was_returned` are those ever sent back; `overdue` and `breached` are as of today.
    """

    SUMS = ("sent", *_STATES, "was_returned", "within_norm", "breached", "overdue")

    sent = models.IntegerField()
    submitted = models.IntegerField()
    returned = models.IntegerField()
    accepted = models.IntegerField()
    waitlisted = models.IntegerField()
    booked = models.IntegerField()
    in_care = models.IntegerField()
    completed = models.IntegerField()
    rejected = models.IntegerField()
    cancelled = models.IntegerField()
    was_returned = models.IntegerField()
    within_norm = models.IntegerField()
    breached = models.IntegerField()
    overdue = models.IntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.day}: {self.sent}"


class SentDay(ReferralSums):
    """Referrals of the whole cluster."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "day"], name="sentday_one")]


class FlowDay(ReferralSums):
    """Referrals from one organisation to another (or to none yet)."""

    KEYS = ("source_organization", "target_organization")

    source_organization = models.ForeignKey(Organization, models.CASCADE, related_name="+", db_index=False)
    target_organization = models.ForeignKey(
        Organization, models.CASCADE, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "day", "source_organization", "target_organization"],
                name="flowday_one", nulls_distinct=False,
            )
        ]  # fmt: skip
        indexes = [
            # Where those wait whose norm has run out: of all months only those with one of them.
            models.Index(
                fields=["target_organization"], name="flowday_overdue", condition=Q(month=True, overdue__gt=0)
            )
        ]


class WaitDay(DayCell):
    """Referrals submitted on a day for a service type whose patient was seen after so many days (`days`).

    Those who wait past the norm are here with null; the others who wait are not. `allowed` sums the days that the norms
    allow to the `normed` ones. From the lines of a period follow its percentiles, exactly.
    """

    KEYS = ("service_type", "days")
    SUMS = ("number", "normed", "allowed", "within_norm", "breached")

    service_type = models.ForeignKey(ServiceType, models.CASCADE, related_name="+", db_index=False)
    days = models.IntegerField(null=True)
    number = models.IntegerField()
    normed = models.IntegerField()
    allowed = models.IntegerField()
    within_norm = models.IntegerField()
    breached = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "day", "service_type", "days"], name="waitday_one", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.number} × {self.days}"


class DecisionDay(DayCell):
    """Decisions that an organisation took on a day: the step's `action`, and its coded `reason` where it has one."""

    KEYS = ("organization", "action", "reason")
    SUMS = ("number",)

    organization = models.ForeignKey(
        Organization, models.CASCADE, null=True, related_name="+", db_index=False
    )
    action = models.CharField(max_length=20)
    reason = models.CharField(max_length=20)
    number = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "day", "organization", "action", "reason"],
                name="decisionday_one", nulls_distinct=False,
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.day}: {self.action} {self.reason} {self.number}"


class VisitDay(DayCell):
    """Visits of a day at an organisation's clinics: what became of them.

    `came`, `missed`, `called_off`, `moved` and `ahead` (still booked, also those that nobody marked) sum to all.
    """

    KEYS = ("organization",)
    SUMS = ("came", "missed", "called_off", "moved", "ahead")

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+", db_index=False)
    came = models.IntegerField()
    missed = models.IntegerField()
    called_off = models.IntegerField()
    moved = models.IntegerField()
    ahead = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "day", "organization"], name="visitday_one")]

    def __str__(self) -> str:
        return f"{self.day}: {self.came}"

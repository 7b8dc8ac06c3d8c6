"""How the sums over referrals and visits are counted (`common.summaries`), by `selectors.measures`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Case, Count, Q, Sum, When
from django.db.models.functions import Coalesce

from clinics.models import Organization
from clinics.selectors.measures import day_by_cluster
from clinics.selectors.summaries import ByCluster, days_with, stretches
from patients.models import Booking, DecisionDay, FlowDay, Referral, ReferralStep, SentDay, VisitDay, WaitDay
from patients.selectors import measures
from patients.states import BookingState, ReferralState

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from cluster_portal.common.models import DayCell

REFERRALS, DECISIONS, VISITS = "referrals", "decisions", "visits"


class Referrals(ByCluster):
    """Referrals by the day of their submission."""

    name = REFERRALS
    tables = (SentDay, FlowDay, WaitDay)

    def every_day(self) -> set[date]:
        return days_with(Referral.objects.filter(submitted_at__isnull=False), "submitted_at")

    def turned(self, since: date, today: date) -> set[date]:
        """Days whose referrals went past the norm meanwhile, waiting."""
        late = Referral.objects.filter(
            due_on__gte=since, due_on__lt=today, state__in=measures.WAITING, submitted_at__isnull=False
        )
        return days_with(late, "submitted_at")

    def cells(self, table: type[DayCell], days: list[date]) -> QuerySet:
        sent = (
            Referral.objects.filter(stretches(days, "submitted_at"))
            .annotate(day=measures.submission_day())
            .alias(visit_day=measures.visit_day())
            .order_by()
        )
        return self._waits(sent) if table is WaitDay else self._sums(sent, table)

    def _sums(self, sent: QuerySet, table: type[DayCell]) -> QuerySet:
        states = {
            value: Count("pk", filter=Q(state=value))
            for value in ReferralState.values
            if value != ReferralState.DRAFT
        }
        return (
            sent.alias(back=measures.was_returned())
            .values("day", *(f"{key}_id" for key in table.KEYS))
            .annotate(
                sent=Count("pk"),
                **states,
                was_returned=Count("pk", filter=Q(back=True)),
                within_norm=Count("pk", filter=measures.seen_within_norm()),
                breached=Count("pk", filter=measures.breached(self.today())),
                overdue=Count("pk", filter=measures.overdue(self.today())),
            )
        )

    def _waits(self, sent: QuerySet) -> QuerySet:
        return (
            sent.filter(measures.seen() | measures.overdue(self.today()))
            .annotate(days=Case(When(measures.seen(), then=measures.waiting_days())))
            .alias(may=measures.allowed_days())
            .values("day", "service_type_id", "days")
            .annotate(
                number=Count("pk"),
                normed=Count("pk", filter=measures.normed()),
                allowed=Coalesce(Sum("may"), 0),
                within_norm=Count("pk", filter=measures.seen_within_norm()),
                breached=Count("pk", filter=measures.breached(self.today())),
            )
        )


class Decisions(ByCluster):
    """Decisions of receiving sides by the day on which they were taken."""

    name = DECISIONS
    tables = (DecisionDay,)

    def every_day(self) -> set[date]:
        return days_with(ReferralStep.objects.filter(action__in=measures.DECISIONS), "at")

    def cells(self, table: type[DayCell], days: list[date]) -> QuerySet:
        taken = ReferralStep.objects.filter(stretches(days, "at"), action__in=measures.DECISIONS)
        return (
            taken.annotate(day=day_by_cluster("at"))
            .order_by()
            .values("day", "organization_id", "action", "reason")
            .annotate(number=Count("pk"))
        )


class Visits(ByCluster):
    """Visits by their day."""

    name = VISITS
    tables = (VisitDay,)

    def every_day(self) -> set[date]:
        return days_with(Booking.objects.filter(measures.visits()), "start")

    def cells(self, table: type[DayCell], days: list[date]) -> QuerySet:
        # By name, so that the index of each organisation's visits is used and not the whole table.
        organizations = list(Organization.objects.values_list("pk", flat=True))
        rows = Booking.objects.filter(
            measures.visits(), stretches(days, "start"), organization__in=organizations
        )
        return (
            rows.annotate(day=day_by_cluster())
            .order_by()
            .values("day", "organization_id")
            .annotate(
                came=Count("pk", filter=measures.came()),
                missed=Count("pk", filter=measures.no_show()),
                called_off=Count("pk", filter=measures.called_off()),
                moved=Count("pk", filter=measures.moved()),
                ahead=Count("pk", filter=Q(state=BookingState.BOOKED)),
            )
        )

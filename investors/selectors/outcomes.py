"""What reports tell of tenders and of the pipeline of interests: counts and sums, nothing of a bid that is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Count,
    DecimalField,
    DurationField,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Sum,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, TruncMonth
from django.utils import timezone

from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from cluster_portal.common.aggregates import MedianTime
from investors.models import Award, Bid, Envelope, Interest, Tender, TenderPlot
from investors.policies import award_policy, tender_policy
from investors.states import OPEN_INTEREST, AwardState, BidState, EnvelopeKind, InterestState, TenderState

if TYPE_CHECKING:
    from datetime import timedelta

    from django.db.models import QuerySet

    from clinics.selectors.measures import Period
    from cluster_portal.common.actor import Actor

#: States of tenders whose envelopes were opened, as far as there were any.
UNSEALED = (TenderState.EVALUATION, TenderState.AWARDED, TenderState.COMPLETE, TenderState.UNSUCCESSFUL)


def tenders_told(actor: Actor, period: Period | None = None, state: str = "") -> QuerySet[Tender]:
    """Announced tenders, by the day of their announcement: `number_of_plots`, `hectares`, `start` (the plots' prices),
    of opened bids `participants` and `admitted`, `opened_at`, and the `offered` price of the award in force.

    `start` and `offered` are in the cluster's currency. Bids that nobody has opened are not even counted.
    """
    rows = tender_policy.queryset(actor).filter(version__gt=0)
    if period:
        first, end = period.moments()
        rows = rows.filter(published_at__gte=first, published_at__lt=end)
    if state:
        rows = rows.filter(state=state)
    lots = TenderPlot.objects.filter(tender=OuterRef("pk")).order_by().values("tender")
    opened = Bid.objects.filter(tender=OuterRef("pk"), opened_at__isnull=False).order_by().values("tender")
    offer = Envelope.objects.filter(
        kind=EnvelopeKind.OFFER, opened_at__isnull=False, bid__award__tender=OuterRef("pk"),
        bid__award__state=AwardState.ACTIVE,
    )  # fmt: skip
    price = Cast(KeyTextTransform("price", "opened"), DecimalField(max_digits=15, decimal_places=2))
    awards = award_policy.queryset(actor).select_related("bid__investor").order_by("awarded_at")
    return (
        rows.annotate(
            number_of_plots=Subquery(lots.annotate(found=Count("pk")).values("found")),
            hectares=Subquery(lots.annotate(found=Sum("plot__area")).values("found")),
            start=Subquery(lots.annotate(found=Sum("plot__price")).values("found")),
            participants=Subquery(opened.annotate(found=Count("pk")).values("found")),
            admitted=Subquery(
                opened.annotate(found=Count("pk", filter=Q(state=BidState.QUALIFIED))).values("found")
            ),
            opened_at=Subquery(opened.annotate(found=Min("opened_at")).values("found")),
            offered=Subquery(offer.annotate(price=price).values("price")[:1]),
        )
        .prefetch_related(Prefetch("awards", awards))
        .order_by("published_at", "id")
    )


def award_of(tender: Tender) -> Award | None:
    """The award in force of a row of `tenders_told`."""
    return next((award for award in tender.awards.all() if award.state == AwardState.ACTIVE), None)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the pipeline: how many interests, how they stand, what those in work plan; `age` in days, the median of
    those in work since they were told. `overdue` are those in work whose next step should have been taken.
    """

    key: Any
    told: int
    in_work: int
    agreed: int
    lost: int
    overdue: int
    without_step: int
    age: float | None
    investment: Decimal
    jobs: int


#: By what the pipeline can be divided.
DIVISIONS = {
    "state": "state", "direction": "direction", "country": "investor__country", "responsible": "responsible__name",
    "month": "month",
}  # fmt: skip


def pipeline_by(by: str, period: Period | None = None) -> list[Stretch]:
    """The interests of all companies (told in a period) by a key of `DIVISIONS`, in one statement; names nobody."""
    cluster = current_cluster()
    rows = Interest.objects.order_by()
    if period:
        first, end = period.moments()
        rows = rows.filter(created_at__gte=first, created_at__lt=end)
    if by == "month":
        rows = rows.annotate(month=TruncMonth("created_at", tzinfo=ZoneInfo(cluster.time_zone)))
    open_ones = Q(state__in=OPEN_INTEREST)
    late = open_ones & Q(next_on__lt=today_at(cluster.time_zone))
    age = ExpressionWrapper(timezone.now() - F("created_at"), output_field=DurationField())
    found = rows.values(key=F(DIVISIONS[by])).annotate(
        told=Count("pk"),
        in_work=Count("pk", filter=open_ones),
        agreed=Count("pk", filter=Q(state=InterestState.AGREEMENT)),
        lost=Count("pk", filter=Q(state=InterestState.LOST)),
        overdue=Count("pk", filter=late),
        without_step=Count("pk", filter=open_ones & Q(next_on=None)),
        age=MedianTime(age, filter=open_ones),
        investment=Sum("investment", filter=open_ones),
        jobs=Sum("jobs", filter=open_ones),
    )
    return [
        Stretch(
            **row | {"age": _days(row["age"]), "investment": row["investment"] or Decimal(), "jobs": row["jobs"] or 0}
        )
        for row in found
    ]  # fmt: skip


def _days(age: timedelta | None) -> float | None:
    return None if age is None else age.total_seconds() / 86_400

"""Which free time suits which of those who wait: one query that the database answers from the head of the queue.

The rules of booking stand in `services.booking` and have the last word there, under the lock; here they are said once
more as conditions, so that nobody is asked about a time that could not be booked. Tests compare the two.

The conditions name the columns of the query around them: `referral`, `patient`, `source_organization`, `rank`. They
serve whatever asks with those (`selectors/moving.py` does, for booked patients).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinics.models import Service, Slot
from clinics.selectors.licences import bookable
from clinics.selectors.openness import has_room, open_for
from clinics.selectors.quotas import is_used_up
from clinics.selectors.validity import local_day
from clinics.states import BookingMode, ClinicStatus
from patients.models import Booking, Consent, WaitlistEntry, WaitlistOffer
from patients.models.waitlist import OPEN_OFFER, QUEUE_ORDER, WAITING
from patients.states import (
    ACTIVE_BOOKING,
    EVENING_FROM,
    NOON,
    BookingState,
    ConsentKind,
    DayPart,
    Priority,
    ReferralState,
)

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

#: The places of the priorities in the queue.
RANKS = {Priority.EMERGENCY: 0, Priority.URGENT: 1, Priority.PLANNED: 2}
#: The least time that somebody is given for an answer.
LEAST_ANSWER = timedelta(minutes=30)


class IsWanted(Func):
    """Whether the first expression is in the array that the second one is; an empty array wants everything."""

    arity = 2
    output_field = BooleanField()
    template = "(cardinality(%(wanted)s) = 0 OR %(value)s = ANY(%(wanted)s))"

    def as_sql(self, compiler, connection, **_extra):
        value, value_params = compiler.compile(self.source_expressions[0])
        wanted, wanted_params = compiler.compile(self.source_expressions[1])
        sql = self.template % {"value": value, "wanted": wanted}
        return sql, [*wanted_params, *value_params, *wanted_params]


class YearsOn(Func):
    """Full years of age on a day: (day, birth date)."""

    arity = 2
    output_field = IntegerField()
    template = "EXTRACT(year FROM age(%(expressions)s))::int"


def waiting(service_type: str) -> QuerySet[WaitlistEntry]:
    """The queue of a service, the first one first."""
    return WaitlistEntry.objects.filter(WAITING, service_type=service_type).order_by(*QUEUE_ORDER)


def waited_for() -> list[str]:
    """The service types that somebody without an offer waits for."""
    rows = WaitlistEntry.objects.filter(WAITING).filter(~Exists(_open_offers())).order_by()
    return sorted(rows.values_list("service_type", flat=True).distinct())


def first_match(
    service_type: str, *, now: datetime | None = None, without: Iterable[tuple[uuid.UUID, uuid.UUID]] = ()
) -> tuple[uuid.UUID, uuid.UUID] | None:
    """The first of the queue for whom there is a time, and the earliest such time: (entry, slot), or None.

    Those who are asked about a time already, and those for whom somebody chooses one at this moment, are passed over.
    `without` names pairs that are out of the question. Two small queries (lapsed holds, licences) and one more.
    """
    now = now or timezone.now()
    taken = Booking.objects.filter(
        Q(held_until__isnull=True) | Q(held_until__gt=now), referral=OuterRef("referral"), state__in=ACTIVE_BOOKING
    )  # fmt: skip
    found = (
        waiting(service_type)
        .filter(~Exists(_open_offers()), ~Exists(taken), referral__state=ReferralState.WAITLISTED)
        .annotate(slot=_earliest(service_type, now, without))
        .filter(slot__isnull=False)
    )
    return found.values_list("pk", "slot").first()


def earliest_match(entry: WaitlistEntry, now: datetime, without: Iterable = ()) -> uuid.UUID | None:
    """The earliest free time that suits this entry as it stands."""
    rows = WaitlistEntry.objects.filter(pk=entry.pk).annotate(
        slot=_earliest(entry.service_type_id, now, without)
    )
    return rows.values_list("slot", flat=True).first()


def matched(entries: Iterable[uuid.UUID], now: datetime) -> set[uuid.UUID]:
    """Which of these entries, of whatever services, some free time suits as they stand."""
    rows = WaitlistEntry.objects.filter(pk__in=list(entries)).annotate(slot=_earliest(None, now, ()))
    return set(rows.filter(slot__isnull=False).values_list("pk", flat=True))


def _open_offers() -> QuerySet[WaitlistOffer]:
    return WaitlistOffer.objects.filter(OPEN_OFFER, entry=OuterRef("pk"))


def _earliest(
    service_type: str | None, now: datetime, without: Iterable[tuple[uuid.UUID, uuid.UUID]]
) -> Subquery:
    """The earliest slot for the entry of the query around; where entries of several services are asked about, for the
    service of each (None).
    """
    services = Service.objects.filter(is_active=True, clinic__status=ClinicStatus.OPEN)
    if service_type is not None:
        services = services.filter(service_type=service_type)
    slots = Slot.objects.filter(
        open_to_outer(now), has_room(now), service_type=service_type or OuterRef("service_type")
    )
    slots = slots.filter(bookable(services).slots()).filter(takes_the_patient(), may_send_data())
    slots = slots.filter(~is_used_up(OuterRef(OuterRef("referral__payment"))))
    slots = slots.filter(*_wishes(now), ~Exists(_offered_before()), ~Exists(elsewhere_then(now)))
    if without:
        slots = slots.alias(entry=ExpressionWrapper(OuterRef("pk"), UUIDField()))
        for entry, slot in without:
            slots = slots.exclude(entry=entry, pk=slot)
    return Subquery(slots.order_by("start", "id").values("pk")[:1])


def open_to_outer(now: datetime) -> Q:
    """`open_for`, with the organisation and the urgency of the row around."""
    own = OuterRef("source_organization")
    urgent = Q(Func(OuterRef("rank"), template=f"%(expressions)s < {RANKS[Priority.PLANNED]}",
                    output_field=BooleanField()))  # fmt: skip
    return open_for(own, Priority.PLANNED, now) | urgent & open_for(own, Priority.URGENT, now)


def _same_service() -> Q:
    """Where the referral is aimed: what it asks for was judged when it was sent, and the clinic has agreed."""
    return Q(service=OuterRef("referral__service"))


def takes_the_patient() -> Q:
    """`drafts.misfit`, and the clinics that decide first."""
    payment = Func(
        OuterRef("referral__payment"), template="ARRAY[%(expressions)s]", output_field=Service.payments.field
    )
    age = YearsOn(Value(timezone.localdate(), DateField()), OuterRef("patient__birth_date"))
    fits = (
        Q(service__age_min__lte=age, service__age_max__gte=age, service__payments__contains=payment)
        & (Q(service__sex="") | Q(service__sex=OuterRef("patient__sex")))
        & ~Q(service__booking_mode=BookingMode.TRIAGE)
    )
    return _same_service() | fits


def may_send_data() -> Q:
    """`drafts.check_consents`: elsewhere only with the patient's consent, and abroad with the one to that."""
    given = Consent.objects.filter(patient=OuterRef(OuterRef("patient")), withdrawn_on__isnull=True)
    inland = Q(clinic__country=OuterRef("referral__source_clinic__country"))
    abroad = Q(Exists(given.filter(kind=ConsentKind.ABROAD)))
    agreed = Q(Exists(given.filter(kind=ConsentKind.TRANSFER))) & (inland | abroad)
    return _same_service() | Q(organization=OuterRef("source_organization")) | agreed


def _wishes(now: datetime) -> tuple:
    """What the patient asked for: clinics, days, parts of the day, dates, the way there."""
    clock = Func(F("clinic__time_zone"), F("start"), function="timezone", output_field=DateTimeField())
    hour, weekday = (
        Func(clock, template=f"EXTRACT({unit} FROM %(expressions)s)::int", output_field=IntegerField())
        for unit in ("hour", "isodow")
    )
    part = Case(
        When(_less(hour, NOON), then=Value(DayPart.MORNING)),
        When(_less(hour, EVENING_FROM), then=Value(DayPart.AFTERNOON)),
        default=Value(DayPart.EVENING),
        output_field=CharField(),
    )
    way = Func(
        Value(now + LEAST_ANSWER, DateTimeField()), OuterRef("notice_hours"),
        template="(%(expressions)s * interval '1 hour')", arg_joiner=" + ", output_field=DateTimeField(),
    )  # fmt: skip
    day = local_day()
    return (
        Q(IsWanted(F("clinic_id"), OuterRef("clinics"))),
        Q(IsWanted(weekday, OuterRef("weekdays"))),
        Q(IsWanted(part, OuterRef("parts"))),
        _between(day, OuterRef("earliest_on"), OuterRef("latest_on")),
        Q(start__gte=way),
    )


def _less(expression: Func, bound: int) -> Q:
    return Q(Func(expression, template=f"%(expressions)s < {bound}", output_field=BooleanField()))


def _between(day, first: OuterRef, last: OuterRef) -> Q:
    """Whether the day lies between two days, both inclusive; where one is not set, nothing is asked on that side."""
    first, last = Coalesce(first, Value(date.min, DateField())), Coalesce(last, Value(date.max, DateField()))
    after = Func(first, day, template="(%(expressions)s)", arg_joiner=" <= ", output_field=BooleanField())
    before = Func(day, last, template="(%(expressions)s)", arg_joiner=" <= ", output_field=BooleanField())
    return Q(after) & Q(before)


def _offered_before() -> QuerySet[WaitlistOffer]:
    return WaitlistOffer.objects.filter(entry=OuterRef(OuterRef("pk")), slot=OuterRef("pk"))


def elsewhere_then(now: datetime) -> QuerySet[Booking]:
    """What the patient has at that time; holds that have lapsed are let go when the place is taken."""
    lapsed = Q(state=BookingState.HELD, held_until__lt=now)
    return Booking.objects.filter(
        ~lapsed,
        patient=OuterRef(OuterRef("patient")),
        state__in=ACTIVE_BOOKING,
        start__lt=OuterRef("end"),
        end__gt=OuterRef("start"),
    )

"""What the figures of referrals and visits mean: one definition for dashboards, summaries and reports.

Three populations, never mixed in one share:

- **Referrals of a period** are those submitted in it for the first time, by the cluster's calendar. Whatever became of
  them later (booked, seen, returned, refused, past the norm) counts in the period of submission, so the parts of a
  period sum to its whole.
- **Visits of a period** are bookings whose time is in it, by the cluster's calendar. Holds are no visits.
- **Decisions of a period** are those that a receiving side took in it. A referral that was sent back twice has two.

A share is None where its denominator is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, OuterRef, Q

from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from clinics.selectors.measures import Period, day_by_cluster, in_period
from clinics.selectors.validity import local_day
from cluster_portal.common.expressions import DaysBetween
from patients.models import Referral, ReferralStep
from patients.states import BookingState, ReferralState

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import Aggregate, QuerySet
    from django.db.models.expressions import Combinable

S = ReferralState

#: States in which the patient still waits for a visit, with a time or without one.
WAITING = (S.SUBMITTED, S.RETURNED, S.ACCEPTED, S.WAITLISTED, S.BOOKED)
#: Those of them in which no time is booked.
NO_TIME = tuple(state for state in WAITING if state != S.BOOKED)
#: States in which the patient has come.
SEEN = (S.IN_CARE, S.COMPLETED)
#: What half of the patients wait at most, and nine of ten.
HALF, MOST = 0.5, 0.9
#: The share of visits within the norm that the cluster holds itself to.
WITHIN_NORM_TARGET = 0.95


def submitted_in(period: Period) -> Q:
    """Referrals of the period (see above). Drafts, and drafts that were cancelled, are in none."""
    return in_period(period, "submitted_at")


def submission_day() -> Combinable:
    """The day to whose period a referral belongs."""
    return day_by_cluster("submitted_at")


# What a visit is for a referral


def visit_day() -> Combinable:
    """The day of the visit by the calendar of the clinic that gives it."""
    return local_day("appointment_at", "appointment_clinic__time_zone")


def waiting_days() -> Combinable:
    """The wait: calendar days from the first submission to the visit, both by the calendar of the visit's clinic.

    Null where nothing is booked. The waits of a group are those of its `seen()` patients.
    """
    return DaysBetween(local_day("submitted_at", "appointment_clinic__time_zone"), visit_day())


def allowed_days() -> Combinable:
    """The longest wait that the norm allows this referral, in calendar days from the first submission.

    Norms are given in working days; the deadline `due_on` says which day that is. Null where no norm applies.
    """
    return DaysBetween(submission_day(), F("due_on"))


# Against the norm


def normed() -> Q:
    """A waiting norm applies."""
    return Q(due_on__isnull=False)


def seen_within_norm() -> Q:
    """The patient came on the last day of the norm or before. Needs the alias `visit_day=visit_day()`."""
    return Q(due_on__isnull=False, state__in=SEEN, visit_day__lte=F("due_on"))


def seen_past_norm() -> Q:
    """The patient came later than the norm allows. Needs the alias `visit_day=visit_day()`."""
    return Q(due_on__isnull=False, state__in=SEEN, visit_day__gt=F("due_on"))


def overdue(today: date | None = None) -> Q:
    """The patient waits now, and the last day of the norm is over: a line of the work lists' "Overdue".

    A visit that was in time does not count while its clinic has yet to mark it. Needs the alias
    `visit_day=visit_day()`.
    """
    today = today or today_at(current_cluster().time_zone)
    in_time = Q(state=S.BOOKED, visit_day__lte=F("due_on"))
    return Q(due_on__lt=today, state__in=WAITING) & ~in_time


def breached(today: date | None = None) -> Q:
    """The norm is broken: the patient came too late, or waits while it has run out.

    Rejected and cancelled referrals break none. Needs the alias `visit_day=visit_day()`.
    """
    return seen_past_norm() | overdue(today)


def judged(today: date | None = None) -> Q:
    """It is known whether the norm was kept: `breached` or `seen_within_norm`, the denominator of both shares.

    Those who wait within the norm are not judged yet. Needs the alias `visit_day=visit_day()`.
    """
    return breached(today) | seen_within_norm()


# What became of a referral


def without_time() -> Q:
    """The patient waits, and no visit is booked."""
    return Q(state__in=NO_TIME)


def booked() -> Q:
    """A time is booked and the patient has yet to come."""
    return Q(state=S.BOOKED)


def seen() -> Q:
    """The patient has come."""
    return Q(state__in=SEEN)


def completed() -> Q:
    """The conclusion is written."""
    return Q(state=S.COMPLETED)


def refused() -> Q:
    """The receiving clinic refused for good. The reason stands in the step `reject`."""
    return Q(state=S.REJECTED)


def cancelled() -> Q:
    """The referring side took it back after it was submitted."""
    return Q(state=S.CANCELLED, submitted_at__isnull=False)


def steps_of(action: str) -> QuerySet[ReferralStep]:
    """The steps of the outer referral with this action, for `Exists` and `Subquery`."""
    return ReferralStep.objects.filter(referral=OuterRef("pk"), action=action)


def was_returned() -> Exists:
    """Was sent back for more information at least once, whatever happened after."""
    return Exists(steps_of("return_for_info"))


def was_redirected() -> Exists:
    """Was passed on to another clinic at least once."""
    return Exists(steps_of("redirect"))


# Decisions

ACCEPT, REFUSE, RETURN, REDIRECT = "accept", "reject", "return_for_info", "redirect"
#: The steps by which a receiving side decides.
DECISIONS = (ACCEPT, REFUSE, RETURN, REDIRECT)


def decisions_of(period: Period) -> Q:
    """Steps that are decisions of the period. What is booked without a decision is not among them."""
    return Q(action__in=DECISIONS) & in_period(period, "at")


# Visits

#: The patient came.
CAME = (BookingState.ARRIVED, BookingState.FULFILLED)
#: The clinic marked that the patient did not come.
NO_SHOW = (BookingState.NO_SHOW,)


def visits_of(period: Period) -> Q:
    """Visits of the period: everything that was once booked, whatever became of it."""
    return visits() & in_period(period)


def visits() -> Q:
    """Bookings that are more than a hold: booked, kept, missed, called off or moved."""
    return Q(booked_at__isnull=False)


def came() -> Q:
    return Q(state__in=CAME)


def no_show() -> Q:
    """The patient did not come, as the clinic marked it. The share is of `came() | no_show()`."""
    return Q(state__in=NO_SHOW)


def moved() -> Q:
    """The patient got another time instead: neither missed nor called off."""
    return Q(state=BookingState.CANCELLED, booked_at__isnull=False, end_reason="rescheduled")


def called_off() -> Q:
    """The time was given back with a reason, alone or together with the referral."""
    return Q(state=BookingState.CANCELLED, booked_at__isnull=False) & ~Q(end_reason="rescheduled")


def share(part: int | None, whole: int | None) -> float | None:
    """`part` of `whole` as 0…1, None where there is nothing to take a share of."""
    return (part or 0) / whole if whole else None


def counted(*, today: date | None = None) -> dict[str, Aggregate]:
    """The counts of a group of submitted referrals by their names, for `.aggregate()` or `.annotate()`.

    `sent` is `without_time + booked + seen + refused + cancelled`. Needs `.alias(visit_day=visit_day())`.
    """
    return {
        "sent": Count("pk"),
        "without_time": Count("pk", filter=without_time()),
        "booked": Count("pk", filter=booked()),
        "seen": Count("pk", filter=seen()),
        "completed": Count("pk", filter=completed()),
        "refused": Count("pk", filter=refused()),
        "cancelled": Count("pk", filter=cancelled()),
        "within_norm": Count("pk", filter=seen_within_norm()),
        "breached": Count("pk", filter=breached(today)),
        "overdue": Count("pk", filter=overdue(today)),
    }


def referrals_of(period: Period) -> QuerySet[Referral]:
    """Referrals of the period, with the aliases that the conditions above need."""
    return Referral.objects.filter(submitted_in(period)).alias(visit_day=visit_day())

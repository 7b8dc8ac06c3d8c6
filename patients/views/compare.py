"""Clinics and their times side by side, as the template shows them: what a referrer chooses from, and what is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from babel import Locale
from django.conf import settings
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from clinics.selectors.calendar import today_at
from clinics.selectors.offers import Offer, clinics_for
from clinics.selectors.openness import day_of
from clinics.selectors.regime import methods_of, methods_with
from clinics.states import BookingMode, Ownership, Payment, ServiceMode
from cluster_portal.web import wording
from patients.selectors.reasons import Names
from patients.selectors.referrals import kept_quota, steps_of
from patients.services.deadlines import due_day
from patients.states import ReferralState
from patients.views.waiting import clock

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable

    from django.http import QueryDict

    from clinics.models import Slot, SpecialMethod
    from cluster_portal.common.errors import PortalError
    from patients.models import Booking, Referral

#: Times of half a day that are shown at once; the rest unfold.
SHOWN_SLOTS = 5
#: Distances of the slider, in kilometres; the last stop is "any".
DISTANCES = (10, 25, 50, 100, 150, 300, 600, 1000)
#: Shorter words for what the chips and facets say.
PAYMENTS = {
    Payment.OMS: gettext_lazy("OMS"),
    Payment.VMP: gettext_lazy("high-tech quota"),
    Payment.DMS: gettext_lazy("DMS"),
    Payment.PAID: gettext_lazy("for money"),
    Payment.INTERGOVERNMENTAL: gettext_lazy("agreement of countries"),
}


def due_preview(referral: Referral) -> date | None:
    """The last day by the norm: the one that runs, or for a draft the one that it will get if sent today."""
    if referral.submitted_at is not None:
        return referral.due_on
    if referral.service_type_id is None:
        return None
    place = referral.target_clinic or referral.source_clinic
    return due_day(referral, country=place.country, on=today_at(place.time_zone))


def to_limit(day: date, due: date | None) -> tuple[str, str]:
    """How a day lies to the deadline, in words, and its tone."""
    if due is None:
        return "", ""
    left = (due - day).days
    if left < 0:
        over = ngettext("%(n)d day later than the norm", "%(n)d days later than the norm", -left)
        return over % {"n": -left}, "danger"
    if left == 0:
        return _("on the last day of the norm"), "near"
    return ngettext("%(n)d day before the limit", "%(n)d days before the limit", left) % {"n": left}, "good"


def decides_first(referral: Referral) -> bool:
    """Whether the clinic that a draft is aimed at decides before anything is booked."""
    return referral.service is not None and referral.service.booking_mode == BookingMode.TRIAGE


def incomplete(referral: Referral) -> list[str]:
    """What a draft still lacks before it can be sent, in words."""
    wanted = {
        "diagnosis_code": _("the diagnosis"),
        "reason": _("the justification"),
        "referrer_name": _("the referring doctor"),
        "service_type_id": _("the service"),
    }
    return [text for name, text in wanted.items() if not getattr(referral, name)]


def alternatives(error: PortalError | None) -> list[dict[str, Any]]:
    """The nearest free times that a refusal offers, each with its moment."""
    offered = error.extra.get("alternatives", []) if error is not None else []
    return [option | {"start": datetime.fromisoformat(option["start"])} for option in offered]


def sent_words(referral: Referral) -> str:
    """What has just happened, for the toast."""
    number = {"number": referral.number}
    if referral.state == ReferralState.BOOKED:
        at = wording.moment(
            referral.appointment_at.astimezone(wording.zone(referral.appointment_clinic.time_zone)), "long"
        )
        return _("Referral %(number)s is sent, the patient is booked: %(at)s.") % (number | {"at": at})
    if referral.state == ReferralState.SUBMITTED:
        return _("Referral %(number)s is sent: the clinic decides and answers.") % number
    return _("Referral %(number)s is sent and waits for a time.") % number


def last_return(referral: Referral) -> dict[str, Any] | None:
    """Why a returned referral came back: the reason and the words of the clinic."""
    if referral.state != ReferralState.RETURNED:
        return None
    step = steps_of(referral).filter(action="return_for_info").last()
    if step is None:
        return None
    return {"reason": capfirst(Names()(step.action, step.reason)), "comment": step.comment, "at": step.at,
            "who": step.actor_name, "organization": step.organization and step.organization.short_name}  # fmt: skip


def held_card(referral: Referral, booking: Booking, due: date | None) -> dict[str, Any]:
    """The time that is kept: the countdown, the day against the deadline, where it is.

    One that the waiting list has offered is kept for hours and is answered, not let go.
    """
    now = timezone.now()
    left = max(0, int((booking.held_until - now).total_seconds()))
    whole = settings.HOLD_MINUTES * 60
    if booking.offered:
        whole = max(1.0, (booking.held_until - booking.created_at).total_seconds())
    zone = booking.clinic.time_zone
    day = day_of(booking.start, zone)
    words, tone = to_limit(day, due)
    until = wording.moment(timezone.localtime(booking.held_until), "smart" if booking.offered else "time")
    note = (
        _("kept until %(time)s, then it goes to the next patient")
        if booking.offered
        else _("kept for you until %(time)s")
    )
    return {
        "booking": booking,
        "slot": booking.slot,
        "clinic": booking.clinic,
        "zone": zone,
        "day": day,
        "month": wording.month(day.month),
        "minutes": int((booking.end - booking.start).total_seconds() // 60),
        "until": booking.held_until,
        "fraction": min(1.0, left / whole),
        "left": clock(left),
        "note": note % {"time": until},
        "offered": booking.offered,
        "limit": words,
        "limit_tone": tone,
        "late": tone == "danger",
        "special": methods_with(booking.slot.service_id, booking.clinic),
    }


def picked_card(slot: Slot, due: date | None) -> dict[str, Any]:
    """A time that is not kept, only looked at: where a booking would move to."""
    words, tone = to_limit(day_of(slot.start, slot.clinic.time_zone), due)
    return {
        "slot": slot,
        "clinic": slot.clinic,
        "zone": slot.clinic.time_zone,
        "minutes": int((slot.end - slot.start).total_seconds() // 60),
        "limit": words,
        "limit_tone": tone,
        "late": tone == "danger",
        "special": methods_with(slot.service_id, slot.clinic),
    }


@dataclass(slots=True)
class Facet:
    """One choice of a filter: value, words, how many clinics it would leave, whether it is on."""

    value: str
    label: Any
    count: int
    on: bool


@dataclass(slots=True)
class Wanted:
    """The filters as the address has them. Nothing ticked in a group asks for nothing."""

    payment: set[str] = field(default_factory=set)
    mode: set[str] = field(default_factory=set)
    language: set[str] = field(default_factory=set)
    ownership: set[str] = field(default_factory=set)
    km: int | None = None
    in_time: bool = False
    wheelchair: bool = False
    sort: str = "first"

    @classmethod
    def of(cls, query: QueryDict, payment: str) -> Wanted:
        """From the address; a page opened for the first time asks for the referral's own payment."""
        if "f" not in query:
            return cls(payment={payment})
        index = query.get("km", "")
        stop = int(index) if index.isdigit() else len(DISTANCES)
        return cls(
            payment=set(query.getlist("payment")),
            mode=set(query.getlist("mode")),
            language=set(query.getlist("language")),
            ownership=set(query.getlist("ownership")),
            km=DISTANCES[stop] if stop < len(DISTANCES) else None,
            in_time="in_time" in query,
            wheelchair="wheelchair" in query,
            sort=query.get("sort", "first"),
        )

    def tests(self, due: date | None) -> dict[str, Callable[[Offer], bool]]:
        """One test for each group; an offer is shown if it passes all."""
        return {
            "payment": lambda o: not self.payment or bool(self.payment & set(o.service.payments)),
            "mode": lambda o: not self.mode or o.service.mode in self.mode,
            "language": lambda o: not self.language or bool(self.language & set(o.languages)),
            "ownership": lambda o: not self.ownership or o.ownership in self.ownership,
            "km": lambda o: self.km is None or not_far(o, self.km),
            "in_time": lambda o: not self.in_time or in_time(o, due),
            "wheelchair": lambda o: not self.wheelchair or o.clinic.wheelchair,
        }


def is_remote(offer: Offer) -> bool:
    """Whether the patient stays where they are."""
    return offer.service.mode == ServiceMode.TELEMEDICINE


def not_far(offer: Offer, km: int) -> bool:
    """Whether the road is at most so long; none is needed for telemedicine."""
    return is_remote(offer) or offer.distance_km is None or offer.distance_km <= km


def in_time(offer: Offer, due: date | None) -> bool:
    """Whether the first free time lies within the norm."""
    return offer.first_day is not None and (due is None or offer.first_day <= due)


def offers_for(referral: Referral, age: int) -> tuple[list[Offer], list[Offer]]:
    """Every clinic that offers the service, the earliest free time first: those for a patient of this age and sex,
    and those for others."""
    source = referral.source_clinic
    found = clinics_for(
        referral.service_type_id, referral.source_organization_id, priority=referral.priority,
        payment=referral.payment, kept_quota=kept_quota(referral), place=(source.lat, source.lon),
    )  # fmt: skip
    fitting: list[Offer] = []
    misfits: list[Offer] = []
    for offer in found:
        (fitting if offer.fits(age=age, sex=referral.patient.sex) else misfits).append(offer)
    return fitting, misfits


def special_of(offers: list[Offer]) -> dict[uuid.UUID, list[SpecialMethod]]:
    """What of the special regime is used with each of the offered services."""
    return methods_of({offer.service.pk: offer.clinic for offer in offers})


def _language_name(code: str) -> str:
    names = Locale((get_language() or "ru")[:2]).languages
    return capfirst(names.get(code, code))


def facets(offers: list[Offer], wanted: Wanted, due: date | None) -> dict[str, list[Facet]]:
    """The filters with how many clinics each value would leave, the other groups staying as they are."""
    tests = wanted.tests(due)

    def passing(but: str) -> list[Offer]:
        return [o for o in offers if all(test(o) for name, test in tests.items() if name != but)]

    def group(name: str, labels: Iterable[tuple[str, Any]], has: Callable[[Offer, str], bool]) -> list[Facet]:
        left = passing(name)
        on = getattr(wanted, name)
        lines = [Facet(str(v), label, sum(has(o, str(v)) for o in left), str(v) in on) for v, label in labels]
        offered = {line.value for line in lines for o in offers if has(o, line.value)}
        return [line for line in lines if line.value in offered or line.on]

    kinds = [(v, capfirst(t)) for v, t in ServiceMode.choices]
    owners = [(v, capfirst(t)) for v, t in Ownership.choices]
    spoken = sorted({code for offer in offers for code in offer.languages}, key=lambda c: (c != "ru", c))
    left = passing("in_time")
    return {
        "payment": group("payment", PAYMENTS.items(), lambda o, v: v in o.service.payments),
        "mode": group("mode", kinds, lambda o, v: o.service.mode == v),
        "language": group("language", ((c, _language_name(c)) for c in spoken), lambda o, v: v in o.languages),
        "ownership": group("ownership", owners, lambda o, v: o.ownership == v),
        "more": [
            Facet("in_time", _("In time"), sum(in_time(o, due) for o in left), wanted.in_time),
            Facet("wheelchair", _("Wheelchair access"), sum(o.clinic.wheelchair for o in passing("wheelchair")),
                  wanted.wheelchair),
        ],
    }  # fmt: skip


SORTS: dict[str, Callable[[Offer], Any]] = {
    "near": lambda o: 0 if is_remote(o) else o.distance_km or 0,
    "wait": lambda o: (o.median_wait_days is None, o.median_wait_days or 0),
}


@dataclass(slots=True)
class Card:
    """A clinic as a choice."""

    offer: Offer
    chosen: bool
    first: str
    first_tone: str
    wait: str
    road: str
    licence: str
    licence_tone: str
    triage: bool
    payments: list[str]
    url: str
    #: What of the special regime is used with the service.
    special: list[SpecialMethod]

    service = property(lambda self: self.offer.service)
    clinic = property(lambda self: self.offer.clinic)


def _road(offer: Offer) -> str:
    if is_remote(offer):
        return _("not needed")
    km = offer.distance_km
    if km is None:
        return "—"
    return _("under 1 km") if km < 1 else _("%(km)s km") % {"km": wording.number(round(km))}


def _first_words(offer: Offer) -> str:
    """`чт 26.11, 14:00` by the clinic's clock."""
    if offer.first_free is None:
        return ""
    start = offer.first_free.astimezone(wording.zone(offer.clinic.time_zone))
    return f"{wording.weekday(start.date())} {wording.moment(start)}"


def span_words(first: date, last: date) -> str:
    """`24–30 ноября`, `28 ноября – 4 декабря`."""
    if first.month == last.month:
        return f"{first.day}–{wording.date_words(last)}"
    return f"{wording.date_words(first)} – {wording.date_words(last)}"


def card(
    offer: Offer, chosen: uuid.UUID | None, due: date | None, url: str, special: list[SpecialMethod]
) -> Card:
    """A clinic as its card shows it."""
    licence, tone = _("none"), "danger"
    if offer.licence is not None:
        until = offer.licence.valid_to
        licence = _("until %(day)s") % {"day": wording.date_short(until)} if until else _("without end")
        tone = ""
    wait = offer.median_wait_days
    return Card(
        offer=offer,
        chosen=offer.service.pk == chosen,
        first=_first_words(offer),
        first_tone="good" if in_time(offer, due) else "danger" if offer.first_day else "muted",
        wait=_("no data yet") if wait is None else ngettext("%(n)d day", "%(n)d days", wait) % {"n": wait},
        road=_road(offer),
        licence=licence,
        licence_tone=tone,
        triage=offer.service.booking_mode == BookingMode.TRIAGE,
        payments=[str(PAYMENTS.get(p, p)) for p in offer.service.payments],
        url=url,
        special=special,
    )

"""What a patient may read of a referral without signing in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from clinics.states import ServiceMode
from patients.models import Referral
from patients.selectors.referrals import booking_of
from patients.states import BookingState, ReferralState

if TYPE_CHECKING:
    from datetime import date, datetime

    from clinics.models import Clinic

#: What the answer is written from; the patient's row is asked for the birth date and not read.
RELATED = ("appointment_clinic", "target_clinic", "source_clinic", "service")


def find_referral(number: str, birth_date: date) -> Referral | None:
    """The sent referral with this number whose patient was born on this day: one query, whatever comes of it."""
    return (
        Referral.objects.filter(number=number, patient__birth_date=birth_date, submitted_at__isnull=False)
        .select_related(*RELATED)
        .first()
    )


@dataclass(frozen=True, slots=True)
class Visit:
    """When (by the clinic's clock) and where to come, and how to prepare; `remote` is a visit by video."""

    start: datetime
    clinic: Clinic
    room: str
    preparation: str
    documents: str
    phone: str
    remote: bool


def visit_of(referral: Referral) -> Visit | None:
    """The appointment of a booked referral, or of one whose patient has come; None where there is none."""
    if referral.state not in (ReferralState.BOOKED, ReferralState.IN_CARE):
        return None
    booking = booking_of(referral)
    if booking is None or booking.state == BookingState.HELD:
        return None
    service = booking.slot.service
    remote = service.mode == ServiceMode.TELEMEDICINE
    return Visit(
        start=booking.start.astimezone(ZoneInfo(booking.clinic.time_zone)),
        clinic=booking.clinic,
        room="" if remote else booking.slot.room,
        preparation=service.preparation,
        documents=service.documents,
        phone=service.phone or booking.clinic.phone,
        remote=remote,
    )

"""The rule of the waiting list in plain Python, by which its machine judges every offer."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from clinics.models import Slot
from clinics.selectors.openness import is_open_for
from patients.models import Booking, Consent, WaitlistEntry
from patients.states import ConsentKind
from tests.factories import clinics

ZONE = ZoneInfo(clinics.ZONE)
LEAST = timedelta(minutes=30)


class Oracle:
    """The rule of the waiting list, read off its description and not off its query."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def first(self) -> tuple | None:
        """Who is to be asked next, and of which time."""
        for entry in sorted(WaitlistEntry.objects.filter(ended_at=None), key=self.place):
            if self.is_asked(entry):
                continue
            for slot in Slot.objects.order_by("start", "id"):
                if self.suits(entry, slot):
                    return entry.pk, slot.pk
        return None

    @staticmethod
    def place(entry):
        order = {"emergency": 0, "urgent": 1, "planned": 2}
        return order[entry.referral.priority], entry.referral.due_on, entry.since, entry.pk

    def is_asked(self, entry) -> bool:
        """A time is offered to the patient already, or somebody chooses one for them now."""
        live = [b for b in entry.referral.bookings.all() if b.state in ("held", "booked", "arrived")]
        kept = any(b.held_until is None or b.held_until > self.now for b in live)
        return kept or entry.offers.filter(state="open").exists()

    def suits(self, entry, slot) -> bool:
        referral, local = entry.referral, slot.start.astimezone(ZONE)
        part = "morning" if local.hour < 12 else "afternoon" if local.hour < 17 else "evening"
        return (
            self.has_room(slot)
            and is_open_for(slot, referral.source_organization_id, referral.priority, self.now)
            and (not entry.clinics or slot.clinic_id in entry.clinics)
            and (not entry.weekdays or local.isoweekday() in entry.weekdays)
            and (not entry.parts or part in entry.parts)
            and (entry.earliest_on is None or local.date() >= entry.earliest_on)
            and (entry.latest_on is None or local.date() <= entry.latest_on)
            and slot.start >= self.now + timedelta(hours=entry.notice_hours) + LEAST
            and not entry.offers.filter(slot=slot).exists()
            and not self.is_elsewhere(referral.patient_id, slot)
            and (slot.service_id == referral.service_id or self.agreed(referral.patient_id))
        )

    def has_room(self, slot) -> bool:
        lapsed = slot.bookings.filter(state="held", held_until__lt=self.now).count()
        return slot.taken - lapsed < slot.capacity

    def is_elsewhere(self, patient, slot) -> bool:
        rows = Booking.objects.filter(patient=patient, state__in=["held", "booked", "arrived"])
        return any(
            b.start < slot.end and slot.start < b.end for b in rows
            if b.state != "held" or b.held_until >= self.now
        )  # fmt: skip

    @staticmethod
    def agreed(patient) -> bool:
        return Consent.objects.filter(patient=patient, kind=ConsentKind.TRANSFER).exists()

"""A patient's place in a slot."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic, Organization, Quota, Slot
from clinics.models.schedule import TsTzRange
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.triggers import Marks
from patients.models.patient import OfLivingRecord, Patient
from patients.models.referral import Referral
from patients.states import ACTIVE_BOOKING, BOOKING, BookingState

ACTIVE = Q(state__in=sorted(ACTIVE_BOOKING))


class CountsInQuota(pgtrigger.Trigger):
    """Keeps `Quota.used` in step with the bookings, whatever writes them: the month's quota of the slot's service and
    the referral's payment, where there is one. The quota's CHECK refuses the booking that would go beyond its volume.

    Whoever inserts a booking has taken its slot before: slots are locked before quotas, everywhere. A hold that becomes
    a booking is looked up anew, because a draft's payment may have changed meanwhile.
    """

    name = "booking_quota"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("state")
    declare = [("wanted", "uuid"), ("held", "uuid")]
    func = """
        IF TG_OP = 'UPDATE' THEN
            held := OLD.quota_id;
        END IF;
        IF NEW.state NOT IN ('held', 'booked', 'arrived', 'fulfilled') THEN
            wanted := NULL;
        ELSIF TG_OP = 'UPDATE' AND OLD.state <> 'held' THEN
            wanted := held;
        ELSE
            SELECT quota.id INTO wanted
              FROM clinics_slot slot, clinics_clinic clinic, patients_referral referral, clinics_quota quota
             WHERE slot.id = NEW.slot_id AND clinic.id = slot.clinic_id AND referral.id = NEW.referral_id
               AND quota.service_id = slot.service_id AND quota.payment = referral.payment
               AND quota.month = date_trunc('month', slot.start AT TIME ZONE clinic.time_zone)::date;
        END IF;
        IF held IS DISTINCT FROM wanted THEN
            UPDATE clinics_quota SET used = used - 1 WHERE id = held;
            UPDATE clinics_quota SET used = used + 1 WHERE id = wanted;
        END IF;
        NEW.quota_id := wanted;
        RETURN NEW;
    """


class Booking(UUIDModel, TimeStamped):
    """An appointment (FHIR Appointment), or a hold on its way to be one.

    A hold (`state` held) belongs to `held_by` and lapses at `held_until` by time alone: whoever needs the place after
    that releases it. `offered`: the portal holds it for somebody on the waiting list, who is asked for hours instead of
    minutes. `start`, `end`, `clinic` and `organization` repeat the slot's.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="bookings")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="bookings")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="bookings")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    start = models.DateTimeField(_("start"))
    end = models.DateTimeField(_("end"))
    state = models.CharField(_("state"), max_length=9, choices=BookingState)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    held_until = models.DateTimeField(null=True)
    offered = models.BooleanField(default=False, db_default=False)
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    booked_at = models.DateTimeField(null=True)
    #: Whose volume the booking is counted in; the trigger below writes it, and the quota's counter with it.
    quota = models.ForeignKey(
        Quota, models.PROTECT, null=True, editable=False, related_name="+", db_index=False
    )
    end_reason = models.CharField(_("why it ended"), max_length=20, blank=True)
    end_comment = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = [
            models.UniqueConstraint(fields=["referral"], condition=ACTIVE, name="booking_one_active"),
            ExclusionConstraint(
                name="booking_patient_overlap",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    (TsTzRange("start", "end", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=ACTIVE,
            ),
            models.CheckConstraint(
                condition=~Q(state=BookingState.HELD) | Q(held_until__isnull=False), name="booking_held_until"
            ),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="booking_times"),
        ]
        indexes = [
            models.Index(fields=["slot"], name="booking_slot", condition=ACTIVE),
            models.Index(fields=["held_until"], name="booking_holds", condition=Q(state=BookingState.HELD)),
            models.Index(fields=["referral", "-created_at"], name="booking_referral"),
            # Who comes today, those who did not come included.
            models.Index(fields=["organization", "start"], name="booking_arrivals"),
        ]
        triggers = [
            Journal(),
            # A hold is no visit: it has no time of booking.
            Marks(
                summary="visits", moment='CASE WHEN {row}."booked_at" IS NOT NULL THEN {row}."start" END',
                watched=("state", "start", "booked_at", "clinic_id", "organization_id", "end_reason"),
            ),
            OfLivingRecord(),
            CountsInQuota(),
            pgtrigger.FSM(name="booking_states", field="state", transitions=BOOKING.pairs),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_state_display()}, {self.start:%Y-%m-%d %H:%M}"

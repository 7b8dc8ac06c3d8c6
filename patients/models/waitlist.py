"""Who waits for a time that is not there yet, and the times that they were offered."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.models import Organization, ServiceType, Slot
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from patients.models.booking import Booking
from patients.models.patient import OfLivingRecord, Patient
from patients.models.referral import Referral
from patients.states import WAITLIST_OFFER, DayPart, EntryEnd, OfferState

WAITING = Q(ended_at__isnull=True)
OPEN_OFFER = Q(state=OfferState.OPEN)
#: The order in which those who wait for a service are offered its times. It is a total one: `id` decides last.
QUEUE_ORDER = ("rank", "due_order", "since", "id")
#: The longest way to a clinic that a patient may ask for, in hours.
LONGEST_WAY = 14 * 24


class WaitlistEntry(UUIDModel, TimeStamped):
    """A referral on the waiting list, and what times suit its patient. A referral waits once at a time.

    Empty preferences suit everything: `clinics` any that offers the service, `weekdays` (ISO, 1 is Monday) and `parts`
    any, both by the clinic's clock. `notice_hours` is how long the patient needs to get there: a time that begins
    sooner is not offered. `patient`, `service_type`, `source_organization`, `rank` and `due_order` repeat what the
    referral says; none of it can change while the referral waits, so the queue of a service is one index.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="waitlist")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    # It begins the queue's index.
    service_type = models.ForeignKey(ServiceType, models.PROTECT, related_name="+", db_index=False)
    source_organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField(_("place of the priority, the most urgent first"))
    due_order = models.DateField(_("deadline"))
    since = models.DateTimeField(_("waits since"))

    clinics = ArrayField(models.UUIDField(), verbose_name=_("clinics"), default=list, blank=True)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("weekdays"), default=list, blank=True
    )
    parts = ArrayField(
        models.CharField(max_length=9, choices=DayPart),
        verbose_name=_("part of the day"),
        default=list,
        blank=True,
    )
    earliest_on = models.DateField(_("not before"), null=True, blank=True)
    latest_on = models.DateField(_("not after"), null=True, blank=True)
    notice_hours = models.PositiveSmallIntegerField(
        _("needs so many hours to get there"), default=24, validators=[MaxValueValidator(LONGEST_WAY)]
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    joined_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(_("left the list"), null=True, blank=True)
    end_reason = models.CharField(_("why it left the list"), max_length=10, choices=EntryEnd, blank=True)

    class Meta:
        verbose_name = _("waiting patient")
        verbose_name_plural = _("waiting list")
        constraints = [
            models.UniqueConstraint(fields=["referral"], condition=WAITING, name="waitlist_one_active"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="") | Q(ended_at__isnull=False) & ~Q(end_reason=""),
                name="waitlist_end_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(earliest_on__isnull=True) | Q(latest_on__isnull=True) | Q(earliest_on__lte=F("latest_on")),
                name="waitlist_dates",
            ),
            models.CheckConstraint(
                condition=Q(weekdays__contained_by=list(range(1, 8))), name="waitlist_weekdays"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["service_type", *QUEUE_ORDER], name="waitlist_queue", condition=WAITING),
            models.Index(fields=["referral", "-since"], name="waitlist_referral"),
        ]
        triggers = [Journal(), OfLivingRecord()]

    def __str__(self) -> str:
        return f"{self.referral_id}: {self.service_type_id}"


class WaitlistOffer(UUIDModel):
    """A time that was offered to somebody on the list: a held place until `until`.

    The place is the booking (state `held`, `offered`), which the clock alone lets go; this row says what was answered
    and keeps the same time from being offered to the same entry again. It is written under the lock of its referral.
    """

    entry = models.ForeignKey(WaitlistEntry, models.PROTECT, related_name="offers")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="+")
    booking = models.OneToOneField(Booking, models.PROTECT, related_name="offer")
    state = models.CharField(_("state"), max_length=9, choices=OfferState, default=OfferState.OPEN)
    made_at = models.DateTimeField(_("offered"))
    until = models.DateTimeField(_("answer by"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("why it was declined"), max_length=20, blank=True)
    comment = models.CharField(_("comment"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("offered time")
        verbose_name_plural = _("offered times")
        ordering = ["-made_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["entry"], condition=OPEN_OFFER, name="waitlist_offer_one_open"),
            models.UniqueConstraint(fields=["entry", "slot"], name="waitlist_offer_once"),
            models.CheckConstraint(
                condition=Q(state=OfferState.OPEN, ended_at__isnull=True)
                | ~Q(state=OfferState.OPEN) & Q(ended_at__isnull=False),
                name="waitlist_offer_ends",
            ),
        ]
        indexes = [models.Index(fields=["until"], name="waitlist_offer_due", condition=OPEN_OFFER)]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="waitlist_offer_states", field="state", transitions=WAITLIST_OFFER.pairs),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}, {self.made_at:%Y-%m-%d %H:%M}"

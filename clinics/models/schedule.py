"""Weekly patterns and the slots that come from them."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from clinics.models.clinic import Clinic
from clinics.models.organization import Organization
from clinics.models.practitioner import Practitioner
from clinics.models.service import Service, ServiceType
from clinics.states import SLOT, Audience, ExceptionReason, SlotState
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.triggers import Marks


class TsTzRange(Func):
    """`tstzrange(start, end, '[)')`: touching slots do not overlap."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Schedule(UUIDModel, TimeStamped):
    """A practitioner's weekly hours for one service (FHIR Schedule).

    Shares are percent of a day's slots, dealt out in the order own, cluster, urgent. What the cluster or urgent
    patients do not take returns to the clinic's own pool `release_hours` before the start. Slots made from a published
    pattern are published at once; before that they are drafts. While the `equipment` that it needs is out of use there
    are no times (`services.out_of_order`).
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="schedules")
    practitioner = models.ForeignKey(Practitioner, models.PROTECT, related_name="schedules")
    room = models.CharField(_("room"), max_length=40, blank=True)
    equipment = models.ForeignKey(
        "clinics.Equipment", models.PROTECT, null=True, blank=True, related_name="schedules",
        verbose_name=_("needs equipment"),
    )  # fmt: skip
    slot_minutes = models.PositiveSmallIntegerField(
        _("minutes a visit"), default=20, validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    capacity = models.PositiveSmallIntegerField(
        _("patients a slot"), default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    share_own = models.PositiveSmallIntegerField(_("share of own patients, %"), default=40)
    share_cluster = models.PositiveSmallIntegerField(_("share of the cluster, %"), default=50)
    share_urgent = models.PositiveSmallIntegerField(_("share of urgent referrals, %"), default=10)
    release_hours = models.PositiveSmallIntegerField(_("unused shares return, hours before"), default=24)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    works_on_holidays = models.BooleanField(_("also on public holidays"), default=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        constraints = [
            models.CheckConstraint(
                condition=Q(share_own=100 - F("share_cluster") - F("share_urgent")), name="schedule_shares"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="schedule_dates"
            ),
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.practitioner}: {self.service}"


class ScheduleHours(UUIDModel):
    """Hours of one weekday (ISO: 1 is Monday) in the clinic's zone."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(
        _("weekday"), validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))

    class Meta:
        ordering = ["weekday", "starts"]
        constraints = [models.CheckConstraint(condition=Q(starts__lt=F("ends")), name="hours_order")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.starts:%H:%M}–{self.ends:%H:%M}"


class CalendarDay(models.Model):
    """What the portal's calendar of a country does not know: a day off by decree, or a holiday on which one works.

    The public holidays themselves come from the package `holidays`.
    """

    id = models.BigAutoField(primary_key=True)
    country = models.CharField(_("country"), max_length=2)
    day = models.DateField(_("day"))
    is_working = models.BooleanField(_("working day"), default=False)
    note = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ["country", "day"]
        constraints = [models.UniqueConstraint(fields=["country", "day"], name="calendar_day_unique")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.country}: {self.day}"


class ScheduleException(UUIDModel, TimeStamped):
    """Days on which a practitioner does not see patients, both inclusive."""

    practitioner = models.ForeignKey(Practitioner, models.PROTECT, related_name="exceptions")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="exceptions")
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=10, choices=ExceptionReason)
    comment = models.CharField(_("comment"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        constraints = [
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="exception_dates")
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.practitioner}: {self.first_day}–{self.last_day}"


class Slot(UUIDModel, TimeStamped):
    """A time that can be booked (FHIR Slot).

    `clinic`, `organization`, `practitioner` and `service_type` repeat what the service and the schedule say: search
    over all clinics reads one index. `taken` is the number of bookings that hold, have or have used a place; only the
    conditional UPDATE of `services.places` writes it, last in its transaction.
    """

    schedule = models.ForeignKey(Schedule, models.PROTECT, null=True, related_name="slots")
    # Those that begin a composite index below need none of their own: every index costs each booking a write.
    service = models.ForeignKey(Service, models.PROTECT, related_name="slots", db_index=False)
    service_type = models.ForeignKey(ServiceType, models.PROTECT, related_name="+", db_index=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="slots", db_index=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    practitioner = models.ForeignKey(
        Practitioner, models.PROTECT, null=True, related_name="slots", db_index=False
    )
    room = models.CharField(_("room"), max_length=40, blank=True)
    start = models.DateTimeField(_("start"))
    end = models.DateTimeField(_("end"))
    capacity = models.PositiveSmallIntegerField(_("capacity"), default=1)
    taken = models.PositiveSmallIntegerField(_("taken"), default=0)
    audience = models.CharField(_("kept for"), max_length=8, choices=Audience, default=Audience.CLUSTER)
    release_at = models.DateTimeField(_("released at"))
    state = models.CharField(_("state"), max_length=10, choices=SlotState, default=SlotState.DRAFT)
    block_reason = models.CharField(_("why blocked"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        constraints = [
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="slot_capacity"),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="slot_times"),
            ExclusionConstraint(
                name="slot_practitioner_overlap",
                expressions=[
                    ("practitioner", RangeOperators.EQUAL),
                    (TsTzRange("start", "end", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(practitioner__isnull=False) & ~Q(state=SlotState.BLOCKED),
            ),
        ]
        indexes = [
            models.Index(
                fields=["service_type", "start", "id"], name="slot_free",
                condition=Q(state=SlotState.PUBLISHED, taken__lt=F("capacity")),
            ),
            models.Index(
                fields=["start", "id"], name="slot_free_any",
                condition=Q(state=SlotState.PUBLISHED, taken__lt=F("capacity")),
            ),
            # These two cost a booking nothing: a time that becomes full leaves them.
            models.Index(
                fields=["start", "clinic"], name="slot_free_by_clinic",
                condition=Q(state=SlotState.PUBLISHED, taken__lt=F("capacity")),
            ),
            models.Index(
                fields=["clinic", "start"], name="slot_free_at_clinic",
                condition=Q(state=SlotState.PUBLISHED, taken__lt=F("capacity")),
            ),
            # The few that are closing while somebody is booked in them.
            models.Index(
                fields=["organization", "start"], name="slot_closing",
                condition=Q(state=SlotState.PUBLISHED) & ~Q(block_reason=""),
            ),
            # Programs ask for times of any state over all clinics, the earliest first.
            models.Index(fields=["start", "id"], name="slot_start"),
            models.Index(fields=["service", "start"], name="slot_service"),
            models.Index(fields=["clinic", "start"], name="slot_clinic"),
            models.Index(fields=["practitioner", "start"], name="slot_practitioner"),
        ]  # fmt: skip
        triggers = [
            Journal(),
            Marks(
                summary="places",
                moment='{row}."start"',
                watched=("state", "start", "capacity", "taken", "block_reason", "clinic_id"),
            ),
            pgtrigger.FSM(name="slot_states", field="state", transitions=SLOT.pairs),
            # Fires before `slot_states` (triggers run by name), so the move is checked like any other.
            pgtrigger.Trigger(
                name="slot_closes",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(
                    old__taken__gt=0, new__taken=0, new__state="published", new__block_reason__df=""
                ),
                func="NEW.state := 'blocked'; RETURN NEW;",
            ),
            # The counter may rise only while the slot is published, not closing, ahead, and its clinic not closed.
            pgtrigger.Trigger(
                name="slot_takes",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__taken__gt=pgtrigger.F("old__taken")),
                func="""
                    IF NEW.state <> 'published' OR NEW.block_reason <> '' OR NEW.start <= now()
                       OR EXISTS (SELECT FROM clinics_clinic WHERE id = NEW.clinic_id AND status = 'closed') THEN
                        RAISE EXCEPTION 'slot takes no bookings'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_takes';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clinic}, {self.start:%Y-%m-%d %H:%M}"

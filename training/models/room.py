"""Rooms for teaching, who has them when, and the calendars that people subscribe to."""

from __future__ import annotations

from datetime import timedelta

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeBoundary, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic, Feed, Organization
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated
from training.models.programme import IntakeSession
from training.states import OCCUPYING, ROOM_BOOKING, Feature, HallKind, RoomBookingState


class MomentRange(Func):
    """`tstzrange(start, end)`: the end is not of it, so one may follow another at once."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class TeachingRoom(UUIDModel, TimeStamped):
    """A room that can be booked for teaching, at a site of the cluster, whose clock and address it has.

    `opening_hours` maps ISO weekdays "1"…"7" to ["09:00", "21:00"]; a day that is missing is closed. With
    `needs_consent` whoever is not of the training office asks for it. A confirmed booking that nobody has taken up
    `release_after` minutes after its beginning is released; empty: never. `closed_on` is the first day without it.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="teaching_rooms", verbose_name=_("site"))
    name = Translated(models.CharField(_("name"), max_length=120))
    kind = models.CharField(_("kind of room"), max_length=10, choices=HallKind, default=HallKind.CLASSROOM)
    capacity = models.PositiveSmallIntegerField(
        _("places"), validators=[MinValueValidator(1), MaxValueValidator(5000)]
    )
    features = ArrayField(
        models.CharField(max_length=12, choices=Feature),
        verbose_name=_("equipment"),
        default=list,
        blank=True,
    )
    note = Translated(models.CharField(_("note"), max_length=400, blank=True))
    opening_hours = models.JSONField(_("opening hours"), default=dict)
    needs_consent = models.BooleanField(_("the training office has to agree"), default=True)
    release_after = models.PositiveSmallIntegerField(
        _("released after so many minutes"), null=True, blank=True,
        validators=[MinValueValidator(5), MaxValueValidator(240)],
    )  # fmt: skip
    closed_on = models.DateField(_("closed from"), null=True, blank=True)

    class Meta:
        verbose_name = _("room for teaching")
        verbose_name_plural = _("rooms for teaching")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "name_ru"], name="teachingroom_name"),
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.name

    @property
    def time_zone(self) -> str:
        """The clock of its site."""
        return self.clinic.time_zone


class RoomSeries(UUIDModel, TimeStamped):
    """Bookings that were made together, by a rule of RFC 5545 (`FREQ=WEEKLY;BYDAY=MO;COUNT=10`)."""

    rule = models.CharField(_("rule"), max_length=200)

    class Meta:
        verbose_name = _("series of bookings")
        verbose_name_plural = _("series of bookings")
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.rule


class RoomBooking(UUIDModel, TimeStamped):
    """A room for somebody from `starts` to `ends` (not included), or closed for everybody (state `blocked`).

    `organization` is for whom it is; `session` the line of an agenda that takes place there: the booking follows it to
    another time or room. Only those in OCCUPYING keep others out: several may ask for the same time.
    """

    room = models.ForeignKey(
        TeachingRoom, models.PROTECT, related_name="bookings", db_index=False, verbose_name=_("room")
    )
    starts = models.DateTimeField(_("from"))
    ends = models.DateTimeField(_("until"))
    title = models.CharField(_("what for"), max_length=200)
    people = models.PositiveSmallIntegerField(
        _("people expected"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name=_("for whom")
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    booked_by = models.CharField(_("booked by"), max_length=200, blank=True)
    session = models.ForeignKey(
        IntakeSession, models.SET_NULL, null=True, related_name="room_bookings", db_index=False
    )
    series = models.ForeignKey(RoomSeries, models.PROTECT, null=True, related_name="bookings")
    state = models.CharField(
        _("state"), max_length=9, choices=RoomBookingState, default=RoomBookingState.PENDING
    )
    end_reason = models.CharField(_("why it ended"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("booking of a room")
        verbose_name_plural = _("bookings of rooms")
        constraints = [
            ExclusionConstraint(
                name="roombooking_overlap",
                expressions=[
                    ("room", RangeOperators.EQUAL),
                    (MomentRange("starts", "ends", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=OCCUPYING),
            ),
            models.UniqueConstraint(
                fields=["session"], condition=Q(state__in=OCCUPYING), name="roombooking_one_of_session"
            ),
            models.CheckConstraint(condition=Q(starts__lt=F("ends")), name="roombooking_times"),
        ]
        indexes = [
            models.Index(fields=["room", "starts"], name="roombooking_of_room"),
            models.Index(fields=["state", "starts", "id"], name="roombooking_by_state"),
            models.Index(fields=["organization", "-starts"], name="roombooking_of_employer"),
        ]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="roombooking_states", field="state", transitions=ROOM_BOOKING.pairs),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.starts:%Y-%m-%d %H:%M}"

    @property
    def label(self) -> str:
        """What it is for, in the reader's language where a session tells it."""
        return f"{self.session.intake.programme.title}: {self.session.title}" if self.session else self.title

    @property
    def wait(self) -> timedelta:
        """How long the room is kept for somebody who has not come."""
        return timedelta(minutes=self.room.release_after or 0)


class RoomFeed(Feed):
    """A person's address of one room's calendar."""

    room = models.ForeignKey(TeachingRoom, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("calendar address of a room")
        verbose_name_plural = _("calendar addresses of rooms")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "room"], condition=Q(revoked_at__isnull=True), name="roomfeed_one_of_room"
            ),
        ]
        triggers = [Journal(exclude=("token_hash", "read_at", "updated_at"))]

    def __str__(self) -> str:
        return str(self.room)

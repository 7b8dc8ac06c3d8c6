"""Calendars that people subscribe to with a program of their own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models.clinic import Clinic
from clinics.models.practitioner import Practitioner
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel


class Feed(UUIDModel, TimeStamped):
    """A person's address of one calendar.

    Whoever knows the address reads the calendar without signing in, so only the SHA-256 of its secret is kept; the
    address is shown once, and dies when it is revoked. `read_at` is the hour of the last reading.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    language = models.CharField(max_length=2)
    token_hash = models.CharField(max_length=64, unique=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    read_at = models.DateTimeField(_("last read"), null=True)

    class Meta:
        abstract = True


class CalendarFeed(Feed):
    """The calendar of a clinic, of one practitioner there, or of one room that weekly patterns name.

    It dies too when its person serves the clinic's organisation no more.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    practitioner = models.ForeignKey(Practitioner, models.PROTECT, null=True, related_name="+")
    room = models.CharField(_("room"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "clinic", "practitioner", "room"], condition=Q(revoked_at__isnull=True),
                nulls_distinct=False, name="feed_one_of_calendar",
            ),
            models.CheckConstraint(condition=Q(practitioner__isnull=True) | Q(room=""), name="feed_of_one"),
        ]  # fmt: skip
        triggers = [Journal(exclude=("token_hash", "read_at", "updated_at"))]

    def __str__(self) -> str:
        return f"{self.clinic}: {self.practitioner or self.room or '*'}"

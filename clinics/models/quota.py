"""How much of a service a payer pays for in a month."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.models.service import Service
from clinics.states import Payment
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel


class Quota(UUIDModel, TimeStamped):
    """A service's volume for a payment source and a month of the clinic's calendar (`month` is its first day).

    Without a row, and with an empty `volume`, bookings of that month are not limited. `used` counts the bookings that
    hold, have or have used a place; only the trigger of the bookings' table writes it (`patients.models.booking`).
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="quotas", db_index=False)
    payment = models.CharField(_("payment"), max_length=8, choices=Payment)
    month = models.DateField(_("month"))
    volume = models.PositiveIntegerField(_("volume"), null=True, blank=True)
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        ordering = ["month", "payment"]
        constraints = [
            models.UniqueConstraint(fields=["service", "payment", "month"], name="quota_unique"),
            models.CheckConstraint(
                condition=Q(volume__isnull=True) | Q(used__lte=F("volume")), name="quota_volume"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="quota_month"),
        ]
        # Who used it is told by the bookings' own lines.
        triggers = [Journal(exclude=("used", "updated_at"))]

    def __str__(self) -> str:
        return f"{self.service}, {self.get_payment_display()}, {self.month:%m.%Y}"

    @property
    def left(self) -> int | None:
        """How many more bookings fit; None where they are not limited."""
        return None if self.volume is None else self.volume - self.used

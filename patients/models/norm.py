"""How long a patient may wait, by law."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.states import CareType
from cluster_portal.audit.triggers import Journal
from patients.states import Priority, Suspicion


class WaitingNorm(models.Model):
    """The longest wait from submission to the visit. Of the rows that fit the strictest is applied.

    `days` are working days of the country's calendar unless `calendar_days`. Empty criteria fit every referral. What
    law says is history: a row ends and another begins, so that a deadline can be recounted by the norm of its day.
    """

    country = models.CharField(_("country"), max_length=2)
    priority = models.CharField(_("priority"), max_length=9, choices=Priority, blank=True)
    suspicion = models.CharField(_("suspicion"), max_length=14, choices=Suspicion, blank=True)
    care_type = models.CharField(
        _("kind of care"), max_length=14, choices=CareType, blank=True, default="", db_default=""
    )
    specialty_code = models.CharField(_("specialty"), max_length=40, blank=True)
    days = models.PositiveSmallIntegerField(_("days"))
    calendar_days = models.BooleanField(_("calendar days"), default=False)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300)

    class Meta:
        verbose_name = _("waiting norm")
        verbose_name_plural = _("waiting norms")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="norm_dates"
            )
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.country}: {self.days}"

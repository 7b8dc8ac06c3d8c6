"""Reports that come by themselves."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel


class Frequency(TextChoices):
    DAILY = "daily", _("every day")
    WEEKLY = "weekly", _("every week")
    MONTHLY = "monthly", _("every month")


class Schedule(UUIDModel, TimeStamped):
    """A report that runs again and again as its owner, who shares the file with colleagues.

    They are told by a notice and by mail with a link, never with the data. `weekday` is ISO (1 is Monday); a month
    that has no `day` runs on its last one. `hour` and the days are those of `time_zone`. `next_at` is the next moment
    (UTC). `last_job_id` is the latest run.
    """

    report = models.CharField(max_length=60)
    parameters = models.JSONField(default=dict, blank=True)
    file_format = models.CharField(max_length=5)
    language = models.CharField(max_length=2, default="ru")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    organization_id = models.UUIDField()
    recipients = ArrayField(models.UUIDField(), verbose_name=_("colleagues"), default=list, blank=True)
    frequency = models.CharField(_("how often"), max_length=7, choices=Frequency)
    weekday = models.PositiveSmallIntegerField(
        _("day of the week"), null=True, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    day = models.PositiveSmallIntegerField(
        _("day of the month"), null=True, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    hour = models.PositiveSmallIntegerField(_("hour"), default=7, validators=[MaxValueValidator(23)])
    time_zone = models.CharField(max_length=40)
    next_at = models.DateTimeField(_("next run"))
    is_active = models.BooleanField(_("active"), default=True)
    stopped = models.CharField(_("why it was stopped"), max_length=200, blank=True)
    last_job_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("scheduled report")
        verbose_name_plural = _("scheduled reports")
        constraints = [
            models.CheckConstraint(
                condition=(~Q(frequency="weekly") | Q(weekday__isnull=False))
                & (~Q(frequency="monthly") | Q(day__isnull=False)),
                name="report_schedule_day",
            )
        ]
        indexes = [
            models.Index(fields=["next_at"], name="report_schedule_due", condition=Q(is_active=True)),
            models.Index(fields=["user", "-created_at", "-id"], name="report_schedule_user"),
        ]
        triggers = [Journal(exclude=("next_at", "last_job_id", "updated_at"))]

    def __str__(self) -> str:
        return f"{self.report} {self.frequency}"

"""A background job as a row: PostgreSQL holds the truth, Celery only carries the news that there is work."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.jobs.states import ACTIVE, JOB, JobState


class Job(UUIDModel, TimeStamped):
    """Long work that somebody asked for.

    `kind` names what runs (`jobs.kinds`), `params` is its input: ids and choices. It runs as the person or program who
    asked, in their organisation, with the rights that they have when it runs. `dedup_key` names the question: asked
    again while it is being answered, nothing new starts. A worker holds the job by `worker` (a token of this attempt)
    until `lease_until`; a lease that lapses is taken over, and whoever lost it cannot write any more.
    """

    #: Attempts that may end without a word (a killed worker) before the job is given up.
    MAX_ATTEMPTS = 5

    kind = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    dedup_key = models.CharField(max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=JobState, default=JobState.QUEUED)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    client = models.ForeignKey("accounts.ApiClient", models.CASCADE, null=True, related_name="+")
    organization_id = models.UUIDField(null=True)
    shared_with = ArrayField(models.UUIDField(), default=list, blank=True)
    language = models.CharField(max_length=2, default="ru")
    time_zone = models.CharField(max_length=40, default="UTC")

    due_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    rows = models.PositiveBigIntegerField(_("rows"), default=0)
    total = models.PositiveBigIntegerField(_("rows expected"), null=True)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(_("error"), blank=True)
    result = models.JSONField(default=dict, blank=True)

    file = models.CharField(max_length=200, blank=True)
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    file_until = models.DateTimeField(_("kept until"), null=True)

    class Meta:
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")
        constraints = [
            models.UniqueConstraint(
                fields=["dedup_key"],
                condition=~Q(dedup_key="") & Q(state__in=sorted(ACTIVE)),
                name="job_once",
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.RUNNING) | Q(worker__isnull=False, lease_until__isnull=False),
                name="job_running_has_worker",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="job_queue", condition=Q(state=JobState.QUEUED)),
            models.Index(fields=["lease_until"], name="job_leases", condition=Q(state=JobState.RUNNING)),
            models.Index(fields=["user", "-created_at", "-id"], name="job_user"),
            models.Index(fields=["client", "-created_at", "-id"], name="job_client"),
            models.Index(fields=["file_until"], name="job_files", condition=~Q(file="")),
        ]
        triggers = [pgtrigger.FSM(name="job_states", field="state", transitions=JOB.pairs)]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def percent(self) -> int | None:
        """How far it is, 0–100; None while nobody knows."""
        if self.state == JobState.DONE:
            return 100
        return min(99, self.rows * 100 // self.total) if self.total else None

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

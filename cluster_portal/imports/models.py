"""Imports as rows: the file, how it is read, what its check found, what was taken in."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.imports.states import IMPORT, Answer, ImportState, Verdict


class ImportRun(UUIDModel, TimeStamped):
    """A file that somebody wants to take in.

    `mapping` says which column of ours stands at which place of the file (from 0), `headings` what the file calls them,
    `samples` its first rows as text. `counts` are the verdicts of the last check, or of the taking in. The jobs that
    check it and take it in are named by `check_job` and `apply_job`. `file` is emptied when it is kept no longer.
    """

    code = models.CharField(max_length=60)
    state = models.CharField(_("state"), max_length=8, choices=ImportState, default=ImportState.DRAFT)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    client = models.ForeignKey("accounts.ApiClient", models.PROTECT, null=True, related_name="+")
    organization_id = models.UUIDField()

    file = models.CharField(max_length=200, blank=True)
    file_name = models.CharField(_("file"), max_length=200)
    file_until = models.DateTimeField(_("kept until"))
    size = models.PositiveBigIntegerField(_("size"))
    digest = models.CharField(max_length=64)
    sheet = models.CharField(max_length=100, blank=True)
    sheets = ArrayField(models.CharField(max_length=100), default=list)
    head_line = models.PositiveIntegerField()
    headings = models.JSONField(default=list)
    samples = models.JSONField(default=list)
    expected = models.PositiveIntegerField()

    mapping = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    leave_out = models.BooleanField(default=False)
    answer = models.CharField(max_length=4, choices=Answer, blank=True)
    answers = models.JSONField(default=dict)
    check_job = models.UUIDField(null=True)
    apply_job = models.UUIDField(null=True)
    checked_at = models.DateTimeField(_("checked"), null=True)
    applied_at = models.DateTimeField(_("taken in"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [
            models.Index(fields=["user", "code", "-created_at", "-id"], name="import_user"),
            models.Index(fields=["client", "-created_at", "-id"], name="import_client"),
            models.Index(fields=["file_until"], name="import_files", condition=~Q(file="")),
        ]
        # What people's rows say is not the journal's: what became of them is, table by table.
        triggers = [
            Journal(exclude=("samples",)),
            pgtrigger.FSM(name="import_states", field="state", transitions=IMPORT.pairs),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.state}"


class ImportFinding(models.Model):
    """What the check found in a row of the file: a mistake, or something to ask. Deleted with the file."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="findings")
    line = models.PositiveIntegerField()
    verdict = models.CharField(max_length=9, choices=Verdict)
    column = models.CharField(max_length=60, blank=True)
    value = models.CharField(max_length=100, blank=True)
    text = models.TextField()
    choices = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["run", "verdict", "line", "id"], name="import_finding_rows")]

    def __str__(self) -> str:
        return f"{self.line} {self.verdict}"


class ImportMemory(models.Model):
    """Which headings mean which columns in an organisation's files: `columns` maps folded headings to names of ours,
    or to "" for what is to be left aside."""

    id = models.BigAutoField(primary_key=True)
    organization_id = models.UUIDField()
    code = models.CharField(max_length=60)
    columns = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization_id", "code"], name="import_memory_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.organization_id}"

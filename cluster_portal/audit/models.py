"""The journal: what changed (written by triggers) and who read whose record (written by selectors)."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Operation(models.TextChoices):
    """PostgreSQL's name of the statement."""

    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


class Origin(models.Model):
    """Who, for which organisation, from where."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    actor_kind = models.CharField(max_length=10, blank=True)
    user_id = models.UUIDField(null=True)
    client_id = models.UUIDField(null=True)
    organization_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        abstract = True


class CurrentTransaction(models.Func):
    """The id of the transaction that writes, 64 bits wide: it never comes round again."""

    template = "(pg_current_xact_id())::text::bigint"
    output_field = models.BigIntegerField()


class Entry(Origin):
    """One row that one statement inserted, changed or deleted; `before` and `after` hold the columns that differ.

    `xid` is the transaction that did it, which is what the feed of changes is ordered by (`feed.py`).
    """

    xid = models.BigIntegerField(null=True, db_default=CurrentTransaction())
    action = models.CharField(max_length=80, blank=True, help_text="the service that did it")
    table_name = models.CharField(max_length=63)
    row_id = models.CharField(max_length=40, null=True)
    operation = models.CharField(max_length=6, choices=Operation)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("journal of changes")
        indexes = [
            models.Index(fields=["table_name", "row_id", "at"], name="audit_row"),
            models.Index(fields=["xid", "id"], name="audit_feed"),
            models.Index(
                fields=["user_id", "at"], name="audit_user", condition=models.Q(user_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name} {self.row_id}"


class Access(Origin):
    """Somebody opened somebody's record; `reason` is given where access was not theirs by right.

    `subject_id` is empty where nothing was opened: a try that failed is journalled too.
    """

    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField(null=True)
    purpose = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("look at a record")
        verbose_name_plural = _("journal of access")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-at"], name="access_subject"),
            models.Index(fields=["organization_id", "at"], name="access_organization"),
            # Lines only come, in the order of time: a few pages tell where a period lies.
            BrinIndex(fields=["at"], name="access_time"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}"

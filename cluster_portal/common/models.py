"""Abstract bases of the portal's models, and the outbox."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from cluster_portal.common.ids import uuid7


class UUIDModel(models.Model):
    """A row whose key may stand in a URL: UUIDv7, so nothing about the number of rows leaks."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class TimeStamped(models.Model):
    """When the row was made and last changed (UTC)."""

    created_at = models.DateTimeField(auto_now_add=True, db_index=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class OutboxMessage(models.Model):
    """Work that must follow a commit, written in the same transaction as its cause.

    A relay takes the rows with SKIP LOCKED and runs each handler in the row's own transaction, so the handler's
    writes and the mark that it ran are one. A row that fails waits longer each time; after `MAX_ATTEMPTS` it stays
    as `failed_at` for a person to see.
    """

    MAX_ATTEMPTS = 12

    id = models.BigAutoField(primary_key=True)
    task = models.CharField(max_length=100)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="outbox_due",
                condition=models.Q(done_at__isnull=True, failed_at__isnull=True),
            ),
            models.Index(fields=["done_at"], name="outbox_done", condition=models.Q(done_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.task} #{self.pk}"

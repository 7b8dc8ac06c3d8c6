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


class ChangedMoment(models.Model):
    """A mark that something counted by a summary changed: `at` is the moment that tells which day to count again.

    Triggers write it in the transaction of the change (`common.triggers.Marks`), so it is seen with the change or not
    at all. Only inserted and deleted, with no key to collide on: those who change rows never wait for one another.
    """

    id = models.BigAutoField(primary_key=True)
    summary = models.CharField(max_length=20)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.summary} {self.at:%Y-%m-%d %H:%M}"


class SummaryState(models.Model):
    """How fresh a summary is. Its row is locked by whoever refreshes it.

    `as_of`: every change committed before this moment is counted; empty until the first count is whole. `today` is the
    cluster's day for which what depends on the calendar was counted.
    """

    name = models.CharField(primary_key=True, max_length=20)
    as_of = models.DateTimeField(null=True)
    today = models.DateField(null=True)

    def __str__(self) -> str:
        return self.name


class DayCell(models.Model):
    """A line of a summary: the sums of one day, or (`month`) of the month that begins on `day`, for one set of keys.

    A subclass names its `KEYS` and its `SUMS` (columns). Months are the sums of their days, so that a year is read from
    a dozen of them.
    """

    KEYS: tuple[str, ...] = ()
    SUMS: tuple[str, ...] = ()

    id = models.BigAutoField(primary_key=True)
    month = models.BooleanField(default=False)
    day = models.DateField()

    class Meta:
        abstract = True

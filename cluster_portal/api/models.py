"""What the API has to remember of requests."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class IdempotencyRecord(models.Model):
    """The answer to a POST that carried an Idempotency-Key, written in the transaction of its effect.

    `actor` is who asked (`client:<id>`, `user:<id>:<organisation>`), `route` the address, `body_hash` a SHA-256 of
    what was sent. Rows are swept after `KEEP_HOURS`.
    """

    KEEP_HOURS = 72

    id = models.BigAutoField(primary_key=True)
    actor = models.CharField(max_length=100)
    route = models.CharField(max_length=300)
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    content_type = models.CharField(max_length=100, blank=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["actor", "route", "key"], name="idempotency_once"),
        ]
        indexes = [models.Index("created_at", name="idempotency_sweep")]

    def __str__(self) -> str:
        return f"{self.route} {self.status}"

"""Who is told what, and what became of each message."""

from __future__ import annotations

from datetime import datetime

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from cluster_portal.audit.feed import Position
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.webhooks.states import DELIVERY, DeliveryState


class Subscription(UUIDModel, TimeStamped):
    """A program's address to which changes are told, and the place in the feed of changes up to which they were.

    `events` are the feed's resources with what became of the row (`referrals.updated`). Secrets are kept encrypted;
    after a change the one before signs too until `previous_secret_until`. `failures` counts tries in a row without
    success: such a receiver is asked again with one message at a time, and not before `rests_until`.
    """

    client = models.ForeignKey("accounts.ApiClient", models.CASCADE, related_name="webhooks")
    url = models.URLField(_("address"), max_length=500)
    events = ArrayField(models.CharField(max_length=60), verbose_name=_("events"))
    secret = models.CharField(max_length=300, editable=False)
    previous_secret = models.CharField(max_length=300, blank=True, editable=False)
    previous_secret_until = models.DateTimeField(null=True, editable=False)
    is_enabled = models.BooleanField(_("active"), default=True)

    feed_server = models.CharField(max_length=40, editable=False)
    feed_xid = models.BigIntegerField(editable=False)
    feed_line = models.BigIntegerField(default=0, editable=False)
    followed_at = models.DateTimeField(_("followed up to"), db_default=Now())
    failures = models.PositiveIntegerField(default=0)
    rests_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        indexes = [models.Index(fields=["client", "-created_at", "-id"], name="webhook_client")]
        triggers = [
            Journal(
                exclude=(
                    "secret", "previous_secret", "feed_server", "feed_xid", "feed_line", "followed_at", "failures",
                    "rests_until", "updated_at",
                )
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.url

    @property
    def place(self) -> Position:
        """All changes up to here were told, or were not to be."""
        return Position(self.feed_server, self.feed_xid, self.feed_line)

    @place.setter
    def place(self, position: Position) -> None:
        self.feed_server, self.feed_xid, self.feed_line = position.server, position.xid, position.line

    def good_secrets(self, now: datetime) -> list[str]:
        """The secrets (encrypted) that sign at `now`, the newest first."""
        old = self.previous_secret_until is not None and self.previous_secret_until > now
        return [self.secret, self.previous_secret] if old else [self.secret]


class Delivery(UUIDModel):
    """One message to one address: which change it tells of, never what is in the row.

    Its key is the message's id, the same in every try. `line` is the journal's line; `begun_at` is when it was first
    due or was asked for again, from which the day of trying counts. `tries` holds of each try the time, the HTTP
    status and the beginning of the answer.
    """

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="deliveries")
    line = models.BigIntegerField(null=True)
    event = models.CharField(_("event"), max_length=60)
    row_id = models.CharField(max_length=40, blank=True)
    url = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(_("changed at"))
    state = models.CharField(_("state"), max_length=9, choices=DeliveryState, default=DeliveryState.PENDING)
    created_at = models.DateTimeField(_("written at"))
    begun_at = models.DateTimeField()
    attempt = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True)
    ended_at = models.DateTimeField(null=True)
    tries = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["subscription", "line"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.PENDING, next_try_at__isnull=False, ended_at__isnull=True)
                | (~Q(state=DeliveryState.PENDING) & Q(next_try_at__isnull=True, ended_at__isnull=False)),
                name="delivery_due_or_ended",
            ),
        ]
        indexes = [
            models.Index(
                fields=["subscription", "next_try_at", "id"],
                name="delivery_due",
                condition=Q(state=DeliveryState.PENDING),
            ),
            models.Index(fields=["subscription", "-created_at", "-id"], name="delivery_list"),
            models.Index(
                fields=["subscription", "-created_at", "-id"],
                name="delivery_dead",
                condition=Q(state=DeliveryState.DEAD),
            ),
            models.Index(fields=["ended_at"], name="delivery_age"),
        ]
        triggers = [pgtrigger.FSM(name="delivery_states", field="state", transitions=DELIVERY.pairs)]

    def __str__(self) -> str:
        return f"{self.event} {self.state}"

    @property
    def message(self) -> str:
        """The id that the receiver knows it by, and may compare with those it has had."""
        return f"msg_{self.pk.hex}"

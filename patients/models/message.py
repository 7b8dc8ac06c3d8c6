"""What the two clinics write to each other about a referral."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import Organization
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from patients.models.referral import Referral


class Message(UUIDModel, TimeStamped):
    """One message (FHIR Communication), written once and never changed.

    `addressee` is the organisation on the other side at the time of writing; it is unread until somebody there says
    otherwise. `key` comes from the writer's form or program: sent twice, the message is there once.
    """

    LONGEST = 4000

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="messages")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    addressee = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    author_name = models.CharField(max_length=200, blank=True)
    text = models.TextField(_("message"), max_length=LONGEST)
    key = models.UUIDField()
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["referral", "key"], name="message_once"),
            models.CheckConstraint(condition=~Q(text=""), name="message_says_something"),
        ]
        indexes = [
            models.Index(fields=["referral", "created_at", "id"], name="message_thread"),
            models.Index(
                fields=["addressee", "referral"], name="message_unread", condition=Q(read_at__isnull=True)
            ),
        ]
        triggers = [Journal(exclude=("text",))]

    def __str__(self) -> str:
        return f"{self.referral_id} {self.created_at:%Y-%m-%d %H:%M}"

"""What people are told, and whether they want it by e-mail."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from cluster_portal.common.models import UUIDModel
from cluster_portal.notifications import kinds


class Notice(UUIDModel):
    """One line for one person. `params` fill the kind's sentence and never hold personal data.

    `organization_id` is the organisation in whose affairs it is (the registry stands above this app, hence no foreign
    key). `key` names the cause: nobody is told twice of the same one. `url` is a path of this portal.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    organization_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=300)
    key = models.CharField(max_length=100)
    created_at = models.DateTimeField(_("written at"), db_default=Now())
    read_at = models.DateTimeField(_("read at"), null=True)
    mailed_at = models.DateTimeField(_("mailed at"), null=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notice_list"),
            models.Index(fields=["user"], name="notice_unread", condition=Q(read_at__isnull=True)),
            models.Index(fields=["created_at"], name="notice_age"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """The sentence in the reader's language."""
        return kinds.render(self.kind, self.params)

    @property
    def icon(self) -> str:
        return kinds.kind_of(self.kind).icon

    @property
    def tone(self) -> str:
        return kinds.kind_of(self.kind).tone


class Preference(models.Model):
    """How a person wants to be told; who has no row wants e-mail."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="notice_preference"
    )
    by_email = models.BooleanField(_("notices by e-mail"), default=True)

    class Meta:
        verbose_name = _("preference for notices")
        verbose_name_plural = _("preferences for notices")

    def __str__(self) -> str:
        return str(self.user_id)

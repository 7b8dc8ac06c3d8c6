"""Changes of the registry's records that wait for the cluster office."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models.clinic import Clinic
from clinics.models.organization import Organization
from clinics.states import CHANGE, ChangeState
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel

PENDING = Q(state=ChangeState.PENDING)


class ChangeRequest(UUIDModel, TimeStamped):
    """What an organisation wants changed in its own record, or in that of its clinic (`clinic`).

    `changes` maps a column to [what it was when it was asked, what it should be]; both as JSON has them. `kept` names
    the columns that the office left as they were when it approved.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="change_requests")
    clinic = models.ForeignKey(Clinic, models.PROTECT, null=True, blank=True, related_name="change_requests")
    state = models.CharField(_("state"), max_length=9, choices=ChangeState, default=ChangeState.PENDING)
    changes = models.JSONField(_("changes"))
    note = models.CharField(_("note for the office"), max_length=1000, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    author_name = models.CharField(_("asked by"), max_length=200, blank=True)
    client = models.ForeignKey("accounts.ApiClient", models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    comment = models.CharField(_("comment of the office"), max_length=1000, blank=True)
    kept = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    class Meta:
        verbose_name = _("change request")
        verbose_name_plural = _("change requests")
        constraints = [
            # One of each record waits at a time: two diffs of the same columns would undo one another.
            models.UniqueConstraint(
                fields=["clinic"], condition=PENDING & Q(clinic__isnull=False), name="change_one_of_clinic"
            ),
            models.UniqueConstraint(
                fields=["organization"],
                condition=PENDING & Q(clinic__isnull=True),
                name="change_one_of_organization",
            ),
            models.CheckConstraint(
                condition=~Q(state=ChangeState.REFUSED) | ~Q(comment=""), name="change_refused_why"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=False) | Q(state__in=("pending", "withdrawn")),
                name="change_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "created_at", "id"], name="change_queue"),
            models.Index(fields=["organization", "-created_at"], name="change_own"),
        ]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="change_states", field="state", transitions=CHANGE.pairs),
        ]

    def __str__(self) -> str:
        return f"{self.record}, {self.created_at:%Y-%m-%d}"

    @property
    def record(self) -> Clinic | Organization:
        """The record that should be changed."""
        return self.clinic if self.clinic_id else self.organization

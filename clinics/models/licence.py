"""What sites hold from day to day: licences and accreditations, and of every paper its story, scans and warnings."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from clinics.models.clinic import Clinic
from clinics.states import CREDENTIAL, Jurisdiction, LicenceStatus, Scheme
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.files.models import StoredFile

if TYPE_CHECKING:
    from datetime import date


class Credential(UUIDModel, TimeStamped):
    """Base of a licence, an accreditation, a special regime and a permit: a paper of a site, in force from day to day.

    All days are the clinic's own. `valid_to` is the last valid day, empty where there is no end. A suspension holds
    from `suspended_from` to `suspended_to` (both inclusive; empty: until it is resumed) while `status` says so; earlier
    ones are in the story (`CredentialStep`). A renewal is a paper of its own that names the one it renews.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="%(class)ss")
    number = models.CharField(_("number"), max_length=60)
    authority = models.CharField(_("issued by"), max_length=200)
    country = models.CharField(_("country"), max_length=2)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=LicenceStatus, default=LicenceStatus.ACTIVE)
    suspended_from = models.DateField(_("suspended from"), null=True, blank=True)
    suspended_to = models.DateField(_("suspended until"), null=True, blank=True)
    renews = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="renewal", verbose_name=_("renews")
    )

    class Meta:
        abstract = True
        ordering = ["valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="%(class)s_dates"
            ),
            models.CheckConstraint(
                condition=Q(status=LicenceStatus.SUSPENDED, suspended_from__isnull=False)
                & (Q(suspended_to__isnull=True) | Q(suspended_to__gte=F("suspended_from")))
                | ~Q(status=LicenceStatus.SUSPENDED) & Q(suspended_from__isnull=True, suspended_to__isnull=True),
                name="%(class)s_suspended_since",
            ),
            models.CheckConstraint(condition=~Q(renews=F("id")), name="%(class)s_renews_another"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    def is_suspended(self, day: date) -> bool:
        """Whether a suspension holds on that day."""
        if self.status != LicenceStatus.SUSPENDED or day < self.suspended_from:
            return False
        return self.suspended_to is None or day <= self.suspended_to

    def is_valid(self, day: date) -> bool:
        """Whether the paper is in force on that day of the clinic's calendar (`validity.in_force_on` in SQL)."""
        if self.status == LicenceStatus.CANCELLED or self.is_suspended(day):
            return False
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Licence(Credential):
    """Permission for the specialties named in `activities` (Specialty.code) at one site."""

    jurisdiction = models.CharField(
        _("jurisdiction"), max_length=8, choices=Jurisdiction, default=Jurisdiction.NATIONAL
    )
    activities = ArrayField(models.CharField(max_length=40), verbose_name=_("activities"))

    class Meta(Credential.Meta):
        verbose_name = _("licence")
        verbose_name_plural = _("licences")
        constraints = [
            *Credential.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "number"], name="licence_number_unique"),
        ]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="licence_states", field="status", transitions=CREDENTIAL.pairs),
        ]


class Accreditation(Credential):
    """What an independent body attests of a site: a national accreditation, JCI, ISO 9001. It opens no service."""

    scheme = models.CharField(_("kind of accreditation"), max_length=12, choices=Scheme)
    scope = models.CharField(_("what it covers"), max_length=200, blank=True)

    class Meta(Credential.Meta):
        verbose_name = _("accreditation")
        verbose_name_plural = _("accreditations")
        constraints = [
            *Credential.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "scheme", "number"], name="accreditation_number_unique"
            ),
        ]
        triggers = [
            Journal(), pgtrigger.FSM(name="accreditation_states", field="status", transitions=CREDENTIAL.pairs)
        ]  # fmt: skip


#: The kinds of papers, as the columns are called that lead to them.
KINDS = ("licence", "accreditation", "regime", "permit")


def of_one(name: str) -> models.CheckConstraint:
    """A row about one paper, of whichever kind."""
    one = [Q(**{f"{other}__isnull": other != kind for other in KINDS}) for kind in KINDS]
    return models.CheckConstraint(condition=reduce(or_, one), name=name)


class CredentialStep(models.Model):
    """A line of a paper's story, from day to day where it concerns days: issued, suspended, resumed, renewed, ended."""

    id = models.BigAutoField(primary_key=True)
    licence = models.ForeignKey(Licence, models.PROTECT, null=True, related_name="steps")
    accreditation = models.ForeignKey(Accreditation, models.PROTECT, null=True, related_name="steps")
    regime = models.ForeignKey("clinics.Regime", models.PROTECT, null=True, related_name="steps")
    permit = models.ForeignKey("clinics.Permit", models.PROTECT, null=True, related_name="steps")
    action = models.CharField(max_length=10)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    at = models.DateTimeField(db_default=Now())
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [of_one("credentialstep_of_one")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.action


class CredentialScan(StoredFile):
    """The scan of a paper."""

    #: Scans of one paper.
    MOST = 5

    licence = models.ForeignKey(Licence, models.PROTECT, null=True, related_name="scans")
    accreditation = models.ForeignKey(Accreditation, models.PROTECT, null=True, related_name="scans")
    regime = models.ForeignKey("clinics.Regime", models.PROTECT, null=True, related_name="scans")
    permit = models.ForeignKey("clinics.Permit", models.PROTECT, null=True, related_name="scans")

    class Meta(StoredFile.Meta):
        verbose_name = _("scan of a licence")
        verbose_name_plural = _("scans of licences")
        constraints = [*StoredFile.Meta.constraints, of_one("credentialscan_of_one")]
        triggers = [Journal(exclude=("path",))]


class LapseWarning(UUIDModel):
    """That a paper's end was warned of: once for each mark (days before) and last day."""

    licence = models.ForeignKey(Licence, models.CASCADE, null=True, related_name="+")
    accreditation = models.ForeignKey(Accreditation, models.CASCADE, null=True, related_name="+")
    regime = models.ForeignKey("clinics.Regime", models.CASCADE, null=True, related_name="+")
    permit = models.ForeignKey("clinics.Permit", models.CASCADE, null=True, related_name="+")
    mark = models.PositiveSmallIntegerField()
    valid_to = models.DateField()
    sent_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            of_one("lapsewarning_of_one"),
            models.UniqueConstraint(
                fields=[*KINDS, "valid_to", "mark"], name="lapsewarning_once",
                nulls_distinct=False,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.mark}: {self.valid_to}"

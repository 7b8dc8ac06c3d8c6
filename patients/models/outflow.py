"""Patients who are treated outside the cluster."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic, Organization, ServiceType
from clinics.states import Payment
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from patients.models.patient import OfLivingRecord, Patient
from patients.models.referral import Referral
from patients.states import Currency

#: What counts; an entry that was made by mistake is withdrawn and stays on record.
COUNTED = Q(withdrawn_at__isnull=True)


class Outflow(UUIDModel, TimeStamped):
    """A patient is sent outside the cluster: to another region or another country.

    `country` is ISO 3166-1 alpha-2; in the cluster's own country `region` says which one. `reason` is a code of its
    dictionary. `cost` is what the care is expected to cost, in `currency`; both are empty where nobody knows.
    `referral` is the one that it grew from, if any, and has one entry that counts. `key` comes from the writer's form
    or program: sent twice, the entry is there once.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="outflows")
    referral = models.ForeignKey(Referral, models.PROTECT, null=True, blank=True, related_name="outflows")
    source_organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    source_clinic = models.ForeignKey(
        Clinic, models.PROTECT, related_name="+", verbose_name=_("referring clinic")
    )
    country = models.CharField(_("country"), max_length=2)
    region = models.CharField(_("region"), max_length=120, blank=True)
    clinic_name = models.CharField(_("clinic"), max_length=200)
    service_type = models.ForeignKey(ServiceType, models.PROTECT, related_name="+", verbose_name=_("service"))
    diagnosis_code = models.CharField(_("ICD-10 code"), max_length=8)
    diagnosis_text = models.CharField(_("diagnosis"), max_length=300, blank=True)
    reason = models.CharField(_("reason"), max_length=20)
    comment = models.CharField(_("comment"), max_length=1000, blank=True)
    cost = models.DecimalField(
        _("expected cost"), max_digits=13, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, blank=True)
    payment = models.CharField(_("payment"), max_length=8, choices=Payment)
    sent_on = models.DateField(_("sent on"))
    decided_by = models.CharField(_("who decided"), max_length=200)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    key = models.UUIDField()
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_why = models.CharField(_("why it was withdrawn"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("referral outside the cluster")
        verbose_name_plural = _("referrals outside the cluster")
        constraints = [
            models.UniqueConstraint(fields=["source_organization", "key"], name="outflow_once"),
            models.UniqueConstraint(
                fields=["referral"], condition=COUNTED & Q(referral__isnull=False), name="outflow_of_referral"
            ),
            models.CheckConstraint(
                condition=Q(cost__isnull=True, currency="")
                | Q(cost__isnull=False, cost__gte=0) & ~Q(currency=""),
                name="outflow_cost_has_currency",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_why="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_why=""),
                name="outflow_withdrawn_why",
            ),
        ]
        indexes = [
            models.Index(fields=["source_organization", "-sent_on", "-id"], name="outflow_own"),
            models.Index(fields=["-sent_on", "-id"], name="outflow_recent"),
            models.Index(fields=["patient", "-sent_on"], name="outflow_patient"),
        ]
        triggers = [Journal(), OfLivingRecord()]

    def __str__(self) -> str:
        return f"{self.service_type_id} → {self.country}, {self.sent_on}"

"""What clinics offer."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.models.clinic import Clinic
from clinics.models.words import Teaches, words_of
from clinics.states import BookingMode, CareType, Direction, Payment, ServiceMode
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated

NAMES = ("name_ru", "name_en", "name_kk")


class Specialty(models.Model):
    """A licensed activity and a profile of care: the word that licences, practitioners and services share."""

    code = models.SlugField(primary_key=True, max_length=40)
    name = Translated(models.CharField(_("name"), max_length=160))
    words = words_of(*NAMES)

    class Meta:
        verbose_name = _("specialty")
        verbose_name_plural = _("specialties")
        triggers = [Journal(exclude=("words",)), Teaches(*NAMES)]

    def __str__(self) -> str:
        return self.name


class ServiceType(models.Model):
    """An item of the cluster's nomenclature: what a referral asks for, whichever clinic gives it."""

    code = models.SlugField(primary_key=True, max_length=60)
    name = Translated(models.CharField(_("name"), max_length=200))
    specialty = models.ForeignKey(Specialty, models.PROTECT, related_name="service_types")
    direction = models.CharField(_("direction"), max_length=16, choices=Direction, default=Direction.CLINICAL)
    care_type = models.CharField(
        _("kind of care"), max_length=14, choices=CareType, default=CareType.SPECIALIST,
        db_default=CareType.SPECIALIST, help_text=_("Waiting norms differ by it."),
    )  # fmt: skip
    duration_minutes = models.PositiveSmallIntegerField(_("usual duration, minutes"), default=20)
    is_active = models.BooleanField(_("active"), default=True)
    words = words_of(*NAMES)

    class Meta:
        verbose_name = _("service type")
        verbose_name_plural = _("service types")
        triggers = [Journal(exclude=("words",)), Teaches(*NAMES)]

    def __str__(self) -> str:
        return self.name


class Service(UUIDModel, TimeStamped):
    """A service type at one clinic (FHIR HealthcareService).

    Ages are in full years, both limits inclusive. `price` is in the cluster's currency, for those who pay.
    `median_wait_days` is refreshed in the background from bookings made; empty while there are too few.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="services")
    service_type = models.ForeignKey(ServiceType, models.PROTECT, related_name="services")
    comment = Translated(models.CharField(_("what is special here"), max_length=300, blank=True))
    payments = ArrayField(models.CharField(max_length=8, choices=Payment), verbose_name=_("payment"))
    mode = models.CharField(_("mode"), max_length=12, choices=ServiceMode, default=ServiceMode.VISIT)
    booking_mode = models.CharField(
        _("booking"), max_length=6, choices=BookingMode, default=BookingMode.DIRECT
    )
    age_min = models.PositiveSmallIntegerField(_("youngest age"), default=0)
    age_max = models.PositiveSmallIntegerField(_("oldest age"), default=130)
    sex = models.CharField(
        _("only for"), max_length=1, blank=True, choices=[("m", _("men")), ("f", _("women"))]
    )
    price = models.DecimalField(
        _("price"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    preparation = Translated(models.TextField(_("how to prepare"), blank=True))
    documents = Translated(models.TextField(_("what to bring"), blank=True))
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    is_active = models.BooleanField(_("offered now"), default=True)
    median_wait_days = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "service_type", "mode"], name="service_unique"),
            models.CheckConstraint(condition=Q(age_min__lte=F("age_max")), name="service_ages"),
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.service_type}, {self.clinic}"

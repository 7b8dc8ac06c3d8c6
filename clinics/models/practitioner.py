"""The people who see patients, and their qualifications."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models.clinic import Clinic
from clinics.models.organization import Organization
from clinics.models.service import Specialty
from clinics.models.words import Teaches, words_of
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.people import Named
from cluster_portal.common.translated import Translated

PERSON_WORDS = (
    "family", "given", "patronymic", "name_latin", "position_ru", "position_en", "position_kk",
)  # fmt: skip


class Practitioner(Named, UUIDModel, TimeStamped):
    """Somebody who sees patients (FHIR Practitioner).

    Whoever works `by_permit` is qualified at home only, and sees patients at a clinic on the days of a `Permit` there.
    `left_on` is the last day at work of somebody who leaves or has left; `is_active` ends with it. Days of leave are
    `ScheduleException` rows.
    """

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="practitioners", verbose_name=_("organisation")
    )
    clinics = models.ManyToManyField(
        Clinic, through="clinics.Employment", related_name="practitioners", verbose_name=_("clinics")
    )
    family = models.CharField(_("surname"), max_length=100)
    given = models.CharField(_("given name"), max_length=100)
    patronymic = models.CharField(_("patronymic"), max_length=100, blank=True)
    name_latin = models.CharField(_("name in Latin letters"), max_length=200, blank=True)
    position = Translated(models.CharField(_("position"), max_length=200))
    specialties = ArrayField(models.CharField(max_length=40), verbose_name=_("specialties"))
    languages = ArrayField(
        models.CharField(max_length=3), verbose_name=_("languages"), default=list, blank=True
    )
    qualification = Translated(models.CharField(_("qualification"), max_length=300, blank=True))
    by_permit = models.BooleanField(
        _("works under a permit"), default=False, help_text=_("On qualifications of the home country alone")
    )
    is_active = models.BooleanField(_("active"), default=True)
    left_on = models.DateField(_("last day at work"), null=True, blank=True)
    words = words_of(*PERSON_WORDS)

    class Meta:
        verbose_name = _("practitioner")
        verbose_name_plural = _("practitioners")
        ordering = ["family", "given"]
        indexes = [
            GinIndex(fields=["words"], name="practitioner_words"),
            # Every search for times asks for these few.
            models.Index(fields=["id"], condition=Q(by_permit=True), name="practitioner_by_permit"),
        ]
        triggers = [Journal(exclude=("words",)), Teaches(*PERSON_WORDS)]

    def __str__(self) -> str:
        return self.short_name


class Employment(models.Model):
    """At which clinic somebody sees patients."""

    id = models.BigAutoField(primary_key=True)
    practitioner = models.ForeignKey(Practitioner, models.CASCADE, related_name="+")
    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="+")

    class Meta:
        db_table = "clinics_practitioner_clinics"
        unique_together = [("practitioner", "clinic")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.practitioner_id}: {self.clinic_id}"


class Qualification(UUIDModel, TimeStamped):
    """A paper by which somebody is qualified in a specialty: a diploma, a certificate, an accreditation.

    `valid_until` is its last day, empty where it has no end.
    """

    practitioner = models.ForeignKey(Practitioner, models.PROTECT, related_name="qualifications")
    specialty = models.ForeignKey(Specialty, models.PROTECT, related_name="+", verbose_name=_("specialty"))
    document = models.CharField(_("document"), max_length=120)
    number = models.CharField(_("number"), max_length=60)
    country = models.CharField(_("country"), max_length=2)
    institution = models.CharField(_("institution"), max_length=200)
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(1940), MaxValueValidator(2100)]
    )
    valid_until = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        ordering = ["-year", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["practitioner", "country", "document", "number"], name="qualification_once"
            ),
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.document} {self.number}"

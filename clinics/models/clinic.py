"""Sites of care."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models.organization import Organization
from clinics.models.words import Teaches, words_of
from clinics.states import CLINIC, ClinicStatus, ClinicType
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.expressions import searchable
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated

#: What a clinic is searched by, and a practitioner.
CLINIC_WORDS = (
    "name_ru", "name_en", "name_kk", "short_name_ru", "short_name_en", "short_name_kk", "city_ru", "city_en", "city_kk",
)  # fmt: skip


class Clinic(UUIDModel, TimeStamped):
    """A site (FHIR Location) of a member organisation.

    `opening_hours` maps ISO weekdays "1"…"7" to ["08:00", "20:00"]; a day that is missing is closed. `lat` and `lon`
    are WGS 84 degrees. `beds` is the sum of the `BedCount` rows that hold today. `search_text` is written by the
    database: the names and places of all three languages, folded.
    """

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="clinics", verbose_name=_("organisation")
    )
    name = Translated(models.CharField(_("name"), max_length=300))
    short_name = Translated(models.CharField(_("short name"), max_length=120))
    type = models.CharField(_("type"), max_length=16, choices=ClinicType)
    level = models.PositiveSmallIntegerField(
        _("level of care"), default=1, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    description = Translated(models.TextField(_("description"), blank=True))
    address = Translated(models.CharField(_("address"), max_length=300))
    city = Translated(models.CharField(_("town"), max_length=120))
    country = models.CharField(_("country"), max_length=2)
    lat = models.FloatField(_("latitude"), validators=[MinValueValidator(-90), MaxValueValidator(90)])
    lon = models.FloatField(_("longitude"), validators=[MinValueValidator(-180), MaxValueValidator(180)])
    time_zone = models.CharField(_("time zone"), max_length=40)
    opening_hours = models.JSONField(_("opening hours"), default=dict, blank=True)
    languages = ArrayField(
        models.CharField(max_length=3), verbose_name=_("languages"), default=list, blank=True
    )
    interpreters = ArrayField(
        models.CharField(max_length=3), verbose_name=_("interpreters"), default=list, blank=True
    )
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), blank=True)
    wheelchair = models.BooleanField(_("wheelchair access"), default=False)
    beds = models.PositiveIntegerField(_("beds"), default=0)
    status = models.CharField(_("status"), max_length=20, choices=ClinicStatus, default=ClinicStatus.OPEN)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    planned_for = models.CharField(_("opening planned for"), max_length=60, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    close_reason = models.CharField(_("reason for closing"), max_length=300, blank=True)
    is_programme = models.BooleanField(_("new object of the cluster's programme"), default=False)
    is_demo = models.BooleanField(_("invented for the demo"), default=False)
    search_text = searchable(
        "name_ru", "name_en", "name_kk", "short_name_ru", "city_ru", "city_en", "city_kk"
    )
    words = words_of(*CLINIC_WORDS)

    class Meta:
        verbose_name = _("clinic")
        verbose_name_plural = _("clinics")
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=ClinicStatus.CLOSED) | Q(closed_on__isnull=False) & ~Q(close_reason=""),
                name="clinic_closed_with_reason",
            ),
        ]
        indexes = [
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="clinic_search"),
            GinIndex(fields=["words"], name="clinic_words"),
            models.Index(fields=["lat", "lon"], name="clinic_place"),
        ]
        triggers = [
            Journal(exclude=("words",)),
            Teaches(*CLINIC_WORDS),
            pgtrigger.FSM(name="clinic_states", field="status", transitions=CLINIC.pairs),
        ]

    def __str__(self) -> str:
        return self.short_name

"""How many people are to learn something, where, what and by when."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.models import Specialty
from clinics.states import Ownership
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated
from training.states import Where


class TrainingTarget(UUIDModel, TimeStamped):
    """So many people (each counted once) in programmes that begin in the years from `first_year` to `last_year`.

    `where`, `country` (of the programme), `specialty` and `ownership` (of the person's employer) narrow it; empty:
    any. `source` says who promised it.
    """

    title = Translated(models.CharField(_("title"), max_length=200))
    people = models.PositiveIntegerField(
        _("people"), validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )
    first_year = models.PositiveSmallIntegerField(
        _("first year"), validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    last_year = models.PositiveSmallIntegerField(
        pgettext_lazy("target", "last year"), validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    where = models.CharField(_("where"), max_length=6, choices=Where, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    specialty = models.ForeignKey(
        Specialty, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("specialty")
    )
    ownership = models.CharField(_("ownership of the employer"), max_length=8, choices=Ownership, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)

    class Meta:
        verbose_name = _("target of training")
        verbose_name_plural = _("targets of training")
        constraints = [
            models.CheckConstraint(condition=Q(last_year__gte=F("first_year")), name="target_years"),
        ]
        indexes = [models.Index(fields=["position", "id"], name="target_in_order")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.title

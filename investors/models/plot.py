"""Land: the sites of a cluster, the plots into which they are divided, what is laid to them, their papers."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.indexes import GistIndex
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.audit.triggers import Journal
from cluster_portal.common.identifiers import validate_cadastral_number
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated
from cluster_portal.files.models import StoredFile
from investors.models.boxes import Box
from investors.states import PLOT, UNITS, Direction, DocumentKind, PlotState, Tenure, UtilityKind

MIN_HECTARES = MinValueValidator(0.0001)


class Outlined(models.Model):
    """A piece of land: `outline` is a polygon (GeoJSON, as `outlines.read` gives it), the rest its box in degrees."""

    outline = models.JSONField(_("outline"))
    west = models.FloatField(editable=False)
    south = models.FloatField(editable=False)
    east = models.FloatField(editable=False)
    north = models.FloatField(editable=False)

    class Meta:
        abstract = True

    box = property(lambda self: (self.west, self.south, self.east, self.north))


class Site(Outlined, UUIDModel, TimeStamped):
    """A territory of the cluster that is divided into plots.

    `area` is the whole of it in hectares: what no plot takes is shared (streets, park, networks). `plan` is drawn below
    the plots: GeoJSON features with `kind` (park, water, street, road) and perhaps `name_ru`, `name_en`, `name_kk`.
    `surveyed_on` is the date of the plan.
    """

    name = Translated(models.CharField(_("name"), max_length=200))
    area = models.DecimalField(_("area, ha"), max_digits=9, decimal_places=4, validators=[MIN_HECTARES])
    plan = models.JSONField(_("site plan"), default=list, blank=True)
    surveyed_on = models.DateField(_("date of the plan"), null=True, blank=True)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.name


class Plot(Outlined, UUIDModel, TimeStamped):
    """A piece of land for an investor.

    `number` is its name on the site plan. `area` (hectares) is the stated one; the outline's own may differ by 1 % at
    most. `term_years` is of a lease or a concession. `price` is in the cluster's currency: of a year for a lease, of
    the whole otherwise; empty where a tender tells it. `coverage` (percent) and `floors` are how much may be built.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="plots", verbose_name=_("site"))
    number = models.CharField(
        _("number on the plan"), max_length=12, validators=[RegexValidator(r"^[\w./-]+$")]
    )
    cadastral_number = models.CharField(
        _("cadastral number"), max_length=40, blank=True, validators=[validate_cadastral_number]
    )
    title = Translated(models.CharField(_("title"), max_length=200))
    direction = models.CharField(_("direction"), max_length=14, choices=Direction)
    permitted_use = Translated(models.CharField(_("permitted use"), max_length=300, blank=True))
    area = models.DecimalField(_("area, ha"), max_digits=9, decimal_places=4, validators=[MIN_HECTARES])
    tenure = models.CharField(_("right"), max_length=10, choices=Tenure, default=Tenure.LEASE)
    term_years = models.PositiveSmallIntegerField(
        _("for how many years"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
    )
    price = models.DecimalField(
        _("price"), max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    coverage = models.PositiveSmallIntegerField(
        _("may be built over, %"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    floors = models.PositiveSmallIntegerField(
        _("floors at most"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(99)]
    )
    restrictions = Translated(models.CharField(_("restrictions"), max_length=300, blank=True))
    access = Translated(models.CharField(_("road access"), max_length=200, blank=True))
    transport = Translated(models.CharField(_("transport"), max_length=200, blank=True))
    contact_name = Translated(models.CharField(_("contact person"), max_length=200, blank=True))
    contact_phone = models.CharField(_("phone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("e-mail"), blank=True)
    state = models.CharField(_("state"), max_length=9, choices=PlotState, default=PlotState.DRAFT)
    withdraw_reason = models.CharField(_("why withdrawn"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("plot")
        verbose_name_plural = _("plots")
        constraints = [
            models.UniqueConstraint(fields=["site", "number"], name="plot_number"),
            models.UniqueConstraint(
                fields=["cadastral_number"], name="plot_cadastral", condition=~Q(cadastral_number="")
            ),
        ]
        indexes = [
            GistIndex(Box("west", "south", "east", "north"), name="plot_box"),
            models.Index(fields=["state", "site"], name="plot_state"),
        ]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="plot_states", field="state", transitions=PLOT.pairs),
        ]

    def __str__(self) -> str:
        return f"№ {self.number}"


class Utility(UUIDModel, TimeStamped):
    """What a plot may draw: the capacity that is laid to it and how much of that is free, by its owner on a day.

    Both are in UNITS of the kind. `lon` and `lat` are where it enters the plot, if that is known.
    """

    plot = models.ForeignKey(Plot, models.PROTECT, related_name="utilities", db_index=False)
    kind = models.CharField(_("utility"), max_length=8, choices=UtilityKind)
    total = models.DecimalField(
        pgettext_lazy("utility", "capacity"),
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(0)],
    )
    free = models.DecimalField(_("free"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    owner = models.CharField(_("who owns the network"), max_length=200, blank=True)
    stated_on = models.DateField(_("date of the figures"))
    lon = models.FloatField(
        _("longitude"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    lat = models.FloatField(
        _("latitude"), null=True, blank=True, validators=[MinValueValidator(-85), MaxValueValidator(85)]
    )

    class Meta:
        verbose_name = _("utility")
        verbose_name_plural = _("utilities")
        constraints = [
            models.UniqueConstraint(fields=["plot", "kind"], name="utility_once"),
            models.CheckConstraint(condition=Q(free__gte=0, free__lte=F("total")), name="utility_free"),
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.free}"

    @property
    def unit(self) -> str:
        """In what its figures are."""
        return UNITS[self.kind]


class PlotDocument(StoredFile):
    """A paper or a photograph of a plot; whoever sees the plot may have it."""

    #: Files of one plot.
    MOST = 30

    plot = models.ForeignKey(Plot, models.PROTECT, related_name="documents", db_index=False)
    kind = models.CharField(_("kind of file"), max_length=8, choices=DocumentKind)
    title = Translated(models.CharField(_("title"), max_length=200))

    class Meta(StoredFile.Meta):
        verbose_name = _("document of a plot")
        verbose_name_plural = _("documents of plots")
        constraints = [
            *StoredFile.Meta.constraints,
            models.UniqueConstraint(fields=["plot", "sha256"], name="plot_document_once"),
        ]
        triggers = [Journal(exclude=("path",))]

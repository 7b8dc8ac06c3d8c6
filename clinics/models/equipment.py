"""Equipment of the clinics: what is planned, what came, what works, what was done to it."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.models.clinic import Clinic
from clinics.models.organization import Organization
from clinics.models.premises import Room
from clinics.models.schedule import TsTzRange
from clinics.states import EQUIPMENT, EquipmentState, Funding, UpkeepKind
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.expressions import searchable
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated


def _in_order(first: str, second: str) -> Q:
    """A day that is not before the other one; either may be unknown."""
    return (
        Q(**{f"{first}__isnull": True}) | Q(**{f"{second}__isnull": True}) | Q(**{f"{second}__gte": F(first)})
    )


class EquipmentType(models.Model):
    """A line of the cluster's dictionary: what kind of thing it is, whoever made it."""

    code = models.SlugField(primary_key=True, max_length=40)
    name = Translated(models.CharField(_("name"), max_length=160))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("type of equipment")
        verbose_name_plural = _("types of equipment")
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.name


class Equipment(UUIDModel, TimeStamped):
    """One unit of equipment at a clinic, from the plan to the write-off.

    `place` says where it stands if that is no `room` on record. `inventory_number` is the organisation's own; what is
    only planned carries its number in the plan. `programme_year` is the year of the programme that pays for it, empty
    outside one. The four dates are days of the moves; a unit that was entered late has those that are known.
    `warranty_until` is its last day. `search_text` is written by the database: model, maker and numbers, folded.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="equipment", verbose_name=_("clinic"))
    room = models.ForeignKey(
        Room, models.PROTECT, null=True, blank=True, related_name="equipment", verbose_name=_("room")
    )
    place = models.CharField(pgettext_lazy("equipment", "place"), max_length=40, blank=True)
    type = models.ForeignKey(EquipmentType, models.PROTECT, related_name="equipment", verbose_name=_("type"))
    model = models.CharField(_("model"), max_length=160, blank=True)
    maker = models.CharField(_("maker"), max_length=160, blank=True)
    country = models.CharField(_("country of the maker"), max_length=2, blank=True)
    serial = models.CharField(_("serial number"), max_length=80, blank=True)
    inventory_number = models.CharField(_("inventory number"), max_length=40)
    state = models.CharField(
        _("state"), max_length=12, choices=EquipmentState, default=EquipmentState.PLANNED
    )
    programme_year = models.PositiveSmallIntegerField(
        _("programme year"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1990), MaxValueValidator(2100)],
    )
    funding = models.CharField(_("funding"), max_length=10, choices=Funding, blank=True)
    warranty_until = models.DateField(_("warranty until"), null=True, blank=True)
    ordered_on = models.DateField(_("ordered on"), null=True, blank=True)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    commissioned_on = models.DateField(_("in use since"), null=True, blank=True)
    written_off_on = models.DateField(_("written off on"), null=True, blank=True)
    comment = models.CharField(_("comment"), max_length=300, blank=True)
    search_text = searchable("model", "maker", "serial", "inventory_number")

    class Meta:
        verbose_name = _("equipment")
        verbose_name_plural = _("equipment")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "inventory_number"], name="equipment_inventory_unique"
            ),
            models.CheckConstraint(
                condition=_in_order("ordered_on", "delivered_on")
                & _in_order("delivered_on", "commissioned_on")
                & _in_order("commissioned_on", "written_off_on"),
                name="equipment_dates",
            ),
        ]
        indexes = [
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="equipment_search"),
            models.Index(fields=["inventory_number", "id"], name="equipment_by_number"),
            models.Index(fields=["programme_year", "state"], name="equipment_programme"),
        ]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="equipment_states", field="state", transitions=EQUIPMENT.pairs),
        ]

    def __str__(self) -> str:
        return f"{self.inventory_number} {self.model}".strip()

    @property
    def whereabouts(self) -> str:
        """The number of its room, or the place in words."""
        return self.room.number if self.room else self.place


class EquipmentMove(models.Model):
    """A step of a unit from one state to another. `on` is the day of the step by the clinic's calendar."""

    id = models.BigAutoField(primary_key=True)
    equipment = models.ForeignKey(Equipment, models.CASCADE, related_name="moves")
    at = models.DateTimeField(default=timezone.now)
    on = models.DateField()
    action = models.CharField(max_length=20)
    from_state = models.CharField(max_length=12, choices=EquipmentState)
    to_state = models.CharField(max_length=12, choices=EquipmentState)
    comment = models.CharField(_("comment"), max_length=300, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["at", "id"]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.action} {self.on}"


class Upkeep(UUIDModel, TimeStamped):
    """A line of the service log. `cost` is in the cluster's currency, empty where nothing was paid or nobody knows."""

    equipment = models.ForeignKey(Equipment, models.PROTECT, related_name="upkeep")
    kind = models.CharField(_("what was done"), max_length=12, choices=UpkeepKind)
    done_on = models.DateField(_("done on"))
    done_by = models.CharField(_("who did it"), max_length=200)
    cost = models.DecimalField(
        _("cost"), max_digits=13, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    comment = models.CharField(_("comment"), max_length=300, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("line of the service log")
        verbose_name_plural = _("service log")
        indexes = [models.Index(fields=["equipment", "-done_on"], name="upkeep_of_equipment")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.kind} {self.done_on}"


class Downtime(UUIDModel):
    """From when to when a unit did not work; open (`ends` empty) while it is in repair.

    `expected_until` is the last day of the repair as far as one knows: times after it stay open.
    """

    equipment = models.ForeignKey(Equipment, models.PROTECT, related_name="downtimes")
    starts = models.DateTimeField(_("from"))
    ends = models.DateTimeField(_("until"), null=True, blank=True)
    expected_until = models.DateField(_("expected until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("downtime")
        verbose_name_plural = _("downtimes")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")), name="downtime_order"
            ),
            ExclusionConstraint(
                name="downtime_overlap",
                expressions=[
                    ("equipment", RangeOperators.EQUAL),
                    (TsTzRange("starts", "ends", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["starts"], name="downtime_starts")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.equipment_id}: {self.starts:%Y-%m-%d}–"

"""What a site consists of: rooms, beds, photographs, and the sites that it works for."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.models.clinic import Clinic
from clinics.states import BedProfile, RoomKind
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated
from cluster_portal.files.models import StoredFile


class Room(UUIDModel, TimeStamped):
    """A room of a site (FHIR Location), in use from `opened_on` to `closed_on`, its last day; empty has no end."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="rooms")
    number = models.CharField(_("number"), max_length=20)
    name = Translated(models.CharField(_("name"), max_length=120, blank=True))
    kind = models.CharField(_("kind of room"), max_length=16, choices=RoomKind, default=RoomKind.CONSULTING)
    opened_on = models.DateField(_("in use since"), null=True, blank=True)
    closed_on = models.DateField(_("in use until"), null=True, blank=True)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "number"], condition=Q(closed_on__isnull=True), name="room_number_unique"
            ),
            models.CheckConstraint(
                condition=Q(opened_on__isnull=True)
                | Q(closed_on__isnull=True)
                | Q(closed_on__gte=F("opened_on")),
                name="room_dates",
            ),
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.number, self.name)))


class RoomClosure(UUIDModel, TimeStamped):
    """Days on which nobody is seen in a room, both inclusive: repairs, disinfection."""

    room = models.ForeignKey(Room, models.PROTECT, related_name="closures")
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=300)

    class Meta:
        verbose_name = _("closure of a room")
        verbose_name_plural = _("closures of rooms")
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="room_closure_dates"),
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.room}: {self.first_day}–{self.last_day}"


class BedCount(UUIDModel, TimeStamped):
    """How many beds of a profile a site has from a day on, until the next row of that profile. None are a row too."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="bed_counts", db_index=False)
    profile = models.CharField(_("profile of the beds"), max_length=16, choices=BedProfile)
    beds = models.PositiveSmallIntegerField(_("beds"))
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("number of beds")
        verbose_name_plural = _("numbers of beds")
        ordering = ["profile", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "profile", "valid_from"], name="beds_once_a_day"),
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.get_profile_display()}: {self.beds}"


class ClinicLink(UUIDModel, TimeStamped):
    """A hub takes what a spoke cannot do, and lends it its specialists. Following the links never leads back."""

    hub = models.ForeignKey(Clinic, models.PROTECT, related_name="spoke_links", verbose_name=_("hub"))
    spoke = models.ForeignKey(
        Clinic, models.PROTECT, related_name="hub_links", db_index=False, verbose_name=_("spoke")
    )

    class Meta:
        verbose_name = _("link between clinics")
        verbose_name_plural = _("links between clinics")
        constraints = [
            models.UniqueConstraint(fields=["spoke", "hub"], name="clinic_link_once"),
        ]
        triggers = [
            Journal(),
            # Links are made one after another: two that are written at once could close a circle that neither sees.
            pgtrigger.Trigger(
                name="clinic_link_cycle",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    PERFORM pg_advisory_xact_lock(hashtext('clinic_link_cycle'));
                    IF EXISTS (
                        WITH RECURSIVE below (id) AS (
                            SELECT NEW.spoke_id
                            UNION
                            SELECT link.spoke_id FROM clinics_cliniclink link JOIN below ON link.hub_id = below.id
                        )
                        SELECT 1 FROM below WHERE id = NEW.hub_id
                    ) THEN
                        RAISE EXCEPTION 'the links would lead in a circle'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'clinic_link_cycle';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hub} → {self.spoke}"


class ClinicPhoto(StoredFile):
    """A photograph of a site, shown on its public page: JPEG or PNG, kept without what the camera wrote into it."""

    #: Photographs of one site, and the largest of them (bytes): a page has to open on a telephone.
    MOST, LARGEST = 12, 5 * 1024 * 1024

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="photos", db_index=False)
    caption = Translated(models.CharField(_("what it shows"), max_length=200))
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(StoredFile.Meta):
        verbose_name = _("photograph")
        verbose_name_plural = _("photographs")
        ordering = ["position", "created_at"]
        constraints = [
            *StoredFile.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "sha256"], name="photo_once"),
        ]
        triggers = [Journal(exclude=("path",))]

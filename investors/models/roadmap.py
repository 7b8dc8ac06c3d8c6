"""The roadmap of the cluster: what is to be done by whom until when, what waits for what, and how days were moved."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.models import Organization
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated
from investors.states import OPEN_ROADMAP, ROADMAP, Funding, RoadmapSection, RoadmapState


class RoadmapItem(UUIDModel, TimeStamped):
    """A thing to be done for a goal of the cluster.

    `post` is who answers for it in the organisation. `ends_on` is the day in force: what it was before stands in the
    moves. `reason` says why the item was postponed last, or dropped. Overdue is what the calendar says, never a state.
    """

    title = Translated(models.CharField(_("title"), max_length=250))
    section = models.CharField(pgettext_lazy("roadmap", "goal"), max_length=10, choices=RoadmapSection)
    owner = models.ForeignKey(
        Organization, models.PROTECT, related_name="+",
        verbose_name=pgettext_lazy("roadmap", "responsible organisation"),
    )  # fmt: skip
    post = models.CharField(pgettext_lazy("roadmap", "responsible post"), max_length=200)
    begins_on = models.DateField(_("planned beginning"))
    ends_on = models.DateField(_("planned end"))
    started_on = models.DateField(_("begun on"), null=True, blank=True)
    finished_on = models.DateField(pgettext_lazy("roadmap", "finished on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=11, choices=RoadmapState, default=RoadmapState.PLANNED)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    funding = ArrayField(
        models.CharField(max_length=8, choices=Funding), default=list, blank=True,
        verbose_name=_("sources of funding"),
    )  # fmt: skip
    is_public = models.BooleanField(_("published on the site"), default=True)
    needs = models.ManyToManyField(
        "self", through="RoadmapLink", through_fields=("item", "needed"), symmetrical=False, related_name="needed_by"
    )  # fmt: skip

    class Meta:
        verbose_name = _("item of the roadmap")
        verbose_name_plural = _("items of the roadmap")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="roadmap_dates"),
            models.CheckConstraint(
                condition=~Q(state=RoadmapState.DONE) | Q(finished_on__isnull=False), name="roadmap_done_on_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[RoadmapState.POSTPONED, RoadmapState.DROPPED]) | ~Q(reason=""),
                name="roadmap_reason",
            ),
        ]  # fmt: skip
        triggers = [
            Journal(),
            pgtrigger.FSM(name="roadmap_states", field="state", transitions=ROADMAP.pairs),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def funding_words(self) -> str:
        """The sources in the reader's language."""
        return ", ".join(str(Funding(code).label) for code in self.funding)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_ROADMAP


class RoadmapLink(models.Model):
    """An item waits for another. Following the links never leads back."""

    item = models.ForeignKey(RoadmapItem, models.CASCADE, related_name="links", db_index=False)
    needed = models.ForeignKey(RoadmapItem, models.CASCADE, related_name="followers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "needed"], name="roadmap_link_once")]
        triggers = [
            Journal(),
            # Links are made one after another: two that are written at once could close a circle that neither sees.
            pgtrigger.Trigger(
                name="roadmap_link_cycle",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    PERFORM pg_advisory_xact_lock(hashtext('roadmap_link_cycle'));
                    IF EXISTS (
                        WITH RECURSIVE before (id) AS (
                            SELECT NEW.needed_id
                            UNION
                            SELECT link.needed_id FROM investors_roadmaplink link
                              JOIN before ON link.item_id = before.id
                        )
                        SELECT 1 FROM before WHERE id = NEW.item_id
                    ) THEN
                        RAISE EXCEPTION 'the items would wait for each other'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'roadmap_link_cycle';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} ← {self.needed_id}"


class RoadmapMove(UUIDModel):
    """The planned end of an item was moved; never changed afterwards."""

    item = models.ForeignKey(RoadmapItem, models.PROTECT, related_name="moves")
    was = models.DateField()
    becomes = models.DateField()
    reason = models.CharField(_("reason"), max_length=300)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = [
            Journal(),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.was} → {self.becomes}"

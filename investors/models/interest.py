"""Who wants which plots, how far that has come, and what people watch."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from investors.models.investor import Investor
from investors.models.plot import Plot
from investors.states import INTEREST, Direction, InterestState


class Interest(UUIDModel, TimeStamped):
    """An investor is interested in plots, with a project in outline.

    `investment` is in the cluster's currency. `next_step` with its day and the responsible person are the office's own,
    as the notes are; `lost_reason` both sides read.
    """

    investor = models.ForeignKey(
        Investor, models.PROTECT, related_name="interests", verbose_name=_("company")
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    direction = models.CharField(_("direction"), max_length=14, choices=Direction)
    outline = models.TextField(_("the project in outline"), max_length=3000)
    investment = models.DecimalField(
        _("planned investment"), max_digits=15, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    jobs = models.PositiveIntegerField(pgettext_lazy("interest", "jobs"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=InterestState, default=InterestState.NEW)
    next_step = models.CharField(_("next step"), max_length=300, blank=True)
    next_on = models.DateField(_("on which day"), null=True, blank=True)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("who is responsible"),
    )  # fmt: skip
    lost_reason = models.CharField(_("why lost"), max_length=300, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("land", "interest")
        verbose_name_plural = pgettext_lazy("land", "interests")
        indexes = [models.Index(fields=["state", "next_on"], name="interest_pipeline")]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="interest_states", field="state", transitions=INTEREST.pairs),
            pgtrigger.Trigger(
                name="interest_moves",
                operation=pgtrigger.UpdateOf("state"),
                when=pgtrigger.After,
                condition=pgtrigger.Q(old__state__df=pgtrigger.F("new__state")),
                func="""
                INSERT INTO investors_interestmove (id, interest_id, was, becomes, reason, since, created_at)
                SELECT gen_random_uuid(), NEW.id, OLD.state, NEW.state,
                       CASE WHEN NEW.state = 'lost' THEN NEW.lost_reason ELSE '' END,
                       coalesce(max(created_at), NEW.created_at), clock_timestamp()
                  FROM investors_interestmove WHERE interest_id = NEW.id;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.investor}: {self.get_state_display()}"


class InterestMove(UUIDModel):
    """An interest came to another stage; written by the database alone, and never changed.

    `since` is when it had come to the stage that it left, `reason` why it was lost.
    """

    interest = models.ForeignKey(Interest, models.PROTECT, related_name="moves")
    was = models.CharField(max_length=9, choices=InterestState)
    becomes = models.CharField(max_length=9, choices=InterestState)
    reason = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]
        triggers = [
            Journal(),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.was} → {self.becomes}"


class InterestPlot(models.Model):
    """One of the plots in which an investor is interested."""

    interest = models.ForeignKey(Interest, models.PROTECT, related_name="chosen", db_index=False)
    plot = models.ForeignKey(Plot, models.PROTECT, related_name="interests")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["interest", "plot"], name="interest_plot_once")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.interest_id}: {self.plot_id}"


class InterestNote(UUIDModel):
    """What the land office notes of a talk; never the company's to read."""

    interest = models.ForeignKey(Interest, models.PROTECT, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("note"), max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.text[:60]


class PlotWatch(UUIDModel):
    """Somebody wants to hear when a plot changes its state."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    plot = models.ForeignKey(Plot, models.CASCADE, related_name="watches")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "plot"], name="plot_watch_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.plot_id}"


class SavedSearch(UUIDModel):
    """Somebody wants to hear of new plots that fit; `asked` holds the filters of the public list by their names."""

    #: Searches of one person.
    MOST = 20

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(_("name of the search"), max_length=100)
    asked = models.JSONField(default=dict)
    language = models.CharField(max_length=2)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")

    def __str__(self) -> str:
        return self.name


class SearchHit(models.Model):
    """A plot that a search has found already: its person has seen it, or was sent a letter about it."""

    search = models.ForeignKey(SavedSearch, models.CASCADE, related_name="hits", db_index=False)
    plot = models.ForeignKey(Plot, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["search", "plot"], name="search_hit_once")]

    def __str__(self) -> str:
        return f"{self.search_id}: {self.plot_id}"

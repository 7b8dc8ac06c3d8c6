"""Tenders of land: what is offered on what terms until when, every published version of it, the public questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated
from cluster_portal.files.models import StoredFile
from investors.models.plot import Plot
from investors.states import BY_CLOCK, ENDED, TENDER, DocumentKind, Figure, TenderState

if TYPE_CHECKING:
    from datetime import datetime


class Tender(UUIDModel, TimeStamped):
    """Plots for which companies bid under seal.

    Questions are taken from `questions_from` to `questions_until`, bids from then to `bids_until`, both without their
    last instant; envelopes are opened from `opening_at` on. `guarantee` is in the cluster's currency.
    `standstill_days` lie between the award and the contract. `version` counts what was published (0 in a draft).

    `state` follows the clock by a task; what may be done is judged by `phase`, the clock itself.
    """

    number = models.CharField(_("number"), max_length=16, unique=True)
    title = Translated(models.CharField(_("title"), max_length=200))
    terms = Translated(models.TextField(pgettext_lazy("tender", "terms"), max_length=20_000))
    plots = models.ManyToManyField(Plot, through="TenderPlot", related_name="tenders")
    guarantee = models.DecimalField(
        _("guarantee"), max_digits=14, decimal_places=2, validators=[MinValueValidator(0)]
    )
    questions_from = models.DateTimeField(_("questions from"))
    questions_until = models.DateTimeField(_("questions until, bids from"))
    bids_until = models.DateTimeField(_("bids until"))
    opening_at = models.DateTimeField(_("opening of the envelopes"))
    evaluation_until = models.DateTimeField(_("evaluation until"))
    standstill_days = models.PositiveSmallIntegerField(
        _("days between the award and the contract"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
    )
    state = models.CharField(_("state"), max_length=12, choices=TenderState, default=TenderState.DRAFT)
    version = models.PositiveSmallIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=300, blank=True)
    #: The public half of the key that opens its bids.
    opening_key = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("tender")
        verbose_name_plural = _("tenders")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    questions_from__lt=F("questions_until"), questions_until__lt=F("bids_until"),
                    bids_until__lte=F("opening_at"), opening_at__lt=F("evaluation_until"),
                ),
                name="tender_timetable",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "bids_until"], name="tender_state")]
        triggers = [
            Journal(exclude=("opening_key",)),
            pgtrigger.FSM(name="tender_states", field="state", transitions=TENDER.pairs),
            # The database's own clock judges: a contract follows an award that has stood its time.
            pgtrigger.Trigger(
                name="tender_standstill",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("state"),
                condition=pgtrigger.Q(new__state="complete", old__state__df="complete"),
                func="""
                    IF NOT EXISTS (
                        SELECT FROM investors_award
                         WHERE tender_id = NEW.id AND state = 'active' AND standstill_until <= clock_timestamp()
                    ) THEN
                        RAISE EXCEPTION 'the standstill runs'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'tender_standstill';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def phase(self, now: datetime) -> TenderState:
        """The state that the clock gives the tender, never one before its own; its own where the clock has no say."""
        if self.state not in BY_CLOCK:
            return TenderState(self.state)
        passed = sum(moment <= now for moment in (self.questions_from, self.questions_until, self.bids_until))
        return BY_CLOCK[max(passed, BY_CLOCK.index(TenderState(self.state)))]

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED


class TenderPlot(UUIDModel):
    """A plot that a tender offers. While a tender is on, its plots are in tender, so no other can have them."""

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="lots", db_index=False)
    plot = models.ForeignKey(Plot, models.PROTECT, related_name="lots")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tender", "plot"], name="tender_plot_once")]
        triggers = [Journal()]


class Criterion(UUIDModel):
    """What bids are judged by; the weights of a tender sum to 100.

    With a `figure` the mark is computed: 100 for the greatest that an admitted bid offers, less in proportion.
    """

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="criteria", db_index=False)
    position = models.PositiveSmallIntegerField()
    name = Translated(models.CharField(_("criterion"), max_length=200))
    weight = models.PositiveSmallIntegerField(
        _("weight, %"), validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    figure = models.CharField(
        pgettext_lazy("criterion", "computed from"), max_length=10, choices=Figure, blank=True
    )

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["tender", "position"], name="criterion_position")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.name


class TenderVersion(UUIDModel):
    """What a tender said from a moment on, whole (`said`, as `services.tenders.wording` writes it). Never changed.

    `reason` tells why the terms were changed; empty for the first one.
    """

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveSmallIntegerField()
    said = models.JSONField()
    reason = Translated(models.CharField(_("what changed, and why"), max_length=300, blank=True))
    published_at = models.DateTimeField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("version of the terms")
        verbose_name_plural = _("versions of the terms")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["tender", "number"], name="tender_version_once")]
        triggers = [Journal(), pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.tender_id} {self.number}"


class TenderDocument(StoredFile):
    """A paper of a tender; whoever sees the tender may have it."""

    #: Files of one tender.
    MOST = 30

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="documents", db_index=False)
    kind = models.CharField(_("kind of file"), max_length=8, choices=DocumentKind)
    title = Translated(models.CharField(_("title"), max_length=200))

    class Meta(StoredFile.Meta):
        verbose_name = _("document of a tender")
        verbose_name_plural = _("documents of tenders")
        constraints = [
            *StoredFile.Meta.constraints,
            models.UniqueConstraint(fields=["tender", "sha256"], name="tender_document_once"),
        ]
        triggers = [Journal(exclude=("path",))]


class Question(UUIDModel):
    """A question about a tender. Who asked is told to nobody but the portal's journal.

    `answer` is public with the question from `answered_at` on; an unanswered one is read by the office alone.
    """

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="questions", db_index=False)
    text = models.TextField(_("question"), max_length=2000)
    asked_at = models.DateTimeField(pgettext_lazy("question", "asked"))
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    answer = Translated(models.TextField(_("answer"), max_length=4000, blank=True))
    answered_at = models.DateTimeField(pgettext_lazy("question", "answered"), null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        indexes = [models.Index(fields=["tender", "asked_at"], name="question_tender")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.text[:80]

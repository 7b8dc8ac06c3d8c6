"""Records that are likely the same person, and those that were made one."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.models import Organization
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from patients.models.patient import Patient
from patients.states import PairSign, PairState, ProposalState


class DuplicatePair(UUIDModel, TimeStamped):
    """Two records that may be one person, found by the portal or proposed by a clinic; `first` was registered earlier.

    `alike` is the likeness of the full names (pg_trgm, 0–1), `signs` is what speaks for one person; `is_proposed` says
    that a clinic waits for an answer. A pair that the office has decided on is not asked about again, unless a clinic
    says that it is one person after all.
    """

    first = models.ForeignKey(Patient, models.CASCADE, related_name="+")
    second = models.ForeignKey(Patient, models.CASCADE, related_name="+")
    alike = models.FloatField(_("likeness of the names"))
    signs = ArrayField(models.CharField(max_length=10, choices=PairSign))
    is_proposed = models.BooleanField(_("proposed by a clinic"), default=False)
    state = models.CharField(_("state"), max_length=9, choices=PairState, default=PairState.OPEN)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("likely duplicate")
        verbose_name_plural = _("likely duplicates")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicatepair_once"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="duplicatepair_two"),
        ]
        indexes = [
            models.Index(
                fields=["-is_proposed", "-alike", "id"],
                name="duplicatepair_open",
                condition=Q(state=PairState.OPEN),
            )
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.first_id} = {self.second_id}?"


class MergeProposal(UUIDModel, TimeStamped):
    """A clinic says that two records are one person; the office's decision on the pair is the answer."""

    #: Characters of what either side says.
    LONGEST = 500

    pair = models.ForeignKey(DuplicatePair, models.CASCADE, related_name="proposals")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    author_name = models.CharField(max_length=200, blank=True)
    comment = models.CharField(_("why they are one person"), max_length=LONGEST)
    state = models.CharField(_("state"), max_length=8, choices=ProposalState, default=ProposalState.OPEN)
    answer = models.CharField(_("answer"), max_length=LONGEST, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("proposal to merge")
        verbose_name_plural = _("proposals to merge")
        constraints = [
            models.UniqueConstraint(
                fields=["pair", "organization"],
                condition=Q(state=ProposalState.OPEN),
                name="mergeproposal_once",
            ),
            models.CheckConstraint(
                condition=Q(state=ProposalState.OPEN, answered_at__isnull=True)
                | ~Q(state=ProposalState.OPEN) & Q(answered_at__isnull=False),
                name="mergeproposal_answered",
            ),
        ]
        indexes = [models.Index(fields=["organization", "-created_at"], name="mergeproposal_own")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.pair_id}, {self.get_state_display()}"


class PatientMerge(UUIDModel, TimeStamped):
    """Two records became one: what is needed to tell what happened, and to undo it.

    `before` and `after` hold the columns of both records that the merge changed, as texts, by `survivor` and `merged`;
    `moved` the keys of the rows that now name the survivor, by table; `links` those rows of who-sees-whom that were
    made (`made`) or lengthened (`until`, with the old end).
    """

    pair = models.ForeignKey(DuplicatePair, models.PROTECT, related_name="merges")
    survivor = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    merged = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    comment = models.CharField(_("comment"), max_length=300, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    moved = models.JSONField(default=dict)
    links = models.JSONField(default=dict)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("merge of records")
        verbose_name_plural = _("merges of records")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merged"], condition=Q(undone_at__isnull=True), name="patientmerge_once"
            ),
            models.CheckConstraint(condition=~Q(survivor=F("merged")), name="patientmerge_two"),
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="patientmerge_list")]
        # What the two records held stands in the journal of the patients' own table.
        triggers = [Journal(exclude=("before", "after"))]

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.survivor_id}"

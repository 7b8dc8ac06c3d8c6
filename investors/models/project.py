"""Projects that residents build on the land of their agreements: phases, milestones, money and jobs, funding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.models import Clinic
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated
from investors.models.agreement import Agreement
from investors.project_states import OPEN_PROJECT, PROJECT, FundingKind, MilestoneState, ProjectState
from investors.states import Direction

if TYPE_CHECKING:
    from datetime import date


class Project(UUIDModel, TimeStamped):
    """What a company builds on the plots of an agreement.

    `state` is the phase by OC4IDS. Money is in `currency` (ISO 4217); pledged is what the company promised in all.
    `opened_on` is the day on which the building opened, `clinic` the clinic of the registry in it, if it is one;
    `completed_on` is the day on which everything was done, `reason` says why it was cancelled.
    """

    number = models.CharField(_("number"), max_length=16, unique=True)
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, related_name="projects", verbose_name=pgettext_lazy("land", "agreement")
    )
    title = Translated(models.CharField(_("title"), max_length=250))
    description = Translated(models.TextField(_("description"), max_length=3000, blank=True))
    direction = models.CharField(_("direction"), max_length=14, choices=Direction)
    state = models.CharField(
        pgettext_lazy("project", "phase"), max_length=14, choices=ProjectState,
        default=ProjectState.IDENTIFICATION,
    )  # fmt: skip
    investment_pledged = models.DecimalField(
        pgettext_lazy("project", "investment pledged"), max_digits=15, decimal_places=2,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3, validators=[RegexValidator(r"^[A-Z]{3}$")])
    jobs_pledged = models.PositiveIntegerField(
        pgettext_lazy("project", "jobs pledged"), default=0, validators=[MaxValueValidator(1_000_000)]
    )
    opened_on = models.DateField(pgettext_lazy("building", "opened on"), null=True, blank=True)
    clinic = models.ForeignKey(
        Clinic, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=_("clinic"),
        db_index=False,
    )  # fmt: skip
    completed_on = models.DateField(pgettext_lazy("project", "completed on"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("land", "project")
        verbose_name_plural = pgettext_lazy("land", "projects")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=ProjectState.COMPLETED) | Q(completed_on__isnull=False),
                name="project_completed_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state=ProjectState.CANCELLED) | ~Q(reason=""), name="project_cancelled_why"
            ),
            models.CheckConstraint(
                condition=~Q(state=ProjectState.COMPLETED) | Q(opened_on__isnull=False),
                name="project_completed_open",
            ),
            models.CheckConstraint(
                condition=Q(opened_on__isnull=True)
                | Q(state__in=(ProjectState.COMPLETION, ProjectState.COMPLETED)),
                name="project_open_in_phase",
            ),
            models.CheckConstraint(
                condition=Q(clinic__isnull=True) | Q(opened_on__isnull=False), name="project_clinic_open"
            ),
            models.UniqueConstraint(fields=["clinic"], name="project_clinic_once"),
        ]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="project_states", field="state", transitions=PROJECT.pairs),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="opens_once",
                operation=pgtrigger.UpdateOf("opened_on", "clinic_id"),
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__opened_on__isnull=False)
                & (
                    pgtrigger.Q(old__opened_on__df=pgtrigger.F("new__opened_on"))
                    | pgtrigger.Q(old__clinic__df=pgtrigger.F("new__clinic"))
                ),
                func="""
                RAISE EXCEPTION 'a building opens once'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'project_opens_once';
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_PROJECT


class ProjectMilestone(UUIDModel, TimeStamped):
    """A thing to be reached by a day. `reason` says why that day was moved last; the moves are kept by a trigger."""

    #: Milestones of one project.
    MOST = 60

    project = models.ForeignKey(Project, models.PROTECT, related_name="milestones")
    title = Translated(models.CharField(_("title"), max_length=250))
    due_on = models.DateField(pgettext_lazy("milestone", "due on"))
    met_on = models.DateField(pgettext_lazy("milestone", "met on"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("project", "milestone")
        verbose_name_plural = pgettext_lazy("project", "milestones")
        triggers = [
            Journal(),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            # Whatever moves the day, the one before stays with the reason, and without a new reason it stays itself.
            pgtrigger.Trigger(
                name="milestone_moves",
                operation=pgtrigger.UpdateOf("due_on"),
                when=pgtrigger.After,
                condition=pgtrigger.Q(old__due_on__df=pgtrigger.F("new__due_on")),
                func="""
                IF NEW.reason = '' OR NEW.met_on IS NOT NULL THEN
                    RAISE EXCEPTION 'the day of a milestone is moved with a reason, and not after it was met'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'milestone_moves';
                END IF;
                INSERT INTO investors_projectmilestonemove (id, milestone_id, was, becomes, reason, created_at)
                VALUES (gen_random_uuid(), NEW.id, OLD.due_on, NEW.due_on, NEW.reason, now());
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def state_on(self, day: date) -> MilestoneState:
        """How it stands on a day: late counts as not met."""
        if self.met_on:
            return MilestoneState.MET
        return MilestoneState.NOT_MET if self.due_on < day else MilestoneState.SCHEDULED


class ProjectMilestoneMove(UUIDModel):
    """The day of a milestone was moved; written by the database alone, and never changed."""

    milestone = models.ForeignKey(ProjectMilestone, models.PROTECT, related_name="moves")
    was = models.DateField()
    becomes = models.DateField()
    reason = models.CharField(_("reason"), max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = [
            Journal(),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.was} → {self.becomes}"


class ProjectFigure(UUIDModel, TimeStamped):
    """What was made from the beginning up to a day, and from where that is known; counts once the office confirms."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="figures", db_index=False)
    counted_on = models.DateField(pgettext_lazy("project", "as of"))
    investment = models.DecimalField(
        pgettext_lazy("project", "investment made"), max_digits=15, decimal_places=2,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    jobs = models.PositiveIntegerField(
        pgettext_lazy("project", "jobs made"), default=0, validators=[MaxValueValidator(1_000_000)]
    )
    source = models.CharField(pgettext_lazy("project", "source"), max_length=300)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = pgettext_lazy("project", "figure")
        verbose_name_plural = pgettext_lazy("project", "figures")
        constraints = [
            models.UniqueConstraint(fields=["project", "counted_on"], name="project_figure_day"),
        ]
        triggers = [
            Journal(),
            pgtrigger.Protect(
                name="kept_confirmed", operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__confirmed_at__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.project_id}: {self.counted_on}"


class ProjectFunding(UUIDModel, TimeStamped):
    """Who pays how much of a project, in its currency."""

    #: Sources of one project.
    MOST = 30

    project = models.ForeignKey(Project, models.PROTECT, related_name="funding")
    kind = models.CharField(pgettext_lazy("funding", "kind"), max_length=8, choices=FundingKind)
    organization = models.CharField(pgettext_lazy("funding", "who pays"), max_length=200)
    amount = models.DecimalField(
        pgettext_lazy("funding", "amount"), max_digits=15, decimal_places=2, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = pgettext_lazy("project", "source of funding")
        verbose_name_plural = pgettext_lazy("project", "sources of funding")
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.organization

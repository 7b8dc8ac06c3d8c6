"""What happens once somebody has a seat: checks of presence, the journal, the host's assessments, what it costs."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models.feed import Feed
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.files.models import StoredFile
from training.models.nomination import Nomination
from training.models.programme import Intake, IntakeSession
from training.states import AssessmentKind, ExpenseKind, Way

MINUTES_A_DAY = 24 * 60


class Attendance(models.Model):
    """That somebody was at a session: one check. `came_at` is the moment of coming, empty for the whole session."""

    id = models.BigAutoField(primary_key=True)
    session = models.ForeignKey(IntakeSession, models.PROTECT, related_name="checks")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="checks")
    came_at = models.DateTimeField(_("came"), null=True)
    way = models.CharField(_("how"), max_length=6, choices=Way, default=Way.HAND)
    at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("check of presence")
        verbose_name_plural = _("checks of presence")
        constraints = [
            models.UniqueConstraint(fields=["session", "nomination"], name="attendance_once"),
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.nomination_id} {self.at:%Y-%m-%d %H:%M}"


class JournalEntry(UUIDModel, TimeStamped):
    """A day of an internship: what was done, for how many minutes. It counts once the host has confirmed it."""

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="journal")
    day = models.DateField(_("day"))
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), validators=[MinValueValidator(1), MaxValueValidator(MINUTES_A_DAY)]
    )
    text = models.TextField(_("what was done"), max_length=1000)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    confirmed_by = models.CharField(_("confirmed by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("day of an internship")
        verbose_name_plural = _("days of internships")
        constraints = [models.UniqueConstraint(fields=["nomination", "day"], name="journalentry_once")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.day}: {self.text[:40]}"


class Assessment(UUIDModel, TimeStamped):
    """What the host says of somebody, in the middle or at the end. `assessor` is who of the host said it."""

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="assessments")
    kind = models.CharField(_("assessment"), max_length=8, choices=AssessmentKind)
    is_passed = models.BooleanField(_("passed"))
    text = models.TextField(_("in words"), max_length=2000)
    assessor = models.CharField(_("who assessed"), max_length=200)
    assessed_on = models.DateField(_("day"))

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [models.UniqueConstraint(fields=["nomination", "kind"], name="assessment_once")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.get_kind_display()


class Expense(UUIDModel, TimeStamped):
    """A line of an intake's budget, in the cluster's currency: planned first, spent later.

    `nomination` names whose journey it is, empty for the whole intake.
    """

    intake = models.ForeignKey(Intake, models.PROTECT, related_name="expenses")
    nomination = models.ForeignKey(
        Nomination, models.PROTECT, null=True, blank=True, related_name="expenses", verbose_name=_("of whom")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=ExpenseKind)
    title = models.CharField(_("what for"), max_length=200)
    planned = models.DecimalField(
        _("planned"), max_digits=12, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    spent = models.DecimalField(
        _("spent"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    spent_on = models.DateField(_("paid on"), null=True, blank=True)

    class Meta:
        verbose_name = _("expense")
        verbose_name_plural = _("expenses")
        constraints = [
            models.CheckConstraint(
                condition=Q(spent__isnull=True, spent_on__isnull=True)
                | Q(spent__isnull=False, spent_on__isnull=False),
                name="expense_spent_on_a_day",
            ),
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.title


class Receipt(StoredFile):
    """A file that proves an expense."""

    #: Files of one expense.
    MOST = 10

    expense = models.ForeignKey(Expense, models.PROTECT, related_name="receipts")

    class Meta(StoredFile.Meta):
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        triggers = [Journal()]


class Certificate(UUIDModel, TimeStamped):
    """That somebody has learned something, as it was printed and as whoever checks the number is shown it.

    `content` holds the words as they were at the issue (`services.certificates.content_of`); it and the number never
    change (trigger). `credits` are the programme's, earned on `earned_on`, the intake's last day.
    """

    number = models.CharField(_("number"), max_length=16, unique=True)
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="certificates")
    credits = models.PositiveSmallIntegerField(_("CME credits"))
    earned_on = models.DateField(_("earned on"))
    content = models.JSONField(_("content"))
    issued_at = models.DateTimeField(_("issued"), default=timezone.now)
    issuer = models.CharField(_("issued by"), max_length=200, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    revoke_reason = models.CharField(_("why it was revoked"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            models.UniqueConstraint(
                fields=["nomination"], condition=Q(revoked_at__isnull=True), name="certificate_one"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoke_reason="")
                | Q(revoked_at__isnull=False) & ~Q(revoke_reason=""),
                name="certificate_revoked_with_reason",
            ),
        ]
        triggers = [
            Journal(),
            pgtrigger.ReadOnly(
                name="certificate_frozen",
                fields=["number", "nomination", "credits", "earned_on", "content", "issued_at"],
            ),
        ]

    def __str__(self) -> str:
        return self.number


class TrainingFeed(Feed):
    """A person's address of the calendar of the own sessions."""

    class Meta:
        verbose_name = _("calendar address of somebody's training")
        verbose_name_plural = _("calendar addresses of trainings")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(revoked_at__isnull=True), name="trainingfeed_one"
            ),
        ]
        triggers = [Journal(exclude=("token_hash", "read_at", "updated_at"))]

    def __str__(self) -> str:
        return str(self.user)

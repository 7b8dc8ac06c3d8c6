"""What is taught: programmes, their intakes with dates and seats, and the agenda of each."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.models import Organization
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated
from training.states import (
    INTAKE,
    PROGRAMME,
    Format,
    Grade,
    IntakeState,
    PaperKind,
    Payer,
    ProgrammeState,
)

#: The longest programme, in academic hours: two years of retraining.
MOST_HOURS = 4000
#: Minutes of an academic hour.
ACADEMIC_HOUR = 45


class Programme(UUIDModel, TimeStamped):
    """What one can be sent to learn, whenever it takes place.

    `host` is who teaches, in words; `host_organization` the same in the registry, where it is a member or partner.
    `hours` are academic ones of 45 minutes; `credits` those of them that count as continuing medical education (one
    credit, ЗЕТ, is one academic hour). An empty `audience` or `specialties` admits everybody. `goals` are lines.
    `cost` is of one place, in the cluster's currency.

    Presence counts from `presence_share` per cent of the checks **and** `presence_minutes` minutes on; a certificate
    asks for that, and for a passed final assessment where the programme has one (`is_assessed`).
    """

    title = Translated(models.CharField(_("title"), max_length=200))
    summary = Translated(models.CharField(_("summary"), max_length=400, blank=True))
    goals = Translated(models.TextField(_("what one learns"), blank=True))
    host = Translated(models.CharField(_("host"), max_length=300))
    host_organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("host in the registry"),
    )  # fmt: skip
    country = models.CharField(_("country"), max_length=2)
    city = Translated(models.CharField(_("city"), max_length=120))
    format = models.CharField(_("format"), max_length=12, choices=Format)
    audience = ArrayField(
        models.CharField(max_length=8, choices=Grade), verbose_name=_("audience"), default=list, blank=True
    )
    specialties = ArrayField(
        models.CharField(max_length=40), verbose_name=_("specialties"), default=list, blank=True
    )
    language = models.CharField(_("language"), max_length=3, default="ru")
    is_interpreted = models.BooleanField(_("with an interpreter"), default=False)
    hours = models.PositiveSmallIntegerField(
        _("academic hours"), validators=[MinValueValidator(1), MaxValueValidator(MOST_HOURS)]
    )
    credits = models.PositiveSmallIntegerField(_("CME credits"), default=0)
    cost = models.DecimalField(
        _("cost of a place"), max_digits=12, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    payer = models.CharField(_("who pays"), max_length=10, choices=Payer, default=Payer.CLUSTER)
    required_papers = ArrayField(
        models.CharField(max_length=12, choices=PaperKind),
        verbose_name=_("papers that are needed"), default=list, blank=True,
    )  # fmt: skip
    presence_share = models.PositiveSmallIntegerField(
        _("presence, per cent of the checks"), default=70, validators=[MaxValueValidator(100)]
    )
    presence_minutes = models.PositiveIntegerField(
        _("presence, minutes"), default=0, validators=[MaxValueValidator(MOST_HOURS * ACADEMIC_HOUR)]
    )
    is_assessed = models.BooleanField(_("with a final assessment"), default=True)
    state = models.CharField(_("state"), max_length=9, choices=ProgrammeState, default=ProgrammeState.DRAFT)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints = [
            models.CheckConstraint(condition=Q(credits__lte=F("hours")), name="programme_credits"),
        ]
        indexes = [models.Index(fields=["title_ru", "id"], name="programme_by_title")]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="programme_states", field="state", transitions=PROGRAMME.pairs),
        ]

    def __str__(self) -> str:
        return self.title


class Intake(UUIDModel, TimeStamped):
    """A programme on certain days, with so many seats.

    `starts_on` and `ends_on` are both inclusive, by the calendar of `time_zone`, in which the agenda is written too.
    `taken` is the number of seats that nominations hold; only the conditional UPDATE of `services.seats` writes it.
    `per_organization` is how many people one employer may have in it, empty for no limit. `place` is where it happens
    if not simply in the programme's city. After `nominate_by` nobody is nominated, whatever the state says.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="intakes")
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    place = Translated(models.CharField(_("place"), max_length=200, blank=True))
    time_zone = models.CharField(_("time zone"), max_length=40)
    seats = models.PositiveSmallIntegerField(
        _("seats"), validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    taken = models.PositiveSmallIntegerField(_("taken"), default=0, editable=False)
    per_organization = models.PositiveSmallIntegerField(
        _("people of one employer at most"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    nominate_by = models.DateTimeField(_("nominate by"))
    state = models.CharField(_("state"), max_length=9, choices=IntakeState, default=IntakeState.PLANNED)
    cancel_reason = models.CharField(_("why it was cancelled"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("intake")
        verbose_name_plural = _("intakes")
        constraints = [
            models.CheckConstraint(condition=Q(taken__lte=F("seats")), name="intake_seats"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="intake_dates"),
            models.CheckConstraint(
                condition=~Q(state=IntakeState.CANCELLED) | ~Q(cancel_reason=""),
                name="intake_cancelled_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "-starts_on"], name="intake_of_programme"),
            models.Index(fields=["state", "nominate_by", "id"], name="intake_open"),
        ]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="intake_states", field="state", transitions=INTAKE.pairs),
        ]

    def __str__(self) -> str:
        return f"{self.programme}, {self.starts_on}"

    @property
    def free(self) -> int:
        """Seats that nobody holds."""
        return self.seats - self.taken

    @property
    def days(self) -> int:
        """How long it lasts."""
        return (self.ends_on - self.starts_on).days + 1


class IntakeSession(UUIDModel, TimeStamped):
    """A line of an intake's agenda. A pause (`is_break`) teaches nothing."""

    intake = models.ForeignKey(Intake, models.CASCADE, related_name="sessions")
    starts = models.DateTimeField(_("from"))
    ends = models.DateTimeField(_("until"))
    title = Translated(models.CharField(_("title"), max_length=200))
    teacher = models.CharField(_("teacher"), max_length=200, blank=True)
    room = models.CharField(_("room"), max_length=120, blank=True)
    is_break = models.BooleanField(_("pause"), default=False)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["starts", "id"]
        constraints = [models.CheckConstraint(condition=Q(starts__lt=F("ends")), name="session_times")]
        indexes = [models.Index(fields=["intake", "starts"], name="session_of_intake")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.title}, {self.starts:%Y-%m-%d %H:%M}"

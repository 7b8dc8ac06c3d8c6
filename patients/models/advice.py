"""Advice and guidance: a question to a specialist of another clinic, without an appointment."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic, Organization, Service, ServiceType
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.files.models import StoredFile
from patients.models.patient import OfLivingRecord, Patient
from patients.models.referral import Referral
from patients.states import ADVICE, OPEN_ADVICE, AdviceState

OPEN_QUESTION = Q(state__in=sorted(OPEN_ADVICE))
#: Who answers.
TARGET = ("service", "target_clinic", "target_organization")
#: Asked of one clinic or taken by it; or asked of any, and settled by the asking side if at all.
HAS_TARGET = Q(**{f"{name}__isnull": False for name in TARGET}) & ~Q(state=AdviceState.FREE)
HAS_NONE = Q(
    **{f"{name}__isnull": True for name in TARGET},
    to_any=True,
    state__in=sorted((AdviceState.FREE, AdviceState.CLOSED, AdviceState.CONVERTED)),
)


class Advice(UUIDModel, TimeStamped):
    """A question about a patient to a clinic's service, answered in a thread (FHIR Communication).

    The source asks, the target answers. A question `to_any` clinic that gives the service has no target until one takes
    it, and is like any other from then on, but that it may be given back. `abroad`: clinics of other countries may take
    it too. `due_on` is the last working day on which the question in hand should be
    answered; it is set anew when more is asked. `referral` is the one that was made of it. The texts are posts.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="advice")
    state = models.CharField(_("state"), max_length=9, choices=AdviceState, default=AdviceState.ASKED)
    state_since = models.DateTimeField(_("in this state since"))
    source_organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    source_clinic = models.ForeignKey(
        Clinic, models.PROTECT, related_name="+", verbose_name=_("asking clinic")
    )
    to_any = models.BooleanField(_("to any clinic"), default=False)
    abroad = models.BooleanField(_("to clinics of other countries too"), default=False)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    service_type = models.ForeignKey(ServiceType, models.PROTECT, related_name="+")
    target_clinic = models.ForeignKey(
        Clinic, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answering clinic")
    )
    target_organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    diagnosis_code = models.CharField(_("ICD-10 code"), max_length=8)
    diagnosis_text = models.CharField(_("diagnosis"), max_length=300, blank=True)
    due_on = models.DateField(_("answer by"))
    decline_reason = models.CharField(_("why it was declined"), max_length=20, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    author_name = models.CharField(_("asked by"), max_length=200, blank=True)
    referral = models.OneToOneField(Referral, models.PROTECT, null=True, blank=True, related_name="advice")
    key = models.UUIDField()

    class Meta:
        verbose_name = _("question to a specialist")
        verbose_name_plural = _("questions to specialists")
        constraints = [
            models.UniqueConstraint(fields=["source_organization", "key"], name="advice_once"),
            models.CheckConstraint(
                condition=Q(state=AdviceState.CONVERTED, referral__isnull=False)
                | ~Q(state=AdviceState.CONVERTED) & Q(referral__isnull=True),
                name="advice_converted_has_referral",
            ),
            models.CheckConstraint(condition=HAS_TARGET | HAS_NONE, name="advice_taken_or_not"),
            models.CheckConstraint(
                condition=~Q(state=AdviceState.DECLINED) | ~Q(decline_reason=""), name="advice_declined_why"
            ),
            models.CheckConstraint(condition=Q(abroad=False) | Q(to_any=True), name="advice_abroad_of_any"),
        ]
        indexes = [
            models.Index(fields=["source_organization", "state", "due_on", "id"], name="advice_source"),
            models.Index(fields=["target_organization", "state", "due_on", "id"], name="advice_target"),
            models.Index(
                fields=["service_type", "due_on", "id"],
                name="advice_free",
                condition=Q(state=AdviceState.FREE),
            ),
            models.Index(fields=["patient", "-created_at"], name="advice_patient"),
        ]
        triggers = [
            Journal(),
            OfLivingRecord(),
            pgtrigger.FSM(name="advice_states", field="state", transitions=ADVICE.pairs),
        ]

    def __str__(self) -> str:
        return f"{self.service_type_id}, {self.created_at:%Y-%m-%d}"

    @property
    def whom(self) -> str:
        """Who answers, in short; "any clinic" while nobody has taken the question."""
        return self.target_clinic.short_name if self.target_clinic else gettext("any clinic")


class AdvicePost(UUIDModel, TimeStamped):
    """A line of the thread: what was asked or answered, or a step without words. Written once, never changed.

    `addressee` is the other side, which a question to any clinic has from the moment that it is taken; the post is
    unread until somebody there says otherwise. `reason` is a code of the dictionary in `ADVICE_REASONS`. `key` comes
    from the writer's form or program: sent twice, the post is there once.
    """

    LONGEST = 8000

    advice = models.ForeignKey(Advice, models.PROTECT, related_name="posts")
    action = models.CharField(max_length=12)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    addressee = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    author_name = models.CharField(max_length=200, blank=True)
    text = models.TextField(_("text"), max_length=LONGEST, blank=True)
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    key = models.UUIDField()
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("line of a question's thread")
        verbose_name_plural = _("lines of a question's thread")
        constraints = [models.UniqueConstraint(fields=["advice", "key"], name="advicepost_once")]
        indexes = [
            models.Index(fields=["advice", "created_at", "id"], name="advicepost_thread"),
            models.Index(
                fields=["addressee", "advice"], name="advicepost_unread", condition=Q(read_at__isnull=True)
            ),
        ]
        triggers = [Journal(exclude=("text",))]

    def __str__(self) -> str:
        return f"{self.action} {self.created_at:%Y-%m-%d %H:%M}"


class AdviceFile(StoredFile):
    """A file that came with a line of a question's thread (FHIR DocumentReference). Whose it is, the line says."""

    #: Files of one question.
    MOST = 30

    post = models.ForeignKey(AdvicePost, models.PROTECT, related_name="files")

    class Meta(StoredFile.Meta):
        verbose_name = _("file of a question")
        verbose_name_plural = _("files of questions")
        constraints = [
            *StoredFile.Meta.constraints,
            models.UniqueConstraint(fields=["post", "sha256"], name="advicefile_once"),
        ]
        triggers = [Journal(exclude=("path",))]

    @property
    def organization(self) -> Organization:
        """Whose it is."""
        return self.post.organization

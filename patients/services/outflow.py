"""Keeping the register of patients who are treated outside the cluster."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from babel import Locale
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import Clinic
from clinics.selectors.cluster import current_cluster
from clinics.selectors.openness import day_of
from cluster_portal.common.errors import Conflict, Invalid
from cluster_portal.common.service import service
from patients.errors import SentOutsideAlready, StillOpen
from patients.models import Outflow
from patients.models.outflow import COUNTED
from patients.policies import outflow_policy, patient_policy
from patients.services.drafts import check_diagnosis
from patients.services.links import link
from patients.services.steps import check_reason, lock_referral, note
from patients.states import CLOSED, LinkKind, ReasonKind

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor
    from patients.models import Referral

FIELDS = (
    "source_clinic", "country", "region", "clinic_name", "service_type", "diagnosis_code", "diagnosis_text", "reason",
    "comment", "cost", "currency", "payment", "sent_on", "decided_by",
)  # fmt: skip
#: How far back an entry may be dated, in years: registers are filled from paper.
OLDEST = 5
TERRITORIES = Locale("en").territories


@service
def record_outflow(
    actor: Actor,
    *,
    patient_id: uuid.UUID,
    data: dict[str, Any],
    referral_id: uuid.UUID | None = None,
    key: uuid.UUID | None = None,
) -> Outflow:
    """Enter a patient who is sent outside the cluster. The same `key` again is the same entry.

    `data` holds `FIELDS`. Raises NotFound for a stranger's patient or referral, Invalid, StillOpen while the referral
    is under way and SentOutsideAlready where it has an entry.
    """
    outflow_policy.require(actor, "create")
    referral = referral_id and _lock_closed(actor, referral_id)
    patient = patient_policy.get(actor, "refer", patient_id)
    if referral and referral.patient_id != patient.pk:
        raise Invalid({"referral": [_("This referral is another patient's.")]})
    known = key and Outflow.objects.filter(source_organization=actor.organization_id, key=key).first()
    if known:
        return known
    if referral:
        _refuse_second(referral)
    outflow = Outflow(
        patient=patient,
        referral=referral or None,
        source_organization_id=actor.organization_id,
        author_id=actor.user_id,
        key=key or uuid.uuid4(),
    )
    _fill(actor, outflow, data)
    outflow.save(force_insert=True)
    link(patient.pk, outflow.source_organization_id, LinkKind.REFERRED)
    if referral:
        note(actor, referral, "send_outside", came_from=referral.state, comment=outflow.clinic_name)
    return outflow


def _lock_closed(actor: Actor, referral_id: uuid.UUID) -> Referral:
    referral = lock_referral(actor, "send_outside", referral_id)
    if referral.state not in CLOSED:
        raise StillOpen(field="referral")
    return referral


def _refuse_second(referral: Referral) -> None:
    """Under the referral's lock; the constraint behind it says so too, without the entry's key."""
    before = Outflow.objects.filter(COUNTED, referral=referral).first()
    if before:
        raise SentOutsideAlready(field="referral", extra={"outflow": str(before.pk)})


@service
def update_outflow(actor: Actor, *, outflow_id: uuid.UUID, data: dict[str, Any]) -> Outflow:
    """Change an entry. Raises NotFound, Forbidden, Invalid, and Conflict once it is withdrawn."""
    outflow = outflow_policy.get(actor, "edit", outflow_id, lock=True)
    _refuse_withdrawn(outflow)
    _fill(actor, outflow, data)
    outflow.save()
    return outflow


@service
def withdraw_outflow(actor: Actor, *, outflow_id: uuid.UUID, why: str) -> Outflow:
    """Take an entry out of the register's figures, with the reason; it stays on record.

    Raises NotFound, Forbidden, Invalid without a reason, and Conflict where it is withdrawn already.
    """
    outflow = outflow_policy.get(actor, "withdraw", outflow_id, lock=True)
    _refuse_withdrawn(outflow)
    if not why.strip():
        raise Invalid({"why": [_("Please say it in words.")]})
    outflow.withdrawn_at, outflow.withdrawn_why = timezone.now(), why.strip()
    try:
        outflow.clean_fields(exclude=[f.name for f in outflow._meta.fields if f.name != "withdrawn_why"])
    except ValidationError as exc:
        raise Invalid({"why": exc.message_dict["withdrawn_why"]}) from None
    outflow.save(update_fields=["withdrawn_at", "withdrawn_why", "updated_at"])
    return outflow


def _refuse_withdrawn(outflow: Outflow) -> None:
    if outflow.withdrawn_at:
        raise Conflict(_("This entry was withdrawn."))


def _fill(actor: Actor, outflow: Outflow, data: dict[str, Any]) -> None:
    """Write `data` onto the entry, checked. Raises Invalid with every field at fault."""
    if unknown := set(data) - set(FIELDS):
        raise Invalid({name: [_("There is no such field.")] for name in sorted(unknown)})
    known = outflow.reason
    for name, value in data.items():
        setattr(outflow, name, value.strip() if isinstance(value, str) else value)
    outflow.country, outflow.diagnosis_code = outflow.country.upper(), outflow.diagnosis_code.upper()
    if outflow.cost is None:
        outflow.currency = ""
    errors = _check(actor, outflow, known)
    try:
        outflow.clean_fields(
            exclude=[f.name for f in outflow._meta.fields if f.name not in FIELDS or f.name in errors]
        )
    except ValidationError as exc:
        errors |= exc.message_dict
    if errors:
        raise Invalid(errors)


def _check(actor: Actor, outflow: Outflow, known: str) -> dict[str, list[str]]:
    """What is wrong with an entry whose reason was `known` so far, by field."""
    errors: dict[str, list[str]] = {}
    try:
        check_reason(ReasonKind.OUTFLOW, outflow.reason, outflow.comment, known=known)
    except Invalid as exc:
        errors |= exc.errors
    if outflow.source_clinic_id is None:
        outflow.source_clinic = _own_clinic(actor)
    if (
        outflow.source_clinic is None
        or outflow.source_clinic.organization_id != outflow.source_organization_id
    ):
        errors["source_clinic"] = [_("Please choose a clinic of your organisation.")]
    if outflow.service_type_id is None:
        errors["service_type"] = [_("Please choose the service that the patient needs.")]
    cluster = current_cluster()
    if outflow.country not in TERRITORIES or not outflow.country.isalpha():
        errors["country"] = [_("Please choose a country.")]
    elif outflow.country == cluster.country and not outflow.region:
        errors["region"] = [_("Please name the region.")]
    elif outflow.country == cluster.country and _same(
        outflow.region, cluster.region_name_ru, cluster.region_name_en
    ):
        errors["region"] = [_("This is the cluster's own region.")]
    if outflow.diagnosis_code and (texts := check_diagnosis(outflow.diagnosis_code)):
        errors["diagnosis_code"] = texts
    if isinstance(outflow.cost, Decimal) and not outflow.currency:
        errors["currency"] = [_("Please choose the currency.")]
    if isinstance(outflow.sent_on, date):
        today = day_of(timezone.now(), actor.time_zone)
        if outflow.sent_on > today:
            errors["sent_on"] = [_("The date lies in the future.")]
        elif outflow.sent_on.year < today.year - OLDEST:
            errors["sent_on"] = [_("The date lies more than five years back.")]
    return errors


def _same(text: str, *names: str) -> bool:
    return text.casefold() in {name.casefold() for name in names if name}


def _own_clinic(actor: Actor) -> Clinic | None:
    return Clinic.objects.filter(organization=actor.organization_id).order_by("id").first()

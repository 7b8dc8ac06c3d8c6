"""The register of patients sent outside the cluster, as its readers may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, TextField
from django.db.models.functions import Cast, Coalesce

from cluster_portal.accounts.roles import Role
from cluster_portal.audit.services import record_access
from cluster_portal.common import numbering
from cluster_portal.common.asking import Asking
from cluster_portal.common.translated import localized
from patients.models import Outflow
from patients.models.outflow import COUNTED
from patients.policies import outflow_policy
from patients.selectors.reasons import name_of
from patients.selectors.search import search_patients
from patients.states import ReasonKind

if TYPE_CHECKING:
    import uuid
    from datetime import date

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from patients.models import Patient, Referral

#: The latest first.
ORDER = ("-sent_on", "-id")


@dataclass(frozen=True, slots=True)
class Narrowing(Asking):
    """What of the register a reader asks for; empty: all."""

    text: str = ""
    country: str = ""
    service_type: str = ""
    reason: str = ""
    payment: str = ""
    organization: str = ""
    since: date | None = None
    until: date | None = None
    withdrawn: bool = False


def _reason_name() -> Coalesce:
    return name_of(ReasonKind.OUTFLOW, "reason")


def visible_outflows(actor: Actor) -> QuerySet[Outflow]:
    """The entries that the actor may see, with what a list shows of them (`reason_name` among it)."""
    related = ("patient", "source_clinic", "source_organization", "service_type", "referral")
    return outflow_policy.queryset(actor).select_related(*related).annotate(reason_name=_reason_name())


def register(actor: Actor, by: Narrowing) -> QuerySet[Outflow]:
    """The register, narrowed, the latest first. Entries that were withdrawn are shown only when they are asked for."""
    rows = visible_outflows(actor).filter(~COUNTED if by.withdrawn else COUNTED)
    exact = {
        "country": by.country, "service_type": by.service_type, "reason": by.reason, "payment": by.payment,
        "source_organization": by.organization, "sent_on__gte": by.since, "sent_on__lte": by.until,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if by.text:
        rows = rows.filter(_meant(actor, by.text))
    return rows.order_by(*ORDER)


def _meant(actor: Actor, text: str) -> Q:
    """Entries that a text means: by place, by diagnosis; by patient and by referral only where the actor knows them."""
    number = numbering.normalize(text)
    if numbering.is_number(number):
        return outflow_policy.q(actor, "name") & Q(referral__number=number)
    place = Q(clinic_name__icontains=text) | Q(region__icontains=text) | Q(diagnosis_code__istartswith=text)
    whose = Q(patient__in=search_patients(actor, text).order_by().values("pk"))
    return place | (outflow_policy.q(actor, "name") & whose)


def open_outflow(actor: Actor, outflow_id: uuid.UUID, *, purpose: str = "outflow") -> Outflow:
    """One entry. Whoever is shown the patient with it is journalled. Raises NotFound."""
    outflow = outflow_policy.get(actor, "view", outflow_id, queryset=visible_outflows(actor))
    if outflow_policy.names(actor, outflow):
        record_access(actor, subject_type="patient", subject_id=outflow.patient_id, purpose=purpose)
    return outflow


def outflow_of(referral: Referral) -> Outflow | None:
    """Where a referral led outside the cluster, if it did."""
    return Outflow.objects.filter(COUNTED, referral=referral).first()


def outflows_of(actor: Actor, patient: Patient) -> QuerySet[Outflow]:
    """The patient's entries that the actor may see with the name, the latest first."""
    rows = outflow_policy.queryset(actor, "name").filter(COUNTED, patient=patient)
    return (
        rows.select_related("service_type", "source_clinic")
        .annotate(reason_name=_reason_name())
        .order_by(*ORDER)
    )


def choices(actor: Actor) -> dict[str, list]:
    """What the actor's entries name, for the bar above the list: countries, services and, for the office, senders."""
    rows = outflow_policy.queryset(actor).order_by()
    services = rows.values_list("service_type", localized("service_type__name")).distinct()
    found = {
        "countries": list(rows.values_list("country", flat=True).distinct()),
        "service_types": sorted(services, key=lambda pair: pair[1]),
        "organizations": [],
    }
    if actor.has(Role.OFFICE):
        senders = rows.values_list(
            Cast("source_organization", TextField()), localized("source_organization__short_name")
        )
        found["organizations"] = sorted(senders.distinct(), key=lambda pair: pair[1])
    return found

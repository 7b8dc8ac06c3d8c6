"""Reading patients. Opening a record is journalled here, so no page can forget it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import F, Q

from cluster_portal.audit.services import record_access
from cluster_portal.common.asking import Asking
from cluster_portal.common.translated import localized
from patients.models import Consent, Patient, Referral, WaitlistEntry
from patients.policies import patient_policy, referral_policy, waitlist_policy
from patients.selectors.search import fold, search_patients
from patients.states import CLOSED

if TYPE_CHECKING:
    import uuid
    from datetime import date

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: From which likeness of full names (pg_trgm, 0–1) two patients born on the same day are shown as similar.
SIMILAR = 0.5
#: So many records are offered to be called the same person.
MOST_TWINS = 10


def open_patient(actor: Actor, patient_id: uuid.UUID, *, purpose: str = "card") -> Patient:
    """The patient's card, and a line in the journal of reads. Raises NotFound for a stranger."""
    queryset = Patient.objects.select_related("home_clinic", "registered_by")
    patient = patient_policy.get(actor, "view", patient_id, queryset=queryset)
    record_access(actor, subject_type="patient", subject_id=patient.pk, purpose=purpose)
    return patient


def survivor_of(patient: Patient) -> Patient:
    """The record that has taken this one's place, whatever number of merges lies between; itself if none has."""
    while patient.merged_into_id:
        patient = Patient.objects.get(pk=patient.merged_into_id)
    return patient


@dataclass(frozen=True, slots=True)
class History(Asking):
    """What of a patient's history a reader asks for; empty: all. `show` is "open", "closed" or "seen"."""

    show: str = ""
    service_type: str = ""
    clinic: str = ""
    since: date | None = None
    until: date | None = None


#: The latest first.
HISTORY_ORDER = ("-created_at", "-id")
_SHOWN = {
    "open": ~Q(state__in=CLOSED), "closed": Q(state__in=CLOSED), "seen": Q(state__in=("in_care", "completed")),
}  # fmt: skip


def referrals_of(actor: Actor, patient: Patient, by: History | None = None) -> QuerySet[Referral]:
    """The patient's referrals that the actor may see, latest first, with what a line of the history shows."""
    by = by or History()
    rows = (
        referral_policy.queryset(actor)
        .filter(patient=patient)
        .select_related("service_type", "source_clinic", "target_clinic", "appointment_clinic", "conclusion")
        .order_by(*HISTORY_ORDER)
    )
    if by.show in _SHOWN:
        rows = rows.filter(_SHOWN[by.show])
    if by.clinic:
        rows = rows.filter(
            Q(source_clinic=by.clinic) | Q(target_clinic=by.clinic) | Q(appointment_clinic=by.clinic)
        )
    exact = {
        "service_type": by.service_type, "created_at__date__gte": by.since, "created_at__date__lte": by.until,
    }  # fmt: skip
    return rows.filter(**{name: value for name, value in exact.items() if value})


def history_choices(actor: Actor, patient: Patient) -> dict[str, Any]:
    """What the patient's history names: services and clinics by name, how many referrals, how many of them open."""
    rows = (
        referral_policy.queryset(actor)
        .filter(patient=patient)
        .order_by()
        .values_list(
            "state", "service_type", localized("service_type__name"), "source_clinic",
            localized("source_clinic__short_name"), "target_clinic", localized("target_clinic__short_name"),
        )
    )  # fmt: skip
    services, clinics, total, open_ones = {}, {}, 0, 0
    for state, code, service, source, source_name, target, target_name in rows:
        total += 1
        open_ones += state not in CLOSED
        services[code] = service
        clinics |= {source: source_name, target: target_name}
    by_name = [
        sorted(((str(key), name) for key, name in found.items() if key), key=lambda pair: pair[1])
        for found in (services, clinics)
    ]
    return {"service_types": by_name[0], "clinics": by_name[1], "total": total, "open": open_ones}


def waits_of(actor: Actor, patient: Patient) -> QuerySet[WaitlistEntry]:
    """When the patient waited for a time, as far as the actor sees the referrals; those who wait now first."""
    return (
        waitlist_policy.queryset(actor)
        .filter(patient=patient)
        .select_related("referral", "service_type")
        .order_by(F("ended_at").desc(nulls_first=True), "-since")
    )


def consents_of(patient: Patient) -> QuerySet[Consent]:
    """What the patient agreed to, latest first."""
    return Consent.objects.filter(patient=patient).select_related("organization").order_by("-given_on", "-id")


def similar_patients(*, family: str, given: str, patronymic: str, birth_date: date) -> QuerySet[Patient]:
    """Patients born on the same day whose full name is nearly this one, the likest first, whoever may see them."""
    name = fold(" ".join(filter(None, (family, given, patronymic))))
    return (
        Patient.objects.filter(birth_date=birth_date, merged_into__isnull=True)
        .annotate(alike=TrigramSimilarity("sort_name", name))
        .filter(alike__gte=SIMILAR)
        .order_by("-alike")
    )


def twins_to_propose(actor: Actor, patient: Patient, text: str) -> list[Patient]:
    """Records, open to the actor, that may be the same person: those that `text` means; without it, that look so."""
    if text:
        rows = search_patients(actor, text)
    else:
        rows = similar_patients(
            family=patient.family,
            given=patient.given,
            patronymic=patient.patronymic,
            birth_date=patient.birth_date,
        ).filter(patient_policy.q(actor))
    return list(rows.exclude(pk=patient.pk).select_related("registered_by")[:MOST_TWINS])

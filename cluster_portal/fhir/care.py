"""Patients, referrals, appointments and documents: seen by whom they are open to in REST, and nobody else."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cluster_portal.common import identifiers
from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.common.policy import NOBODY
from cluster_portal.fhir import systems
from cluster_portal.fhir.mappers import care as show
from cluster_portal.fhir.resources import Include, Resource, offer
from cluster_portal.fhir.searching import (
    Parameter,
    Unfit,
    birthday,
    coded,
    common,
    key,
    moment,
    reference,
    token,
)
from patients.policies import attachment_policy, booking_policy, patient_policy, referral_policy
from patients.selectors.matches import numbers_of
from patients.selectors.patients import open_patient
from patients.selectors.referrals import open_referral
from patients.selectors.search import bearer_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from cluster_portal.fhir.shapes import Reader
    from patients.models import Attachment, Patient, Referral

#: Referrals whose documents one search looks through.
MOST = 100
RELATED = ("service_type", "source_clinic", "target_clinic", "conclusion")
DIGITS = {systems.SNILS: "snils", systems.ENP: "enp", systems.IIN: "iin"}


def _patients(actor: Actor) -> QuerySet:
    return patient_policy.queryset(actor).filter(merged_into__isnull=True)


def _open_patient(actor: Actor, pk: Any) -> Patient:
    patient = open_patient(actor, pk, purpose="api")
    found = numbers_of(actor.organization_id, [patient.pk]) if actor.organization_id else {}
    patient.own_numbers = sorted(found.get(patient.pk, ()))
    return patient


def _check_patients(actor: Actor, asked: Mapping[str, list[str]]) -> None:
    """Patients are not there to be listed: an identifier and the birth date find one."""
    patient_policy.require(actor, "search")
    wanted = ("identifier", "birthdate")
    if "_id" not in asked and (missing := [name for name in wanted if name not in asked]):
        raise Invalid(dict.fromkeys(missing, _("Please name an identifier and the birth date.")))


def _identified(value: str, reader: Reader) -> Q:
    system, _bar, number = value.rpartition("|")
    digits = identifiers.normalize(number)
    if not number.strip():
        raise Unfit(_("Write it as system|value."))
    found = NOBODY
    for name, column in DIGITS.items():
        if digits and (not system or systems.matches(system, name)):
            found |= Q(**{column: digits})
    if not system or systems.matches(system, systems.OWN_NUMBER):
        found |= Q(pk=bearer_of(reader.actor, number.strip()))
    return found


def _referrals(actor: Actor) -> QuerySet:
    return referral_policy.queryset(actor).select_related(*RELATED)


def _numbered(value: str, reader: Reader) -> Q:
    """The portal's number, or the referring organisation's own with its system; without one, any of them."""
    system, bar, number = value.rpartition("|")
    if not number:
        return NOBODY
    if not bar:
        return Q(number=number) | Q(own_number=number)
    if systems.matches(system, systems.REFERRAL_NUMBER):
        return Q(number=number)
    return Q(own_number=number, own_system="" if systems.matches(system, systems.OWN_REFERRAL) else system)


def _open_referral(actor: Actor, pk: Any) -> Referral:
    return open_referral(actor, pk, purpose="api")


def _bookings(actor: Actor) -> QuerySet:
    return booking_policy.queryset(actor).select_related("clinic", "slot__service_type", "slot__practitioner")


def _states(column: str, table: Mapping[Any, str]) -> Parameter:
    """A status of FHIR, which stands for one or several states of the portal."""
    codes: dict[str, list[str]] = {}
    for state, code in table.items():
        codes.setdefault(code, []).append(state)
    return coded({code: Q(**{f"{column}__in": states}) for code, states in codes.items()})


def _form(referral: Referral) -> show.Document:
    return show.Document(
        pk=referral.pk, updated_at=referral.updated_at, code="form-057u", kind=_("Referral, form 057/у"),
        name=f"057-{referral.number}.pdf", referral_id=referral.pk, patient_id=referral.patient_id,
        organization_id=referral.source_organization_id, created_at=referral.submitted_at,
        path=reverse("api-referrals-form-057u", args=[referral.pk]),
    )  # fmt: skip


def _conclusion(referral: Referral) -> show.Document:
    paper = referral.conclusion
    return show.Document(
        pk=paper.pk, updated_at=paper.updated_at, code="conclusion", kind=_("Conclusion"),
        name=f"{referral.number}.pdf", referral_id=referral.pk, patient_id=referral.patient_id,
        organization_id=referral.target_organization_id, created_at=paper.created_at,
        path=reverse("api-referrals-conclusion-paper", args=[referral.pk]),
    )  # fmt: skip


def _file(file: Attachment) -> show.Document:
    return show.Document(
        pk=file.pk, updated_at=file.created_at, code=file.kind, kind=file.get_kind_display(), name=file.name,
        referral_id=file.referral_id, patient_id=file.referral.patient_id, organization_id=file.organization_id,
        created_at=file.created_at, content_type=file.content_type, size=file.size,
        path=reverse("api-referrals-attachment-file", args=[file.referral_id, file.pk]),
    )  # fmt: skip


def _documents(referrals: Iterable[Referral], files: Iterable[Attachment]) -> list[show.Document]:
    found = []
    for referral in referrals:
        if referral.submitted_at is not None:
            found.append(_form(referral))
        if hasattr(referral, "conclusion"):
            found.append(_conclusion(referral))
    return found + [_file(file) for file in files]


def _gather(actor: Actor, asked: Mapping[str, list[str]]) -> list[show.Document]:
    """The documents of the referrals that are named, or of a patient's latest ones. Three queries."""
    columns = {"related": "pk", "patient": "patient_id", "subject": "patient_id"}
    named = [name for name in columns if name in asked]
    if not named and "_id" not in asked:
        raise Invalid({"related": _("Please name the referral, the patient or the document.")})
    rows = _referrals(actor).order_by("-id")
    files = attachment_policy.queryset(actor).select_related("referral").order_by("-created_at", "-id")
    ids = _uuids(asked.get("_id", ()))
    if not named:
        q = Q(pk__in=ids) | Q(conclusion__in=ids)
        found = _documents(rows.filter(q)[:MOST], files.filter(pk__in=ids))
        return [document for document in found if document.pk in ids]
    for name in named:
        kind = "ServiceRequest" if name == "related" else "Patient"
        for text in asked[name]:
            rows = reference(columns[name], kind).apply(rows, name, text, None)
    referrals = list(rows[:MOST])
    found = _documents(referrals, files.filter(referral__in=[r.pk for r in referrals]))
    return [document for document in found if "_id" not in asked or document.pk in ids]


def _uuids(texts: Iterable[str]) -> set[uuid.UUID]:
    found = set()
    for value in (value for text in texts for value in text.split(",")):
        with suppress(ValueError):
            found.add(uuid.UUID(value))
    return found


def _open_document(actor: Actor, pk: Any) -> show.Document:
    """One document by its id: a file's, a conclusion's, or that of the referral itself for form 057/у."""
    found = _gather(actor, {"_id": [str(pk)]})
    if not found:
        raise NotFound
    return found[0]


def _typed(documents: list[show.Document], asked: Mapping[str, list[str]]) -> list[show.Document]:
    for text in asked.get("type", ()):
        codes = {value.rpartition("|")[2] for value in text.split(",")}
        documents = [document for document in documents if document.code in codes]
    return documents


SUBJECT = Include({"Patient": "patient_id"})
PATIENT = reference("patient_id", "Patient")
NUMBER = Parameter("token", _numbered)

offer(
    Resource(
        "Patient", "patients", patient_policy, _patients, show.patient,
        "Patients of yours, found by an identifier and the birth date together. Reading one is journalled.",
        {"_id": key(), "identifier": Parameter("token", _identified), "birthdate": birthday("birth_date")},
        brief=show.patient_row, open=_open_patient, check=_check_patients,
    ),
    Resource(
        "ServiceRequest", "referrals", referral_policy, _referrals, show.service_request,
        "Referrals that your organisation sent or receives.",
        {
            **common(), "identifier": NUMBER, "status": _states("state", show.REQUEST_STATES),
            "subject": PATIENT, "patient": PATIENT,
            "requester": reference("source_organization_id", "Organization"),
            "performer": reference("target_organization_id", "Organization"),
            "code": token("service_type_id", systems.SERVICE_TYPE),
            "priority": _states("priority", show.PRIORITIES),
            "authored": moment("submitted_at"),
        },
        {
            "subject": SUBJECT, "patient": SUBJECT,
            "requester": Include({"Organization": "source_organization_id"}),
            "performer": Include({"HealthcareService": "service_id", "Organization": "target_organization_id"}),
        },
        order=("-id",), open=_open_referral,
    ),
    Resource(
        "Task", "referrals", referral_policy, _referrals, show.task,
        "Where a referral stands; it has the id of its ServiceRequest.",
        {
            **common(), "identifier": NUMBER, "status": _states("state", show.TASK_STATES),
            "business-status": token("state", systems.STATE),
            "focus": reference("pk", "ServiceRequest"), "based-on": reference("pk", "ServiceRequest"),
            "subject": PATIENT, "patient": PATIENT,
            "requester": reference("source_organization_id", "Organization"),
            "owner": reference("target_organization_id", "Organization"),
        },
        {
            "focus": Include({"ServiceRequest": "pk"}), "patient": SUBJECT, "subject": SUBJECT,
            "owner": Include({"Organization": "target_organization_id"}),
        },
        order=("-id",), open=_open_referral,
    ),
    Resource(
        "Appointment", "bookings", booking_policy, _bookings, show.appointment,
        "Bookings of the referrals that you see, and times held for them.",
        {
            **common(), "status": _states("state", show.APPOINTMENT_STATES), "date": moment("start"),
            "patient": PATIENT, "based-on": reference("referral_id", "ServiceRequest"),
            "slot": reference("slot_id", "Slot"), "location": reference("clinic_id", "Location"),
            "service-type": token("slot__service_type_id", systems.SERVICE_TYPE),
        },
        {
            "patient": SUBJECT, "slot": Include({"Slot": "slot_id"}),
            "based-on": Include({"ServiceRequest": "referral_id"}),
            "location": Include({"Location": "clinic_id"}),
        },
        order=("-id",), sorts={"date": ("start", "id")},
    ),
    Resource(
        "DocumentReference", "referrals", referral_policy, _referrals, show.document_reference,
        "Form 057/у, the conclusion and the files of a referral, each with the link to its content.",
        {
            "_id": key(), "related": reference("pk", "ServiceRequest"), "patient": PATIENT, "subject": PATIENT,
            "type": token("kind", systems.PAPER),
        },
        {"subject": SUBJECT, "patient": SUBJECT, "related": Include({"ServiceRequest": "referral_id"})},
        open=_open_document, gather=lambda actor, asked: _typed(_gather(actor, asked), asked),
    ),
)  # fmt: skip

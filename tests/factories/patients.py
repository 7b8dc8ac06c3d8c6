"""Rows of patients, referrals and bookings for tests: every function fills what a test does not name, and saves.

Identifiers are valid (their check digits fit) and differ from patient to patient. A referral can be made in any state,
with the booking, the slot's counter and the conclusion that belong to it.
"""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from clinics.models import Clinic, Organization, Service, Slot
from clinics.states import BookingMode
from cluster_portal.accounts.roles import Role
from cluster_portal.common import numbering
from cluster_portal.common.actor import Actor
from cluster_portal.files.models import StoredFile
from patients.models import (
    Advice,
    AdviceFile,
    AdvicePost,
    Attachment,
    Booking,
    Conclusion,
    Consent,
    Outflow,
    Patient,
    PatientLink,
    Reason,
    Referral,
    WaitlistEntry,
    WaitlistOffer,
)
from patients.models.referral import NO_DEADLINE
from patients.selectors.matching import RANKS
from patients.states import (
    ACTIVE_BOOKING,
    OCCUPYING,
    AdviceState,
    BookingState,
    ConsentKind,
    LinkKind,
    ReferralState,
)
from tests.factories import clinics

_number = itertools.count(1)
_times = itertools.count()
_numbers = numbering.numbers("SKH", 2026, first=5_000_000)

#: The booking that a referral in this state has.
BOOKING_OF = {
    ReferralState.BOOKED: BookingState.BOOKED,
    ReferralState.IN_CARE: BookingState.ARRIVED,
    ReferralState.COMPLETED: BookingState.FULFILLED,
}


def snils(n: int) -> str:
    """A СНИЛС with its check digits, another one for each `n`."""
    body = f"{100_000_000 + n:09}"
    total = sum(int(d) * weight for d, weight in zip(body, range(9, 0, -1), strict=True))
    return f"{body}{total % 101 % 100:02}"


def enp(n: int) -> str:
    """An ЕНП whose last digit is Luhn's, another one for each `n`."""
    body = f"{100_000_000_000_000 + n:015}"
    total = 0
    for index, digit in enumerate(reversed(body)):
        number = int(digit) * (1 if index % 2 else 2)
        total += number - 9 if number > 9 else number
    return f"{body}{-total % 10}"


def iin(born: date, n: int) -> str:
    """An ИИН of Kazakhstan for a birth date in the 20th or 21st century, another one for each `n`."""
    while True:
        body = f"{born:%y%m%d}{'3' if born.year < 2000 else '5'}{n % 10000:04}"
        check = sum(int(d) * w for d, w in zip(body, range(1, 12), strict=True)) % 11
        if check < 10:
            return f"{body}{check}"
        n += 5000


def make_patient(registered_by: Organization | None = None, *, linked: bool = True, **fields: Any) -> Patient:
    """A grown-up with СНИЛС and ЕНП, whom the registering organisation sees (unless `linked` is false)."""
    n = next(_number)
    defaults = {
        "family": f"Ковалёв{n}", "given": "Пётр", "patronymic": "Ильич", "birth_date": date(1970, 5, 17),
        "sex": "m", "snils": snils(n), "enp": enp(n),
    }  # fmt: skip
    registered_by = registered_by or clinics.make_organization()
    patient = Patient.objects.create(registered_by=registered_by, **defaults | fields)
    if linked:
        make_link(patient, registered_by)
    return patient


def make_link(
    patient: Patient, organization: Organization, kind: LinkKind = LinkKind.REGISTERED, **fields: Any
) -> PatientLink:
    """Let the organisation see the patient."""
    return PatientLink.objects.get_or_create(
        patient=patient, organization=organization, kind=kind, defaults=fields
    )[0]


def make_consent(patient: Patient, kind: ConsentKind = ConsentKind.TRANSFER, **fields: Any) -> Consent:
    """A consent that was given a month ago."""
    defaults = {"organization": patient.registered_by, "given_on": timezone.localdate() - timedelta(days=30)}
    return Consent.objects.create(patient=patient, kind=kind, **defaults | fields)


def make_outflow(patient: Patient | None = None, *, source: Clinic | None = None, **fields: Any) -> Outflow:
    """An entry of the register of those sent outside: to Novosibirsk, for what the cluster does not have."""
    source = source or clinics.make_clinic()
    defaults = {
        "source_organization": source.organization, "source_clinic": source, "country": "RU",
        "region": "Новосибирская область", "clinic_name": "Центр Мешалкина", "diagnosis_code": "I48.0",
        "reason": "no_service", "payment": "vmp", "sent_on": timezone.localdate() - timedelta(days=1),
        "decided_by": "Врачебная комиссия", "key": uuid.uuid4(),
    }  # fmt: skip
    if not {"service_type", "service_type_id"} & set(fields):
        fields["service_type"] = clinics.make_service_type()
    return Outflow.objects.create(patient=patient or make_patient(source.organization), **defaults | fields)


def target_of(service: Service) -> dict[str, Any]:
    """Who answers, as columns of a question."""
    clinic = service.clinic
    return {"service": service, "target_clinic": clinic, "target_organization": clinic.organization}


def make_advice(
    patient: Patient | None = None,
    *,
    service: Service | None = None,
    source: Clinic | None = None,
    **fields: Any,
) -> Advice:
    """A question to a service, as it stands after it was asked; with `to_any` to whoever gives it."""
    source, service = source or clinics.make_clinic(), service or clinics.make_service()
    free = fields.get("to_any", False) and fields.get("state", AdviceState.FREE) == AdviceState.FREE
    defaults = {
        "state_since": timezone.now(), "source_organization": source.organization, "source_clinic": source,
        "service_type": service.service_type, "diagnosis_code": "I48.0",
        **({"state": AdviceState.FREE} if free else target_of(service)),
        "due_on": timezone.localdate() + timedelta(days=3), "author_name": "Дубова М. С.", "key": uuid.uuid4(),
    }  # fmt: skip
    advice = Advice.objects.create(patient=patient or make_patient(source.organization), **defaults | fields)
    AdvicePost.objects.create(
        advice=advice, action="ask", organization=source.organization, addressee=advice.target_organization,
        author_name="Дубова М. С.", text="Нужна ли абляция?", key=advice.key,
    )  # fmt: skip
    return advice


def make_booking(
    referral: Referral, slot: Slot, state: BookingState = BookingState.BOOKED, **fields: Any
) -> Booking:
    """A booking in any state, counted by its slot. Past the services: nothing is checked but the constraints."""
    if state == BookingState.HELD:
        fields.setdefault("held_until", timezone.now() + timedelta(minutes=10))
    else:
        fields.setdefault("booked_at", timezone.now())
    booking = Booking.objects.create(
        referral=referral, patient_id=referral.patient_id, slot=slot, clinic_id=slot.clinic_id,
        organization_id=slot.organization_id, start=slot.start, end=slot.end, state=state, **fields,
    )  # fmt: skip
    if state in OCCUPYING:
        count_places(slot)
    return booking


def count_places(slot: Slot) -> None:
    """Bring a slot's counter to what its bookings say (a past slot's counter may not rise by itself)."""
    slot.refresh_from_db()
    taken = Booking.objects.filter(slot=slot, state__in=OCCUPYING).count()
    start, end = slot.start, slot.end
    if start <= timezone.now() and taken > slot.taken:
        ahead = timezone.now() - start + timedelta(hours=1)
        Slot.objects.filter(pk=slot.pk).update(start=start + ahead, end=end + ahead)
        Slot.objects.filter(pk=slot.pk).update(taken=taken)
        Slot.objects.filter(pk=slot.pk).update(start=start, end=end)
    else:
        Slot.objects.filter(pk=slot.pk).update(taken=taken)
    slot.refresh_from_db()


def make_referral(
    patient: Patient | None = None,
    *,
    state: ReferralState | str = ReferralState.DRAFT,
    service: Service | None = None,
    source: Clinic | None = None,
    slot: Slot | None = None,
    **fields: Any,
) -> Referral:
    """A complete referral in any state, from one organisation to another one's service.

    In `booked`, `in_care` and `completed` it has its booking (in `slot`, or in one of its own); completed ones have a
    conclusion. Links of both organisations to the patient are there as the services would have made them.
    """
    service = service or clinics.make_service()
    source = source or clinics.make_clinic()
    patient = patient or make_patient(source.organization)
    now, state = timezone.now(), ReferralState(state)
    defaults: dict[str, Any] = {
        "state_since": now, "source_organization": source.organization, "source_clinic": source,
        "service": service, "service_type_id": service.service_type_id, "target_clinic": service.clinic,
        "target_organization": service.clinic.organization, "diagnosis_code": "I48.0",
        "reason": "Пароксизмы фибрилляции предсердий", "referrer_name": "Дубова М. С.",
    }  # fmt: skip
    if state != ReferralState.DRAFT:
        defaults |= {"submitted_at": now, "due_on": timezone.localdate() + timedelta(days=20)}
    if state == ReferralState.COMPLETED:
        defaults |= {"completed_at": now, "conclusion_unread": True}
    if state in BOOKING_OF:
        slot = slot or clinics.make_slot(service, start=_own_time())
        defaults |= {"appointment_at": slot.start, "appointment_clinic": slot.clinic}
    number = next(_numbers)[1]
    referral = Referral.objects.create(patient=patient, state=state, number=number, **defaults | fields)
    make_link(patient, source.organization, LinkKind.REFERRED)
    if referral.submitted_at and referral.target_organization_id:
        make_link(patient, referral.target_organization, LinkKind.RECEIVED)
    if state in BOOKING_OF:
        make_booking(referral, slot, BOOKING_OF[state])
    if state == ReferralState.WAITLISTED:
        make_entry(referral)
    if state == ReferralState.COMPLETED:
        Conclusion.objects.create(
            referral=referral, text="Ритм синусовый, наблюдение.", diagnosis_code="I48.0"
        )
    return referral


def make_entry(referral: Referral, **wishes: Any) -> WaitlistEntry:
    """A waiting referral's place on the list; everything suits who needs no time to get there."""
    defaults = {
        "patient_id": referral.patient_id, "service_type_id": referral.service_type_id,
        "source_organization_id": referral.source_organization_id, "rank": RANKS[referral.priority],
        "due_order": referral.due_on or NO_DEADLINE, "since": referral.state_since, "notice_hours": 0,
    }  # fmt: skip
    return WaitlistEntry.objects.create(referral=referral, **defaults | wishes)


def make_offer(referral: Referral, slot: Slot, **fields: Any) -> WaitlistOffer:
    """A time that is offered to a waiting referral and held for it, for a day."""
    until = fields.setdefault("until", timezone.now() + timedelta(days=1))
    booking = make_booking(referral, slot, BookingState.HELD, held_until=until, offered=True)
    Referral.objects.filter(pk=referral.pk).update(offer_until=until)
    referral.refresh_from_db()
    entry = WaitlistEntry.objects.get(referral=referral, ended_at__isnull=True)
    return WaitlistOffer.objects.create(
        entry=entry, slot=slot, booking=booking, **{"made_at": timezone.now()} | fields
    )


def _own_time() -> datetime:
    """A time of its own for each slot that nobody names, so that no patient is in two places at once: an evening in
    some weeks, when tests name none.
    """
    days, turn = divmod(next(_times) % 540, 18)
    return clinics.at(12 + days, 18, 0) + timedelta(minutes=20 * turn)


@dataclass(slots=True)
class Pair:
    """Two organisations that work together, one person at each, and a patient of the first who agreed to it."""

    source: Clinic
    target: Clinic
    referrer: Actor
    coordinator: Actor
    service: Service
    patient: Patient

    def referral(self, state: ReferralState | str = ReferralState.DRAFT, **fields: Any) -> Referral:
        """A referral from the source to the target's service."""
        fields.setdefault("patient", self.patient)
        fields.setdefault("service", self.service)
        return make_referral(state=state, source=self.source, **fields)

    def slot(self, start: datetime | None = None, **fields: Any) -> Slot:
        """A free slot of the target's service."""
        return clinics.make_slot(self.service, start=start, **fields)


def make_pair(*, triage: bool = False, service_type: str = "cardiologist") -> Pair:
    """A referring clinic and a receiving one, which decides first where `triage` is set."""
    source, target = clinics.make_clinic(), clinics.make_clinic()
    mode = BookingMode.TRIAGE if triage else BookingMode.DIRECT
    patient = make_patient(source.organization)
    make_consent(patient)
    return Pair(
        source=source,
        target=target,
        referrer=clinics.make_actor(Role.REFERRER, organization=source.organization),
        coordinator=clinics.make_actor(Role.COORDINATOR, organization=target.organization),
        service=clinics.make_service(target, service_type, booking_mode=mode),
        patient=patient,
    )


def taken_and_occupied(slot: Slot) -> tuple[int, int]:
    """The slot's counter and the number of bookings that it should count: equal at every moment."""
    taken = Slot.objects.values_list("taken", flat=True).get(pk=slot.pk)
    return taken, Booking.objects.filter(slot=slot.pk, state__in=OCCUPYING).count()


def active_bookings(referral: Referral) -> list[Booking]:
    """The referral's active bookings (never more than one)."""
    return list(Booking.objects.filter(referral=referral, state__in=ACTIVE_BOOKING))


CONTENT = b"%PDF-1.7 made for tests"


def make_attachment(
    referral: Referral, *, organization: Organization | None = None, **values: Any
) -> Attachment:
    """A file of the referring side (or of `organization`), with its content in the storage."""
    n = next(_number)
    row = Attachment.objects.create(
        **{
            "referral": referral,
            "organization": organization or referral.source_organization,
            "path": f"sent/00/{n:040x}",
            "name": f"Снимок-{n}.pdf",
            "format": "pdf",
            "kind": "examination",
            "size": len(CONTENT),
            "sha256": f"{n:064x}",
            "author_name": "Дубова М. П.",
            **values,
        }
    )
    put_content(row)
    return row


def make_advice_file(advice: Advice, **values: Any) -> AdviceFile:
    """A file of the question's first line, with its content in the storage."""
    n = next(_number)
    row = AdviceFile.objects.create(
        **{
            "post": advice.posts.order_by("created_at", "id").first(),
            "path": f"sent/00/{n:040x}",
            "name": f"Холтер-{n}.pdf",
            "format": "pdf",
            "size": len(CONTENT),
            "sha256": f"{n:064x}",
            "author_name": "Дубова М. С.",
            **values,
        }
    )
    put_content(row)
    return row


def put_content(attachment: StoredFile) -> None:
    """Write the content where it is missing: each test has a storage of its own."""
    if not default_storage.exists(attachment.path):
        default_storage.save(attachment.path, ContentFile(CONTENT))


def name_of(kind: str, code: str) -> str:
    """The name of a coded reason, in the language of the moment."""
    return Reason.objects.get(kind=kind, code=code).name

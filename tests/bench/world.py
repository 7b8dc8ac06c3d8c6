"""What is measured on: the demo cluster, and referrals and slots in plenty that only wait to be booked."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from clinics.models import Clinic, Membership, Service, Slot
from clinics.selectors.openness import covering_licence, day_of
from clinics.states import Audience, BookingMode, SlotState
from cluster_portal.accounts.models import User
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import Actor, resolve_actor
from patients.models import Patient, Referral
from patients.services.drafts import is_offered
from patients.states import ReferralState

#: Far enough ahead that no demo slot is near, near enough that licences still hold.
AHEAD = timedelta(days=30)
HOT_CAPACITY = 30_000
TABLES = ("patients_booking", "patients_referral", "patients_referralstep", "clinics_slot")


@dataclass
class World:
    """Who acts, and what may be booked."""

    user: User
    actor: Actor
    service: Service
    hot_slot: uuid.UUID


def prepare(cluster: str, pairs: int, grow: Callable[[], None] | None = None) -> World:
    """Load the demo where it is missing; at most ``pairs`` referrals with a slot each, and one hot slot for all.

    ``grow`` multiplies the demo's rows first.
    """
    call_command("prepare_portal", "--cluster", cluster)
    if grow:
        grow()
    user = (
        User.objects.filter(memberships__role=Role.REFERRER, memberships__is_active=True, is_demo=True)
        .order_by("email")
        .first()
    )
    if user is None:
        raise SystemExit("The demo has no referrer to sign in as.")
    membership = (
        Membership.objects.filter(user=user, role=Role.REFERRER).select_related("organization").first()
    )
    service = _direct_service(membership.organization_id)
    with without_triggers(*TABLES) as cursor:
        _clear(cursor)
        hot = _make(cursor, membership.organization_id, user, service, pairs)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return World(user, resolve_actor(user=user), service, hot)


def _direct_service(own: uuid.UUID) -> Service:
    """A service of another organisation that is booked without triage, licensed on the day, for any age."""
    day_start = timezone.now() + AHEAD
    for service in (
        Service.objects.filter(booking_mode=BookingMode.DIRECT, is_active=True, sex="", age_min__lte=18)
        .exclude(clinic__organization=own)
        .select_related("clinic__organization", "service_type")
        .order_by("pk")
    ):
        day = day_of(day_start, service.clinic.time_zone)
        if is_offered(service) and covering_licence(
            service.clinic_id, service.service_type.specialty_id, day
        ):
            return service
    raise SystemExit("The demo has no service that is booked directly.")


@contextmanager
def without_triggers(*tables: str) -> Iterator[CursorWrapper]:
    """One transaction in which neither the journal nor the state tables look at what is made or put back."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        # Foreign keys wait for the end of the transaction, and a table with waiting checks cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _clear(cursor: CursorWrapper) -> None:
    """Take away what an earlier run has made."""
    cursor.execute("DROP TABLE IF EXISTS bench_pair")
    ours = "(SELECT id FROM patients_referral WHERE number LIKE 'BENCH-%')"
    for table in ("patients_booking", "patients_referralstep"):
        cursor.execute(f"DELETE FROM {table} WHERE referral_id IN {ours}")
    cursor.execute(f"DELETE FROM patients_referral WHERE id IN {ours}")
    cursor.execute("DELETE FROM clinics_slot WHERE room = 'bench'")


def _make(cursor, organization_id: uuid.UUID, user: User, service: Service, pairs: int) -> uuid.UUID:
    now, start = timezone.now(), timezone.now() + AHEAD
    clinic = Clinic.objects.filter(organization=organization_id).order_by("pk").first()
    patients = list(
        Patient.objects.filter(
            birth_date__lt=now.date() - timedelta(days=30 * 365), birth_date__year__gt=1960
        )
        .order_by("pk")
        .values_list("pk", flat=True)[:pairs]
    )
    # A patient for each: the hot slot takes all of them at the same time.
    pairs = len(patients)
    slots, referrals = [], []
    common = {
        "service": service, "service_type_id": service.service_type_id, "clinic_id": service.clinic_id,
        "organization_id": service.clinic.organization_id, "audience": Audience.CLUSTER, "release_at": start,
        "state": SlotState.PUBLISHED, "room": "bench",
    }  # fmt: skip
    for number in range(pairs):
        slots.append(Slot(start=start, end=start + timedelta(minutes=20), **common))
        referrals.append(
            Referral(
                number=f"BENCH-{number:06}", patient_id=patients[number],
                state=ReferralState.ACCEPTED, state_since=now, submitted_at=now,
                source_organization_id=organization_id, source_clinic=clinic, author=user,
                service_type_id=service.service_type_id, service=service, target_clinic_id=service.clinic_id,
                target_organization_id=service.clinic.organization_id, diagnosis_code="I10",
            )
        )  # fmt: skip
    hot_start = start + timedelta(days=60)
    hot = Slot(
        start=hot_start,
        end=hot_start + timedelta(minutes=20),
        capacity=HOT_CAPACITY,
        **common | {"release_at": hot_start},
    )
    Slot.objects.bulk_create([*slots, hot], batch_size=2000)
    Referral.objects.bulk_create(referrals, batch_size=2000)
    cursor.execute("CREATE TABLE bench_pair (n int PRIMARY KEY, referral uuid, patient uuid, slot uuid)")
    for begin in range(0, pairs, 2000):
        rows = [
            (number, str(referrals[number].pk), str(referrals[number].patient_id), str(slots[number].pk))
            for number in range(begin, min(begin + 2000, pairs))
        ]
        marks = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
        cursor.execute(f"INSERT INTO bench_pair VALUES {marks}", [value for row in rows for value in row])
    return hot.pk


def reset() -> None:
    """Everything that was booked by a round may be booked again."""
    with without_triggers(*TABLES) as cursor:
        cursor.execute("DELETE FROM patients_booking WHERE referral_id IN (SELECT referral FROM bench_pair)")
        cursor.execute(
            "DELETE FROM patients_referralstep WHERE referral_id IN (SELECT referral FROM bench_pair)"
        )
        cursor.execute(
            "UPDATE patients_referral SET state = 'accepted', appointment_at = NULL, appointment_clinic_id = NULL"
            " WHERE id IN (SELECT referral FROM bench_pair) AND state <> 'accepted'"
        )
        cursor.execute(
            "UPDATE clinics_slot SET taken = 0 WHERE id IN (SELECT slot FROM bench_pair) AND taken > 0"
        )
        cursor.execute("UPDATE clinics_slot SET taken = 0 WHERE capacity = %s", [HOT_CAPACITY])
        cursor.execute("DELETE FROM common_outboxmessage WHERE done_at IS NULL")


def pair_ids() -> list[tuple[str, str, str]]:
    """Referral, patient and slot of each pair."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT referral::text, patient::text, slot::text FROM bench_pair ORDER BY n")
        return list(cursor.fetchall())

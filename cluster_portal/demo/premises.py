"""What the demo's sites consist of: rooms in which patients are seen, beds by profile, hubs and their spokes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from clinics.models import BedCount, Clinic, ClinicLink, Room, Schedule
from clinics.states import BedProfile, ClinicStatus, ClinicType, Ownership, RoomKind

if TYPE_CHECKING:
    from datetime import date, datetime

    from cluster_portal.demo.chance import Chance

B = BedProfile
#: Profiles of a kind of site with their shares of its beds, in percent.
PROFILES = {
    ClinicType.HOSPITAL: {
        B.THERAPY: 26, B.SURGERY: 20, B.CARDIOLOGY: 13, B.NEUROLOGY: 11, B.TRAUMATOLOGY: 10, B.OBSTETRICS: 8,
        B.INTENSIVE: 6, B.DAY: 6,
    },
    ClinicType.CHILDREN: {B.PAEDIATRICS: 60, B.SURGERY: 20, B.INTENSIVE: 8, B.DAY: 12},
    ClinicType.MATERNITY: {B.OBSTETRICS: 82, B.INTENSIVE: 18},
    ClinicType.REHABILITATION: {B.REHABILITATION: 100},
    ClinicType.SANATORIUM: {B.REHABILITATION: 100},
    ClinicType.POLYCLINIC: {B.DAY: 100},
    ClinicType.CENTRE: {B.SURGERY: 60, B.DAY: 40},
}  # fmt: skip
ONCOLOGY, OTHER, SMALL = {B.ONCOLOGY: 80, B.DAY: 20}, {B.OTHER: 85, B.DAY: 15}, {B.THERAPY: 100}
#: Below so many beds a site has one profile.
FEW = 25
#: Rooms beside those of the schedules, with the least level of care that has them.
ROOMS = (
    ("01", RoomKind.PROCEDURE, "Процедурный кабинет", "Procedure room", "Емшара кабинеті", 1),
    ("05", RoomKind.DIAGNOSTIC, "Рентген", "X-ray", "Рентген", 1),
    ("06", RoomKind.DIAGNOSTIC, "КТ и МРТ", "CT and MRI", "КТ және МРТ", 3),
    ("08", RoomKind.LABORATORY, "Лаборатория", "Laboratory", "Зертхана", 2),
    ("20", RoomKind.OPERATING, "Операционная", "Operating theatre", "Операция бөлмесі", 2),
    ("21", RoomKind.INTENSIVE, "Реанимация", "Intensive care", "Реанимация", 2),
    ("30", RoomKind.TEACHING, "Учебная комната", "Teaching room", "Оқу бөлмесі", 3),
)


def fill_premises(chance: Chance, now: datetime, today: date) -> int:
    """Rooms, beds and links of every site. Returns how many rooms."""
    clinics = list(Clinic.objects.select_related("organization").order_by("id"))
    rooms = _rooms(chance, now, clinics)
    Room.objects.bulk_create(rooms, batch_size=1000)
    beds = [row for clinic in clinics if clinic.beds for row in _beds(chance, now, today, clinic)]
    BedCount.objects.bulk_create(beds, batch_size=1000)
    ClinicLink.objects.bulk_create(_links(chance, now, clinics))
    return len(rooms)


def _rooms(chance: Chance, now: datetime, clinics: list[Clinic]) -> list[Room]:
    """The rooms that schedules name, each called by the first specialty that is seen there, and those of its level."""
    seen: dict[UUID, dict[str, tuple[str, str, str]]] = {}
    path = "service__service_type__specialty__name_"
    named = Schedule.objects.order_by("id").values_list(
        "service__clinic", "room", f"{path}ru", f"{path}en", f"{path}kk"
    )
    for clinic, room, *names in named:
        seen.setdefault(clinic, {}).setdefault(room, tuple(names))
    rooms = []
    for clinic in clinics:
        kinds = [
            (number, RoomKind.CONSULTING, *names) for number, names in sorted(seen.get(clinic.pk, {}).items())
        ]
        if clinic.status == ClinicStatus.OPEN:
            kinds += [tuple(row) for *row, level in ROOMS if clinic.level >= level]
        rooms += [
            Room(
                id=UUID(chance.key(now)), clinic=clinic, number=number, kind=kind, name_ru=ru, name_en=en, name_kk=kk
            )
            for number, kind, ru, en, kk in kinds
        ]  # fmt: skip
    return rooms


def _beds(chance: Chance, now: datetime, today: date, clinic: Clinic) -> list[BedCount]:
    """A site's beds by profile, which sum to its record; the year before there were somewhat fewer or more."""
    shares = SMALL if clinic.beds < FEW else PROFILES.get(ClinicType(clinic.type), OTHER)
    if clinic.type == ClinicType.DISPENSARY and "онко" in clinic.name_ru.lower():
        shares = ONCOLOGY
    counts = {profile: clinic.beds * share // 100 for profile, share in shares.items()}
    counts[next(iter(shares))] += clinic.beds - sum(counts.values())
    rows = []
    for place, (profile, beds) in enumerate(counts.items()):
        if not beds:
            continue
        since = today - timedelta(days=chance.randint(60, 330))
        history = [
            (since, beds),
            (since - timedelta(days=365), max(1, beds + chance.choice((-10, -5, 0, 5)))),
        ]
        if clinic.level == 3 and place == 2:
            history.append((today + timedelta(days=40), beds + 10))
        rows += [
            BedCount(id=UUID(chance.key(now)), clinic=clinic, profile=profile, beds=number, valid_from=day)
            for day, number in history
        ]
    return rows


def _links(chance: Chance, now: datetime, clinics: list[Clinic]) -> list[ClinicLink]:
    """The largest state hospital takes from the others, the children's from children's, each district's from its own
    small sites.
    """
    ours = [
        c for c in clinics if c.organization.ownership == Ownership.STATE and c.status == ClinicStatus.OPEN
    ]

    def largest(kind: str) -> Clinic | None:
        return max((c for c in ours if c.type == kind and c.level == 3), key=lambda c: c.beds, default=None)

    tops = {kind: largest(kind) for kind in (ClinicType.HOSPITAL, ClinicType.CHILDREN)}
    heads = {c.organization_id: c for c in ours if c.level == 2 and c.type == ClinicType.HOSPITAL}
    links = []
    for clinic in ours:
        hub = tops.get(ClinicType(clinic.type)) if clinic.level == 2 else None
        if clinic.level == 1:
            hub = heads.get(clinic.organization_id)
        if hub is not None and hub != clinic:
            links.append(ClinicLink(id=UUID(chance.key(now)), hub=hub, spoke=clinic))
    return links

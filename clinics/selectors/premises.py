"""What a site consists of, as pages show it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q
from django.db.models.functions import JSONObject

from clinics.models import BedCount, Clinic, ClinicLink, ClinicPhoto, Room
from clinics.policies import SHOWN, bed_policy, clinic_policy, link_policy, photo_policy, room_policy
from clinics.selectors.calendar import today_at
from clinics.states import BedProfile
from cluster_portal.common.translated import LANGUAGES

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor


@dataclass(slots=True)
class BedLine:
    """The beds of a profile: the row that holds today (None before the first), those to come and those that were."""

    profile: BedProfile
    now: BedCount | None = None
    coming: list[BedCount] = field(default_factory=list)
    past: list[BedCount] = field(default_factory=list)


@dataclass(slots=True)
class Premises:
    """Everything that a page of a site's premises shows; what hangs on the reader's rights is left out."""

    clinic: Clinic
    today: date
    rooms: list[Room]
    former_rooms: list[Room]
    beds: list[BedLine]
    hubs: list[ClinicLink]
    spokes: list[ClinicLink]
    photos: list[ClinicPhoto]


def beds_today(clinics: Iterable[Clinic]) -> dict[uuid.UUID, dict[str, int]]:
    """How many beds of each profile hold today, by the clinics' own calendars. One query for each time zone."""
    zones = defaultdict(list)
    for clinic in clinics:
        zones[clinic.time_zone].append(clinic.pk)
    found: dict[uuid.UUID, dict[str, int]] = defaultdict(dict)
    for zone, keys in zones.items():
        rows = (
            BedCount.objects.filter(clinic__in=keys, valid_from__lte=today_at(zone))
            .order_by("clinic", "profile", "-valid_from")
            .distinct("clinic", "profile")
        )
        for clinic, profile, beds in rows.values_list("clinic", "profile", "beds"):
            found[clinic][profile] = beds
    return found


def bed_lines(rows: Iterable[BedCount], today: date) -> list[BedLine]:
    """Rows of one clinic as lines by profile, in the order of the profiles."""
    lines: dict[str, BedLine] = {}
    for row in sorted(rows, key=lambda row: row.valid_from):
        line = lines.setdefault(row.profile, BedLine(BedProfile(row.profile)))
        if row.valid_from > today:
            line.coming.append(row)
        else:
            if line.now:
                line.past.insert(0, line.now)
            line.now = row
    return [lines[profile] for profile in BedProfile.values if profile in lines]


def premises_of(actor: Actor, clinic: Clinic) -> Premises:
    """Rooms, beds with their history, links and photographs of a clinic that the actor sees. Four queries."""
    today = today_at(clinic.time_zone)
    rooms = list(room_policy.queryset(actor).filter(clinic=clinic))
    links = list(
        link_policy.queryset(actor)
        .filter(Q(hub=clinic) | Q(spoke=clinic))
        .select_related("hub", "spoke")
        .order_by("hub__short_name_ru", "spoke__short_name_ru")
    )
    return Premises(
        clinic=clinic,
        today=today,
        rooms=[room for room in rooms if room.closed_on is None or room.closed_on >= today],
        former_rooms=[room for room in rooms if room.closed_on and room.closed_on < today],
        beds=bed_lines(bed_policy.queryset(actor).filter(clinic=clinic), today),
        hubs=[link for link in links if link.spoke_id == clinic.pk],
        spokes=[link for link in links if link.hub_id == clinic.pk],
        photos=list(photo_policy.queryset(actor).filter(clinic=clinic)),
    )


def _rows(rows: QuerySet, **columns: Any) -> ArraySubquery:
    return ArraySubquery(rows.annotate(row=JSONObject(**columns)).values("row"))


def _names(name: str, path: str = "") -> dict[str, F]:
    return {f"{name}_{language}": F(f"{path}{name}_{language}") for language in LANGUAGES}


def with_public_premises(clinics: QuerySet[Clinic]) -> QuerySet[Clinic]:
    """`clinics` with what `public_premises` reads: no query of its own, however much there is."""
    of_this, shown = {"clinic": OuterRef("pk")}, {}
    for side, other in (("spoke", "hub"), ("hub", "spoke")):
        links = ClinicLink.objects.filter(**{side: OuterRef("pk"), f"{other}__status__in": SHOWN})
        links = links.order_by(f"{other}__short_name_ru")
        shown[f"shown_{other}s"] = _rows(links, id=F(f"{other}_id"), **_names("short_name", f"{other}__"))
    return clinics.annotate(
        shown_beds=_rows(
            BedCount.objects.filter(**of_this), profile=F("profile"), beds=F("beds"), day=F("valid_from")
        ),
        shown_photos=_rows(ClinicPhoto.objects.filter(**of_this), id=F("pk"), **_names("caption")),
        **shown,
    )


@dataclass(slots=True)
class PublicPremises:
    """What the public page shows: beds of today, the clinics on either side of links, photographs."""

    beds: list[BedLine]
    hubs: list[Clinic]
    spokes: list[Clinic]
    photos: list[ClinicPhoto]


def public_premises(clinic: Clinic) -> PublicPremises:
    """Beds, links and photographs of a clinic that came by `with_public_premises`."""
    rows = [
        BedCount(profile=row["profile"], beds=row["beds"], valid_from=date.fromisoformat(row["day"]))
        for row in clinic.shown_beds
    ]
    lines = bed_lines(rows, today_at(clinic.time_zone))
    return PublicPremises(
        beds=[line for line in lines if line.now and line.now.beds],
        hubs=[Clinic(**row) for row in clinic.shown_hubs],
        spokes=[Clinic(**row) for row in clinic.shown_spokes],
        photos=[ClinicPhoto(**row) for row in clinic.shown_photos],
    )


def clinic_to_furnish(actor: Actor, clinic_id: uuid.UUID) -> Clinic:
    """A clinic whose rooms, beds and photographs the actor keeps. Raises Forbidden, NotFound."""
    return clinic_policy.get(
        actor, "furnish", clinic_id, queryset=Clinic.objects.select_related("organization")
    )


def clinic_to_link(actor: Actor, clinic_id: uuid.UUID) -> Clinic:
    """A clinic whose links the actor keeps. Raises Forbidden, NotFound."""
    return clinic_policy.get(actor, "edit", clinic_id, queryset=Clinic.objects.select_related("organization"))


def room_to_edit(actor: Actor, room_id: uuid.UUID) -> Room:
    """A room that the actor may change. Raises Forbidden, NotFound."""
    return room_policy.get(actor, "edit", room_id, queryset=Room.objects.select_related("clinic"))


def see_photo(actor: Actor, photo_id: uuid.UUID) -> ClinicPhoto:
    """A photograph that the actor may see. Raises NotFound."""
    return photo_policy.get(actor, "view", photo_id)


def rooms_with_closures(actor: Actor) -> QuerySet[Room]:
    """The rooms that the actor sees, each with the days on which it is closed."""
    return room_policy.queryset(actor).prefetch_related("closures").order_by()


def rooms_by_number(clinic_ids: Iterable[uuid.UUID]) -> dict[tuple[uuid.UUID, str], Room]:
    """The rooms in use of these clinics by clinic and number, as people write it: `каб. 312`, `№ 312`. One query."""
    rows = Room.objects.filter(clinic__in=set(clinic_ids), closed_on__isnull=True)
    return {(room.clinic_id, bare_number(room.number)): room for room in rows}


def whereabouts(clinic: Clinic, written: str) -> dict[str, Any]:
    """`room` and `place` of something that stands where somebody wrote: a room on record by its number, else words."""
    room = rooms_by_number([clinic.pk]).get((clinic.pk, bare_number(written))) if written else None
    return {"room": room, "place": "" if room else written}


def bare_number(written: str) -> str:
    """A room's number without the words around it, to be compared."""
    return _WORDS_OF_ROOM.sub("", written.strip().lower())


_WORDS_OF_ROOM = re.compile(r"^(кабинет|каб|комната|ком|палата|room|бөлме)?[.\s]*(№|no\.?)?\s*")

"""Rooms, beds, photographs and links of a site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinics.errors import LinkedInCircle, PhotoExists, TooManyPhotos
from clinics.models import BedCount, Clinic, ClinicLink, ClinicPhoto, Room
from clinics.policies import clinic_policy, link_policy, photo_policy, room_policy
from clinics.selectors.premises import beds_today
from clinics.services.room_closures import follow_room
from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.common.service import service
from cluster_portal.files.errors import FileRefused
from cluster_portal.files.formats import MEGABYTE, Format
from cluster_portal.files.storage import forget, kept

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping
    from datetime import date

    from django.core.files.uploadedfile import UploadedFile
    from django.db.models import Model

    from cluster_portal.common.actor import Actor
    from cluster_portal.files.storage import Kept

ROOM_FIELDS = ("number", "name_ru", "name_en", "name_kk", "kind", "opened_on", "closed_on")
PICTURES = (Format.JPEG, Format.PNG)


@service
def create_room(actor: Actor, *, clinic_id: uuid.UUID, data: Mapping[str, Any]) -> Room:
    """Enter a room of a clinic. Raises NotFound, Forbidden, Invalid, and RoomExists for a number in use."""
    clinic = clinic_policy.get(actor, "furnish", clinic_id)
    room = Room(clinic=clinic)
    _fill(room, data, ROOM_FIELDS)
    room.save(force_insert=True)
    return room


@service
def update_room(
    actor: Actor, *, room_id: uuid.UUID, data: Mapping[str, Any], keep_booked: bool = False
) -> Room:
    """Change a room, or end it by `closed_on`; patterns and times there follow it (`follow_room`).

    Raises as `create_room`, and StrandedBookings with the booked times after its last day, unless they are to stay
    (`keep_booked`) until their patients are moved.
    """
    rows = Room.objects.select_related("clinic")
    room = room_policy.get(actor, "edit", room_id, lock=True, queryset=rows)
    before = {"number": room.number, "closed_on": room.closed_on}
    _fill(room, data, ROOM_FIELDS)
    room.save()
    follow_room(actor, room, **before, keep_booked=keep_booked)
    return room


def _fill(row: Model, data: Mapping[str, Any], allowed: Iterable[str]) -> None:
    for name in allowed:
        if name in data:
            setattr(row, name, data[name].strip() if isinstance(data[name], str) else data[name])
    try:
        row.clean_fields(exclude=[f.name for f in row._meta.fields if f.name not in allowed])
    except ValidationError as exc:
        raise Invalid(exc.message_dict) from exc
    opened, closed = getattr(row, "opened_on", None), getattr(row, "closed_on", None)
    if opened and closed and closed < opened:
        raise Invalid({"closed_on": [_("The end is before the beginning.")]})


@service
def set_beds(actor: Actor, *, clinic_id: uuid.UUID, profile: str, beds: int, valid_from: date) -> BedCount:
    """From a day on the clinic has so many beds of a profile; earlier rows stay. The same day again corrects its row.

    Raises NotFound, Forbidden, Invalid.
    """
    clinic = clinic_policy.get(actor, "furnish", clinic_id, lock=True)
    row = BedCount.objects.filter(clinic=clinic, profile=profile, valid_from=valid_from).first()
    row = row or BedCount(clinic=clinic)
    _fill(
        row, {"profile": profile, "beds": beds, "valid_from": valid_from}, ("profile", "beds", "valid_from")
    )
    row.save()
    _sum_up([clinic])
    return row


@service
def sum_beds(actor: Actor) -> int:
    """Bring `Clinic.beds` up to today, wherever numbers of beds have begun to hold. Returns how many changed."""
    clinics = Clinic.objects.filter(bed_counts__isnull=False).distinct()
    return _sum_up(list(clinics))


def _sum_up(clinics: list[Clinic]) -> int:
    sums, changed = beds_today(clinics), 0
    for clinic in clinics:
        total = sum(sums.get(clinic.pk, {}).values())
        # The record's version is its editors' matter: a sum that follows from other rows leaves it alone.
        changed += Clinic.objects.filter(pk=clinic.pk).exclude(beds=total).update(beds=total)
    return changed


@service
def link_clinics(actor: Actor, *, hub_id: uuid.UUID, spoke_id: uuid.UUID) -> ClinicLink:
    """The hub takes what the spoke cannot do. Raises Forbidden, NotFound, LinkExists, and LinkedInCircle."""
    spoke = clinic_policy.get(actor, "edit", spoke_id)
    hub = clinic_policy.queryset(actor).filter(pk=hub_id).first()
    if hub is None:
        raise NotFound(field="other")
    if hub == spoke:
        raise LinkedInCircle(field="other")
    return ClinicLink.objects.create(hub=hub, spoke=spoke)


@service
def unlink_clinics(actor: Actor, *, link_id: uuid.UUID) -> None:
    """The two no longer work together so. Raises NotFound, Forbidden."""
    link_policy.get(actor, "edit", link_id, lock=True).delete()


def add_photo(
    actor: Actor, *, clinic_id: uuid.UUID, upload: UploadedFile | None, caption: Mapping[str, str]
) -> ClinicPhoto:
    """Check a photograph, keep it without what the camera wrote into it, and show it on the clinic's page.

    `caption` holds caption_ru, caption_en, caption_kk. Raises NotFound, Forbidden, FileRefused and ScannerAway (at
    `file`), Invalid, PhotoExists and TooManyPhotos.
    """
    clinic_policy.get(actor, "furnish", clinic_id)
    if upload is not None and upload.size > ClinicPhoto.LARGEST:
        raise FileRefused("too_large", megabytes=ClinicPhoto.LARGEST // MEGABYTE)
    with kept([upload]) as [file]:
        if file.format not in PICTURES:
            raise FileRefused("ending", ending=file.format, accepted="JPEG, PNG")
        return write_photo(actor, clinic_id=clinic_id, file=file, caption=caption)


@service
def write_photo(actor: Actor, *, clinic_id: uuid.UUID, file: Kept, caption: Mapping[str, str]) -> ClinicPhoto:
    """Write the row of a photograph that is kept already (see `add_photo`)."""
    clinic = clinic_policy.get(actor, "furnish", clinic_id, lock=True)
    there = list(ClinicPhoto.objects.filter(clinic=clinic))
    if len(there) >= ClinicPhoto.MOST:
        raise TooManyPhotos(field="file", extra={"limit": ClinicPhoto.MOST})
    if any(photo.sha256 == file.sha256 for photo in there):
        raise PhotoExists(field="file")
    last = max((photo.position for photo in there), default=0)
    photo = ClinicPhoto(clinic=clinic, position=last + 1, **file.columns(actor))
    _fill(photo, caption, ("caption_ru", "caption_en", "caption_kk"))
    photo.save(force_insert=True)
    return photo


@service
def remove_photo(actor: Actor, *, photo_id: uuid.UUID) -> None:
    """Take a photograph away, with its content. Raises NotFound, Forbidden."""
    forget(photo_policy.get(actor, "edit", photo_id, lock=True))


__all__ = [
    "add_photo", "create_room", "link_clinics", "remove_photo", "set_beds", "sum_beds", "unlink_clinics", "update_room",
    "write_photo",
]  # fmt: skip

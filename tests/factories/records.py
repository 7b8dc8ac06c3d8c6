"""Rows of what a site consists of, and of changes that somebody asks for."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from clinics.models import BedCount, ChangeRequest, Clinic, ClinicLink, ClinicPhoto, Room, RoomClosure
from cluster_portal.accounts.models import User
from tests.factories.clinics import make_clinic, today
from tests.files.samples import jpeg

_number = count(1)


def make_room(clinic: Clinic | None = None, **fields: Any) -> Room:
    """A consulting room in use."""
    defaults = {"number": str(100 + next(_number)), "name_ru": "Кабинет кардиолога", "name_en": "Cardiology"}
    return Room.objects.create(clinic=clinic or make_clinic(), **defaults | fields)


def make_closure(room: Room, **fields: Any) -> RoomClosure:
    """The room is closed today."""
    defaults = {"first_day": today(), "last_day": today(), "reason": "Ремонт"}
    return RoomClosure.objects.create(room=room, **defaults | fields)


def make_beds(clinic: Clinic, profile: str = "therapy", beds: int = 20, **fields: Any) -> BedCount:
    """Beds of a profile, since 2020; the clinic's own sum is left as it is."""
    return BedCount.objects.create(
        clinic=clinic, profile=profile, beds=beds, **{"valid_from": date(2020, 1, 1)} | fields
    )


def make_link(hub: Clinic | None = None, spoke: Clinic | None = None) -> ClinicLink:
    """Two clinics, one of which takes what the other cannot do."""
    return ClinicLink.objects.create(hub=hub or make_clinic(), spoke=spoke or make_clinic())


def make_photo(clinic: Clinic | None = None, **fields: Any) -> ClinicPhoto:
    """A photograph with its content in the storage."""
    n = next(_number)
    defaults = {
        "path": f"sent/01/{n:040x}", "name": f"Вход-{n}.jpg", "format": "jpeg", "size": len(jpeg()),
        "sha256": f"{n:064x}", "caption_ru": "Главный вход", "caption_en": "Main entrance",
    }  # fmt: skip
    photo = ClinicPhoto.objects.create(clinic=clinic or make_clinic(), **defaults | fields)
    put_photo(photo)
    return photo


def put_photo(photo: ClinicPhoto) -> None:
    """Write the content where it is missing: each test has a storage of its own."""
    if not default_storage.exists(photo.path):
        default_storage.save(photo.path, ContentFile(jpeg()))


def make_change(clinic: Clinic | None = None, author: User | None = None, **fields: Any) -> ChangeRequest:
    """A change of a clinic's telephone number that waits for the office."""
    clinic = clinic or make_clinic()
    defaults = {
        "changes": {"phone": [clinic.phone, "+7 4242 55-55-55"]}, "author_name": "Дубова Марина",
        "organization": clinic.organization,
    }  # fmt: skip
    return ChangeRequest.objects.create(clinic=clinic, author=author, **defaults | fields)

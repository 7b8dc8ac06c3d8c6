"""The cluster's nomenclature as every portal begins with it: specialties, service types, types of equipment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from clinics.models import EquipmentType, ServiceType, Specialty
from cluster_portal.common.dictionaries import read_csv, write_rows
from cluster_portal.common.service import service

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor

DATA = settings.BASE_DIR / "clinics" / "data"
NAMES = ("name_ru", "name_en", "name_kk")


@service
def load_nomenclature(actor: Actor, *, refresh: bool = False) -> None:
    """What of the files is missing; with `refresh` the others get the files' texts.

    Without it what administrators changed stays. Nothing is ever taken away.
    """
    specialties = [
        Specialty(code=row["code"], **{name: row[name] for name in NAMES})
        for row in read_csv(DATA / "specialties.csv")
    ]
    types = [
        ServiceType(
            code=row["code"],
            specialty_id=row["specialty"],
            direction=row["direction"],
            care_type=row["care_type"],
            duration_minutes=int(row["duration"]),
            **{name: row[name] for name in NAMES},
        )
        for row in read_csv(DATA / "service_types.csv")
    ]
    equipment = [
        EquipmentType(code=row["code"], **{name: row[name] for name in NAMES})
        for row in read_csv(DATA / "equipment_types.csv")
    ]
    write_rows(equipment, refresh=NAMES if refresh else ())
    write_rows(specialties, refresh=NAMES if refresh else ())
    write_rows(
        types, refresh=(*NAMES, "specialty", "direction", "care_type", "duration_minutes") if refresh else ()
    )

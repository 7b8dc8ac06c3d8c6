"""The registry's records: the office writes, organisations propose, and everybody reads.

The clinic `@clinic` and the organisation `@organization` are the receiver's; its manager asked for `@change`.
"""

from __future__ import annotations

from tests.permissions.roles import (
    FORBIDDEN,
    NOT_FOUND,
    OFFICE,
    SIDES,
    allow,
    api,
    page,
    public,
)
from tests.permissions.rules import KEEPING, OFFICE_ONLY, SHUTTING, SIGNED_IN
from tests.permissions.table import Paper

MANAGERS = frozenset(f"{side}.manager" for side in SIDES)
OWN_MANAGER, OWN_CLIENT = "receiver.manager", "receiver.client"
#: Whoever may read a request; those of other organisations are told of it no more than of one that is not there.
ASKING = allow({OWN_MANAGER, OFFICE}, other=FORBIDDEN) | dict.fromkeys(MANAGERS - {OWN_MANAGER}, NOT_FOUND)
DECIDING = {**ASKING, OWN_MANAGER: FORBIDDEN}
WITHDRAWING = {**ASKING, OFFICE: FORBIDDEN}
PROPOSING = allow({OWN_MANAGER, OWN_CLIENT}, other=FORBIDDEN)
WRITING = allow({OWN_MANAGER, OWN_CLIENT, OFFICE}, other=FORBIDDEN)
READING_CHANGE = allow({OWN_MANAGER, OWN_CLIENT, OFFICE})

CLOSURE = {"first_day": "@today", "last_day": "@today", "reason": "Ремонт"}
PICTURE = {"clinic": "@clinic", "caption_ru": "Вход", "file": Paper()}
CLINIC, ORGANIZATION, CHANGE = {"pk": "@clinic"}, {"pk": "@organization"}, {"pk": "@change"}
NEW_CLINIC = {
    "organization": "@organization", "name_ru": "Новый корпус", "short_name_ru": "Корпус", "type": "hospital",
    "address_ru": "ул. Мира, 1", "city_ru": "Холмск", "country": "RU", "lat": 47.05, "lon": 142.05,
    "time_zone": "Asia/Sakhalin",
}  # fmt: skip
NEW_ORGANIZATION = {
    "name_ru": "Новый университет", "short_name_ru": "Университет", "ownership": "state", "country": "RU",
}  # fmt: skip

#: Files of the registry: what one may write; organisations and clinics are the office's.
TABLES = allow(MANAGERS | {OFFICE}, other=FORBIDDEN)


def table(kind: str, rule: dict[str, str]) -> list:
    """Taking in a kind of record, and its file in the same columns."""
    return [
        page("imports:start", "GET", rule, at={"code": f"clinics.{kind}"}),
        page(
            "reports:export", "POST", rule, at={"code": f"clinics.{kind}_table"}, body={"file_format": "csv"}
        ),
    ]


PAGES = [
    page("clinics:tables", "GET", TABLES),
    *table("organizations", OFFICE_ONLY),
    *table("clinics", OFFICE_ONLY),
    *table("services", TABLES),
    *table("practitioners", TABLES),
    page("clinics:own_edit", "GET", PROPOSING, at=CLINIC),
    page("clinics:own_edit", "POST", PROPOSING, at=CLINIC),
    page("clinics:own_organization_edit", "GET", PROPOSING, at=ORGANIZATION),
    page("clinics:own_organization_edit", "POST", PROPOSING, at=ORGANIZATION),
    page("clinics:changes", "GET", allow(MANAGERS | {OFFICE}, other=FORBIDDEN)),
    page("clinics:change", "GET", ASKING, at=CHANGE),
    page("clinics:change_action", "POST", DECIDING, at={**CHANGE, "action": "approve"}),
    page(
        "clinics:change_action", "POST", DECIDING, at={**CHANGE, "action": "refuse"}, body={"comment": "Нет"}
    ),
    page("clinics:change_action", "POST", WITHDRAWING, at={**CHANGE, "action": "withdraw"}),
    page("clinics:record_organizations", "GET", OFFICE_ONLY),
    *(
        page(name, method, OFFICE_ONLY, at=at)
        for name, at in {
            "clinics:record_organization_new": {},
            "clinics:record_organization": ORGANIZATION,
            "clinics:record_clinic_new": {},
            "clinics:record_clinic": CLINIC,
            "clinics:record_status": {**CLINIC, "step": "close"},
            "clinics:link_new": CLINIC,
        }.items()
        for method in ("GET", "POST")
    ),
    page("clinics:premises", "GET", KEEPING, at=CLINIC),
    *(
        page(name, method, KEEPING, at=at)
        for name, at in {
            "clinics:room_new": CLINIC,
            "clinics:room": {"pk": "@room"},
            "clinics:beds": CLINIC,
            "clinics:photo_new": CLINIC,
        }.items()
        for method in ("GET", "POST")
    ),
    page("clinics:link_remove", "POST", OFFICE_ONLY, at={"pk": "@link"}),
    page("clinics:photo_remove", "POST", KEEPING, at={"pk": "@photo"}),
    public("clinics:photo", at={"pk": "@photo"}),
]

ROOM = {"pk": "@room"}
BEDS = {"clinic": "@clinic", "profile": "therapy", "beds": 12, "valid_from": "@today"}
#: What a site consists of: read by everybody signed in, written by its manager, its own program and the office.
PREMISES = [
    *(
        api(f"api-{name}-{kind}", "GET", SIGNED_IN, at=at)
        for name, row in {
            "rooms": "@room",
            "beds": "@beds",
            "clinic-links": "@link",
            "clinic-photos": "@photo",
        }.items()
        for kind, at in (("list", {}), ("detail", {"pk": row}))
    ),
    api("api-rooms-list", "POST", WRITING, body={"clinic": "@clinic", "number": "904"}),
    api("api-rooms-detail", "PATCH", WRITING, at=ROOM, body={"kind": "procedure"}),
    api("api-rooms-closures", "POST", SHUTTING, at=ROOM, body=CLOSURE),
    api("api-rooms-closure", "DELETE", SHUTTING, at={**ROOM, "closure": "@closure"}),
    api("api-beds-list", "POST", WRITING, body=BEDS),
    api("api-clinic-links-list", "POST", OFFICE_ONLY, body={"hub": "@clinic", "spoke": "@clinic"}),
    api("api-clinic-links-detail", "DELETE", OFFICE_ONLY, at={"pk": "@link"}),
    api("api-clinic-photos-list", "POST", WRITING, body=PICTURE, multipart=True),
    api("api-clinic-photos-detail", "DELETE", WRITING, at={"pk": "@photo"}),
    api("api-clinic-photos-file", "GET", SIGNED_IN, at={"pk": "@photo"}),
]

RESOURCES = [
    *PREMISES,
    api("api-clinics-list", "POST", OFFICE_ONLY, body=NEW_CLINIC),
    api("api-clinics-detail", "PATCH", WRITING, at=CLINIC, body={"phone": "+7 4242 00-00-00"}),
    api("api-organizations-list", "POST", OFFICE_ONLY, body=NEW_ORGANIZATION),
    api("api-organizations-detail", "PATCH", WRITING, at=ORGANIZATION, body={"phone": "+7 4242 00-00-00"}),
    api("api-change-requests-list", "GET", SIGNED_IN),
    api("api-change-requests-detail", "GET", READING_CHANGE, at=CHANGE),
    api(
        "api-change-requests-approve", "POST", allow({OFFICE}, forbidden={OWN_MANAGER, OWN_CLIENT}), at=CHANGE
    ),
    api(
        "api-change-requests-refuse",
        "POST",
        allow({OFFICE}, forbidden={OWN_MANAGER, OWN_CLIENT}),
        at=CHANGE,
        body={"comment": "Нет"},
    ),
    api(
        "api-change-requests-withdraw",
        "POST",
        allow({OWN_MANAGER}, forbidden={OFFICE, OWN_CLIENT}),
        at=CHANGE,
    ),
]

#: What a clinic offers, kept by its manager and program, and by the office.
SERVICE = {"pk": "@service"}
NEW_SERVICE = {"service_type": "matrix-type", "payments": ["oms"]}
PAGES += [
    page(f"clinics:service_{act}", method, KEEPING, at=at, body=NEW_SERVICE)
    for act, at in (("new", CLINIC), ("edit", SERVICE))
    for method in ("GET", "POST")
]
RESOURCES += [
    api("api-services-list", "POST", WRITING, body={**NEW_SERVICE, "clinic": "@clinic"}),
    api("api-services-detail", "PATCH", WRITING, at=SERVICE, body={"phone": "2-11-12"}),
]

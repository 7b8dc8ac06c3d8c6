"""The roadshow: what is published is everybody's, both offices write it and alone see whom they met."""

from __future__ import annotations

from tests.permissions.roles import (
    CLIENTS,
    LAND,
    NOT_FOUND,
    OFFICE,
    OK,
    PEOPLE,
    ROLES,
    Line,
    allow,
    api,
    page,
    public,
)

OFFICES = {OFFICE, LAND}
EVENT, HIDDEN, CONTACT = {"pk": "@roadshow"}, {"pk": "@hidden_roadshow"}, {"pk": "@roadshow_contact"}
WRITING = allow(OFFICES, forbidden=PEOPLE - OFFICES)
OWN = allow(OFFICES)
WAYS = ("GET", "POST")
NEW_EVENT = {
    "title_ru": "Встреча", "city_ru": "Сеул", "country": "KR", "begins_on": "2027-03-01", "ends_on": "2027-03-02",
}  # fmt: skip
NEW_CONTACT = {"company": "Проба", "country": "KR", "person": "Проба Пробная"}

PAGES = [
    public("investors:roadshow"),
    public("investors:roadshow_event", at=EVENT),
    Line(
        "investors:roadshow_event",
        "GET",
        dict.fromkeys(ROLES, NOT_FOUND) | dict.fromkeys(OFFICES, OK),
        at=HIDDEN,
    ),
    *(page("investors:roadshow_new", way, WRITING) for way in WAYS),
    *(page("investors:roadshow_edit", way, WRITING, at=EVENT) for way in WAYS),
    *(page("investors:contact_new", way, WRITING, at=EVENT) for way in WAYS),
    *(page("investors:contact_edit", way, OWN, at=CONTACT) for way in WAYS),
]

EVERYBODY = allow(PEOPLE | CLIENTS)
BOTH = allow(OFFICES, forbidden=(PEOPLE | CLIENTS) - OFFICES)
RESOURCES = [
    api("api-roadshow-list", "GET", EVERYBODY),
    api("api-roadshow-list", "POST", BOTH, body=NEW_EVENT),
    api("api-roadshow-detail", "GET", EVERYBODY, at=EVENT),
    api("api-roadshow-detail", "GET", OWN, at=HIDDEN),
    api("api-roadshow-detail", "PATCH", BOTH, at=EVENT, body={"place": "Зал"}),
    api("api-roadshow-contacts-list", "GET", EVERYBODY),
    api("api-roadshow-contacts-list", "POST", BOTH, body={"event": "@roadshow", **NEW_CONTACT}),
    api("api-roadshow-contacts-detail", "GET", OWN, at=CONTACT),
    api("api-roadshow-contacts-detail", "PATCH", OWN, at=CONTACT, body={"next_step": "Позвонить"}),
]

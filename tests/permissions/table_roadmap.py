"""The roadmap: what is published is everybody's, the cluster office writes it."""

from __future__ import annotations

from tests.permissions.roles import (
    FORBIDDEN,
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
from tests.permissions.rules import SIGNED_IN

ITEM, HIDDEN = {"pk": "@item"}, {"pk": "@hidden_item"}
WRITING = allow({OFFICE}, forbidden=PEOPLE - {OFFICE})
WRITING_HIDDEN = allow({OFFICE}, forbidden={LAND})
WAYS = ("GET", "POST")
STEPS = ("start", "finish", "postpone", "drop")

PAGES = [
    public("investors:roadmap"),
    public("investors:roadmap", query={"overdue": "on", "section": "facilities"}),
    public("investors:roadmap_item", at=ITEM),
    Line(
        "investors:roadmap_item",
        "GET",
        dict.fromkeys(ROLES, NOT_FOUND) | {LAND: OK, OFFICE: OK},
        at=HIDDEN,
    ),
    *(page("investors:roadmap_new", way, WRITING) for way in WAYS),
    *(page("investors:roadmap_facilities", way, WRITING) for way in WAYS),
    *(page("investors:roadmap_edit", way, WRITING, at=ITEM) for way in WAYS),
    page("investors:roadmap_edit", "GET", WRITING_HIDDEN, at=HIDDEN),
    page("investors:roadmap_step", "GET", allow(()), at={**ITEM, "action": "explode"}),
    *(
        page("investors:roadmap_step", way, WRITING, at={**ITEM, "action": step})
        for way in WAYS
        for step in STEPS
    ),
]

BY_REST, BY_REST_HIDDEN = allow({OFFICE}, other=FORBIDDEN), allow({OFFICE}, forbidden={LAND})
ENTERED = {
    "title_ru": "Корпус", "section": "facilities", "owner": "@organization", "post": "Директор",
    "begins_on": "2026-11-01", "ends_on": "2027-03-31",
}  # fmt: skip
SAID = {"postpone": {"reason": "Проект", "ends_on": "2099-01-01"}, "drop": {"reason": "Проект"}}

RESOURCES = [
    api("api-roadmap-list", "GET", SIGNED_IN),
    api("api-roadmap-figures", "GET", SIGNED_IN),
    api("api-roadmap-list", "POST", BY_REST, body=ENTERED),
    api("api-roadmap-detail", "GET", SIGNED_IN, at=ITEM),
    api("api-roadmap-detail", "GET", allow({LAND, OFFICE}), at=HIDDEN),
    api("api-roadmap-detail", "PATCH", BY_REST, at=ITEM, body={"post": "Директор"}),
    api("api-roadmap-detail", "PATCH", BY_REST_HIDDEN, at=HIDDEN, body={"post": "Директор"}),
    *(api(f"api-roadmap-{step}", "POST", BY_REST, at=ITEM, body=SAID.get(step, {})) for step in STEPS),
]

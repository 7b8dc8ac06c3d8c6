"""The roadmap: what is published is everybody's, the cluster office writes it."""

from __future__ import annotations

from tests.permissions.roles import LAND, NOT_FOUND, OFFICE, OK, PEOPLE, ROLES, Line, allow, page, public

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

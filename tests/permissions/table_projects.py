"""Projects: everybody reads them, the land office keeps them, the guest's company tells what it has made."""

from __future__ import annotations

from tests.permissions.roles import FORBIDDEN, GUEST, LAND, OFFICE, allow, page, public

PROJECT, MILESTONE = {"pk": "@project"}, {"pk": "@milestone"}
KEPT = allow({LAND}, other=FORBIDDEN)
REPORTED = allow({LAND, GUEST}, other=FORBIDDEN)
#: Nobody else knows of a figure that is not confirmed.
CHECKED = allow({LAND}, forbidden={GUEST, OFFICE})
WAYS = ("GET", "POST")
ENTERED = {
    "agreement": "@agreement", "title_ru": "Корпус", "direction": "clinical", "investment_pledged": "5",
    "currency": "RUB", "jobs_pledged": "1",
}  # fmt: skip
STEPS = ("prepare", "implement", "deliver", "complete", "cancel")

PAGES = [
    public("investors:projects"),
    public("investors:projects", query={"state": "preparation"}),
    public("investors:project", at=PROJECT),
    *(page("investors:project_new", way, KEPT, body=ENTERED) for way in WAYS),
    *(page("investors:project_edit", way, KEPT, at=PROJECT) for way in WAYS),
    *(page("investors:project_milestone_new", way, KEPT, at=PROJECT) for way in WAYS),
    *(page("investors:project_funding_new", way, KEPT, at=PROJECT) for way in WAYS),
    *(page("investors:project_figure_new", way, REPORTED, at=PROJECT) for way in WAYS),
    page("investors:project_figure_confirm", "POST", CHECKED, at={"pk": "@figure"}),
    page("investors:project_figure_reject", "POST", CHECKED, at={"pk": "@figure"}),
    page("investors:project_funding_remove", "POST", KEPT, at={"pk": "@funding"}),
    page("investors:project_step", "GET", allow(()), at={**PROJECT, "action": "explode"}),
    page("investors:project_milestone_step", "GET", allow(()), at={**MILESTONE, "action": "explode"}),
    *(page("investors:project_open", way, KEPT, at=PROJECT) for way in WAYS),
    *(
        page("investors:project_step", way, KEPT, at={**PROJECT, "action": step})
        for way in WAYS
        for step in STEPS
    ),
    *(
        page("investors:project_milestone_step", way, KEPT, at={**MILESTONE, "action": step})
        for way in WAYS
        for step in ("meet", "move")
    ),
]

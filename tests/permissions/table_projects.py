"""Projects: everybody reads them, the land office keeps them, the guest's company tells what it has made."""

from __future__ import annotations

from tests.permissions.roles import FORBIDDEN, GUEST, LAND, OFFICE, allow, api, page, public
from tests.permissions.rules import SIGNED_IN

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
    public("investors:projects_oc4ids"),
    public("investors:project_oc4ids", at=PROJECT),
    *(page("investors:project_new", way, KEPT, body=ENTERED) for way in WAYS),
    *(page("investors:project_edit", way, KEPT, at=PROJECT) for way in WAYS),
    *(page("investors:project_milestone_new", way, KEPT, at=PROJECT) for way in WAYS),
    *(page("investors:project_funding_new", way, KEPT, at=PROJECT) for way in WAYS),
    *(page("investors:project_figure_new", way, REPORTED, at=PROJECT) for way in WAYS),
    page("investors:project_figure_confirm", "POST", CHECKED, at={"pk": "@figure"}),
    *(page("investors:project_figure_reject", way, CHECKED, at={"pk": "@figure"}) for way in WAYS),
    *(page("investors:project_milestone_edit", way, KEPT, at=MILESTONE) for way in WAYS),
    *(page("investors:project_funding_edit", way, KEPT, at={"pk": "@funding"}) for way in WAYS),
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

FIGURE, FUNDING = {"pk": "@figure"}, {"pk": "@funding"}
TOLD = {"project": "@project", "counted_on": "2020-01-31", "investment": "1", "jobs": 1, "source": "Отчёт"}
NAMED = {"project": "@project", "kind": "own", "organization": "Фонд", "amount": "5"}
PLANNED = {"project": "@project", "title_ru": "Стены", "due_on": "2031-01-31"}
BODIES = {
    "prepare": {}, "implement": {}, "deliver": {}, "open": {}, "complete": {}, "cancel": {"reason": "Нет денег"},
}  # fmt: skip

API = [
    api("api-projects-list", "GET", SIGNED_IN),
    api("api-projects-list", "POST", KEPT, body=ENTERED | {"jobs_pledged": 1}),
    api("api-projects-detail", "GET", SIGNED_IN, at=PROJECT),
    api("api-projects-detail", "PATCH", KEPT, at=PROJECT, body={"jobs_pledged": 2}),
    *(api(f"api-projects-{step}", "POST", KEPT, at=PROJECT, body=body) for step, body in BODIES.items()),
    api("api-milestones-list", "GET", SIGNED_IN),
    api("api-milestones-list", "POST", KEPT, body=PLANNED),
    api("api-milestones-detail", "GET", SIGNED_IN, at=MILESTONE),
    api("api-milestones-detail", "PATCH", KEPT, at=MILESTONE, body={"title_ru": "Крыша"}),
    api("api-milestones-meet", "POST", KEPT, at=MILESTONE, body={}),
    api("api-milestones-move", "POST", KEPT, at=MILESTONE, body={"due_on": "2031-01-31", "reason": "Зима"}),
    api("api-project-figures-list", "GET", SIGNED_IN),
    api("api-project-figures-list", "POST", REPORTED, body=TOLD),
    api("api-project-figures-detail", "GET", allow({LAND, OFFICE, GUEST}), at=FIGURE),
    api("api-project-figures-confirm", "POST", CHECKED, at=FIGURE),
    api("api-project-figures-reject", "POST", CHECKED, at=FIGURE, body={"reason": "x"}),
    api("api-project-funding-list", "GET", SIGNED_IN),
    api("api-project-funding-list", "POST", KEPT, body=NAMED),
    api("api-project-funding-detail", "GET", SIGNED_IN, at=FUNDING),
    api("api-project-funding-detail", "PATCH", KEPT, at=FUNDING, body={"amount": "6"}),
    api("api-project-funding-remove", "POST", KEPT, at=FUNDING),
]

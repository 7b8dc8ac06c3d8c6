"""Working groups: the offices read them, members their own, those who lead keep the papers; the guest sits in one."""

from __future__ import annotations

from tests.permissions.roles import CLIENTS, GUEST, LAND, OFFICE, PEOPLE, allow, api, page

GROUP, SEAT, MEETING, HELD, TASK = (
    {"pk": f"@{name}"} for name in ("group", "seat", "meeting", "held_meeting", "group_task")
)
READING = allow({OFFICE, LAND, GUEST})
KEEPING = allow({OFFICE}, forbidden={LAND, GUEST})
DOING = allow({OFFICE, GUEST}, forbidden={LAND})
FORMING = allow({OFFICE}, forbidden=PEOPLE - {OFFICE})
EVERYBODY = allow(PEOPLE)
WAYS = ("GET", "POST")
REASON = {"reason": "Так решили"}
NEW_GROUP = {"title_ru": "Группа по кадрам", "purpose_ru": "Готовит план", "formed_on": "2025-05-20"}
NEW_SEAT = {"name": "Проба Пробная", "body": "Министерство", "role": "member", "joined_on": "2025-05-20"}
NEW_MEETING = {"starts": "2026-01-20T10:00:00+05:00", "place": "Акимат", "agenda": "План"}
NEW_TASK = {"text": "Написать план", "responsible": "@seat", "due_on": "2026-12-20"}
MINUTES = {"minutes": "Обсудили план", "present": ["@seat"]}

PAGES = [
    page("investors:groups", "GET", EVERYBODY),
    page("investors:tasks", "GET", EVERYBODY),
    page("investors:tasks", "GET", EVERYBODY, query={"overdue": "on", "mine": "on", "state": "open"}),
    *(page("investors:group_new", way, FORMING) for way in WAYS),
    page("investors:group", "GET", READING, at=GROUP),
    *(
        page(f"investors:{name}", way, KEEPING, at=GROUP)
        for name in ("group_edit", "member_new", "meeting_new", "task_new")
        for way in WAYS
    ),
    *(page("investors:group_step", way, KEEPING, at={**GROUP, "action": "end"}) for way in WAYS),
    page("investors:group_step", "GET", allow(()), at={**GROUP, "action": "explode"}),
    *(page("investors:member_leave", way, KEEPING, at=SEAT) for way in WAYS),
    page("investors:meeting", "GET", READING, at=MEETING),
    page("investors:meeting", "GET", READING, at=HELD),
    page("investors:meeting_protocol", "GET", READING, at=HELD),
    page("investors:meeting_protocol", "GET", allow(()), at=MEETING),
    *(
        page(f"investors:{name}", way, KEEPING, at=MEETING)
        for name in ("meeting_edit", "meeting_minutes")
        for way in WAYS
    ),
    *(
        page("investors:meeting_step", way, KEEPING, at={**MEETING, "action": "cancel"}, body=REASON)
        for way in WAYS
    ),
    page("investors:meeting_step", "GET", allow(()), at={**MEETING, "action": "explode"}),
    *(page("investors:task_edit", way, KEEPING, at=TASK) for way in WAYS),
    *(page("investors:task_step", way, DOING, at={**TASK, "action": "finish"}) for way in WAYS),
    page("investors:task_step", "POST", KEEPING, at={**TASK, "action": "drop"}, body=REASON),
    page("investors:task_step", "POST", KEEPING, at={**TASK, "action": "reopen"}, body=REASON),
    page("investors:task_step", "GET", allow(()), at={**TASK, "action": "explode"}),
]

SIGNED_IN = allow(PEOPLE | CLIENTS)
RESOURCES = [
    api("api-working-groups-list", "GET", SIGNED_IN),
    api(
        "api-working-groups-list",
        "POST",
        allow({OFFICE}, forbidden=(PEOPLE | CLIENTS) - {OFFICE}),
        body=NEW_GROUP,
    ),
    api("api-working-groups-detail", "GET", READING, at=GROUP),
    api("api-working-groups-detail", "PATCH", KEEPING, at=GROUP, body={"title_ru": "Группа"}),
    api("api-working-groups-members", "GET", READING, at=GROUP),
    api("api-working-groups-seat", "POST", KEEPING, at=GROUP, body=NEW_SEAT),
    api("api-working-groups-leave", "POST", KEEPING, at=GROUP, body={"member": "@seat"}),
    api("api-working-groups-end", "POST", KEEPING, at=GROUP),
    api("api-meetings-list", "GET", SIGNED_IN),
    api("api-meetings-list", "POST", KEEPING, body={"group": "@group", **NEW_MEETING}),
    api("api-meetings-detail", "GET", READING, at=MEETING),
    api("api-meetings-detail", "PATCH", KEEPING, at=MEETING, body={"place": "Больница"}),
    api("api-meetings-hold", "POST", KEEPING, at=MEETING, body=MINUTES),
    api("api-meetings-cancel", "POST", KEEPING, at=MEETING, body=REASON),
    api("api-group-tasks-list", "GET", SIGNED_IN),
    api("api-group-tasks-list", "POST", KEEPING, body={"group": "@group", **NEW_TASK}),
    api("api-group-tasks-detail", "GET", READING, at=TASK),
    api("api-group-tasks-detail", "PATCH", KEEPING, at=TASK, body={"due_on": "2027-01-20"}),
    api("api-group-tasks-finish", "POST", DOING, at=TASK),
    api("api-group-tasks-drop", "POST", KEEPING, at=TASK, body=REASON),
    api("api-group-tasks-reopen", "POST", KEEPING, at=TASK, body=REASON),
]

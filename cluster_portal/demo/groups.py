"""Working groups of the demo: the articles name who is to be in them; their people are invented and marked so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cluster_portal.accounts.models import User
from cluster_portal.demo.facts import DATA, read_json
from cluster_portal.web import wording
from investors.group_states import MeetingState
from investors.models import (
    Decision,
    GroupMember,
    GroupTask,
    Meeting,
    MeetingPresence,
    RoadmapItem,
    WorkingGroup,
)

if TYPE_CHECKING:
    from datetime import datetime

    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.facts import Facts

ORDER = ("ru", "en", "kk")


def fill_groups(chance: Chance, facts: Facts, now: datetime) -> int:
    """The groups of the cluster's facts, on days counted from `now`. Returns how many tasks."""
    path = DATA / facts.cluster / "groups.json"
    if not path.exists():
        return 0
    titles = {one["key"]: one["title"][0] for one in read_json(DATA / facts.cluster / "roadmap.json")}
    items = {one.title_ru: one for one in RoadmapItem.objects.all()}
    users = {one.email: one for one in User.objects.filter(is_demo=True)}
    rows: dict[Any, list[Any]] = {
        model: [] for model in (WorkingGroup, GroupMember, Meeting, MeetingPresence, Decision, GroupTask)
    }

    def add(model: Any, **columns: Any) -> Any:
        if model is not MeetingPresence:
            columns["id"] = UUID(chance.key(now))
        rows[model].append(model(**columns))
        return rows[model][-1]

    for about in read_json(path):
        title = {f"title_{code}": text for code, text in zip(ORDER, about["title"], strict=True)}
        formed = (
            now + timedelta(days=min([one["days"] for one in about["meetings"]], default=0) - 14)
        ).date()
        group = add(WorkingGroup, purpose_ru=about["purpose"], formed_on=formed, **title)
        members = []
        for name, organization, role, email in about["members"]:
            user = users[email] if email else None
            members.append(
                add(
                    GroupMember, group=group, user=user, name=user.name if user else name,
                    body=organization, role=role, joined_on=formed,
                )
            )  # fmt: skip
        for one in about["meetings"]:
            day = now.astimezone(wording.zone(facts.time_zone)) + timedelta(days=one["days"])
            meeting = add(
                Meeting, group=group, starts=day.replace(hour=one["hour"], minute=0, second=0, microsecond=0),
                place=one["place"], agenda=one["agenda"], minutes=one["minutes"],
                state=MeetingState.HELD if one["minutes"] else MeetingState.PLANNED,
            )  # fmt: skip
            for seat in one["present"]:
                add(MeetingPresence, meeting=meeting, member=members[seat])
            for number, decided in enumerate(one["decisions"], 1):
                decision = add(Decision, meeting=meeting, number=number, text=decided["text"])
                for task in decided["tasks"]:
                    done = task.get("done")
                    add(
                        GroupTask, group=group, decision=decision, responsible=members[task["member"]],
                        text=task["text"], due_on=(now + timedelta(days=task["due"])).date(),
                        state=task["state"], reason=task.get("reason", ""),
                        item=items[titles[task["item"]]] if "item" in task else None,
                        done_on=None if done is None else (now + timedelta(days=done)).date(),
                    )  # fmt: skip
    for model, made in rows.items():
        model.objects.bulk_create(made)
    return len(rows[GroupTask])

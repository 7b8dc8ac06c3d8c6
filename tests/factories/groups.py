"""Rows of working groups and of the roadshow for tests: every function fills what a test does not name, and saves."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from cluster_portal.accounts.models import User
from investors.group_states import MeetingState
from investors.models import (
    Decision,
    GroupMember,
    GroupTask,
    Meeting,
    MeetingPresence,
    RoadshowContact,
    RoadshowEvent,
    WorkingGroup,
)
from tests.factories import clinics

_number = count(1)


def make_group(**values: Any) -> WorkingGroup:
    """A group that was formed two months ago."""
    defaults = {
        "title_ru": "Рабочая группа дорожной карты", "purpose_ru": "Готовит дорожную карту",
        "formed_on": clinics.today() - timedelta(days=60),
    }  # fmt: skip
    return WorkingGroup.objects.create(**defaults | values)


def make_seat(group: WorkingGroup | None = None, user: User | None = None, **values: Any) -> GroupMember:
    """A member since the group was formed."""
    group = group or make_group()
    defaults = {
        "name": user.name if user else f"Участник {next(_number)}", "body": "Министерство",
        "joined_on": group.formed_on,
    }  # fmt: skip
    return GroupMember.objects.create(group=group, user=user, **defaults | values)


def make_meeting(group: WorkingGroup, *, days: int = 7, **values: Any) -> Meeting:
    """A meeting `days` from now."""
    defaults = {"place": "Зал правительства", "agenda": "План работы"}
    return Meeting.objects.create(
        group=group, starts=timezone.now() + timedelta(days=days), **defaults | values
    )


def make_held_meeting(group: WorkingGroup, *seats: GroupMember, decisions: tuple[str, ...] = ()) -> Meeting:
    """A meeting of a week ago that was put down."""
    meeting = make_meeting(group, days=-7, state=MeetingState.HELD, minutes="Обсудили план")
    for seat in seats:
        MeetingPresence.objects.create(meeting=meeting, member=seat)
    for number, text in enumerate(decisions, 1):
        Decision.objects.create(meeting=meeting, number=number, text=text)
    return meeting


def make_task(seat: GroupMember, **values: Any) -> GroupTask:
    """An open task, due in a week."""
    defaults = {"text": "Написать план", "due_on": clinics.today() + timedelta(days=7)}
    return GroupTask.objects.create(group=seat.group, responsible=seat, **defaults | values)


def make_event(**values: Any) -> RoadshowEvent:
    """An event of the roadshow in a month."""
    day = clinics.today() + timedelta(days=30)
    defaults = {
        "title_ru": "Встреча с инвесторами",
        "city_ru": "Сеул",
        "country": "KR",
        "begins_on": day,
        "ends_on": day,
    }
    return RoadshowEvent.objects.create(**defaults | values)


def make_contact(event: RoadshowEvent | None = None, **values: Any) -> RoadshowContact:
    """Somebody who was met there."""
    defaults = {"company": f"Компания {next(_number)}", "country": "KR", "person": "Ким Проба"}
    return RoadshowContact.objects.create(event=event or make_event(), **defaults | values)

"""Working groups: seats, meetings and what comes of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM, resolve_actor
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from investors.models import Decision, GroupTask, Meeting
from investors.papers.meeting import meeting_protocol
from investors.roadmap_errors import AlreadyInGroup, ChairTaken, GroupDissolved, MeetingAhead
from investors.selectors import groups as selectors
from investors.services import groups as services
from investors.services import meetings
from tests.factories import clinics, groups, investors

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    clinics.make_cluster()
    return clinics.make_actor(Role.OFFICE)


def person(email: str = "member@example.org"):
    return clinics.make_user(email=email)


def joins(**values):
    return {
        "name": "Айгуль Пробная",
        "body": "Акимат",
        "role": "member",
        "joined_on": clinics.today(),
    } | values


def test_a_group_from_its_forming_to_its_end(office):
    today = clinics.today()
    data = {"title_ru": "Группа", "purpose_ru": "Готовит план", "formed_on": today}
    group = services.form_group(office, data=data)
    user = person()
    seat = services.seat_member(
        office, group_id=group.pk, data=joins(role="secretary"), email=" Member@example.org "
    )
    assert seat.user == user
    with pytest.raises(AlreadyInGroup), transaction.atomic():
        services.seat_member(office, group_id=group.pk, data=joins(), email=user.email)
    services.seat_member(office, group_id=group.pk, data=joins(role="chair"))
    with pytest.raises(ChairTaken), transaction.atomic():
        services.seat_member(office, group_id=group.pk, data=joins(role="chair"))
    with pytest.raises(Invalid) as refused:
        services.seat_member(office, group_id=group.pk, data=joins(), email="nobody@example.org")
    assert set(refused.value.errors) == {"email"}
    services.end_group(office, group_id=group.pk)
    with pytest.raises(GroupDissolved):
        services.seat_member(office, group_id=group.pk, data=joins())


def test_who_left_reads_nothing_any_more(office):
    user = person()
    seat = groups.make_seat(user=user, role="secretary")
    actor = resolve_actor(user=user)
    assert selectors.group_file(actor, seat.group_id).keeps
    with pytest.raises(Invalid):
        services.unseat_member(office, member_id=seat.pk, left_on=clinics.today() + timedelta(days=1))
    services.unseat_member(office, member_id=seat.pk)
    with pytest.raises(NotFound):
        selectors.group_file(actor, seat.group_id)
    again = services.seat_member(office, group_id=seat.group_id, data=joins(), email=user.email)
    assert not selectors.group_file(resolve_actor(user=user), again.group_id).keeps


def test_a_meeting_is_called_moved_held_and_then_stays(office, django_capture_on_commit_callbacks):
    group = groups.make_group()
    user = person()
    seat = groups.make_seat(group, user)
    said = {"starts": timezone.now() + timedelta(days=3), "place": "Акимат", "agenda": "План"}
    meeting = meetings.call_meeting(office, group_id=group.pk, data=said)
    meetings.change_meeting(office, meeting_id=meeting.pk, data={"agenda": "План и сроки"})
    meetings.change_meeting(office, meeting_id=meeting.pk, data={"place": "Больница"})
    kinds = Notice.objects.filter(user=user).order_by("created_at").values_list("kind", flat=True)
    assert list(kinds) == ["investors.meeting_called", "investors.meeting_moved"]
    told = {"minutes": "Говорили", "present": [seat.pk], "decisions": ["Первое", " ", "Второе"]}
    with pytest.raises(MeetingAhead):
        meetings.hold_meeting(office, meeting_id=meeting.pk, **told)
    Meeting.objects.filter(pk=meeting.pk).update(starts=timezone.now() - timedelta(hours=2))
    stranger = groups.make_seat()
    with pytest.raises(Invalid):
        meetings.hold_meeting(office, meeting_id=meeting.pk, **told | {"present": [seat.pk, stranger.pk]})
    meetings.hold_meeting(office, meeting_id=meeting.pk, **told)
    assert list(Decision.objects.filter(meeting=meeting).values_list("number", "text")) == [
        (1, "Первое"),
        (2, "Второе"),
    ]
    for again in (meetings.hold_meeting, meetings.cancel_meeting):
        more = told if again is meetings.hold_meeting else {"reason": "Передумали"}
        with pytest.raises(IllegalTransition):
            again(office, meeting_id=meeting.pk, **more)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE investors_meeting SET minutes = 'иначе' WHERE id = %s", [meeting.pk])
    paper = meeting_protocol(selectors.meeting_file(office, meeting.pk))
    assert paper.startswith(b"%PDF")


def test_a_cancelled_meeting_is_told_with_its_reason_on_record(office):
    group = groups.make_group()
    user = person()
    groups.make_seat(group, user)
    meeting = groups.make_meeting(group)
    with pytest.raises(Invalid):
        meetings.cancel_meeting(office, meeting_id=meeting.pk, reason=" ")
    meetings.cancel_meeting(office, meeting_id=meeting.pk, reason="Нет кворума")
    assert Notice.objects.get(user=user).kind == "investors.meeting_cancelled"
    meeting.refresh_from_db()
    assert (meeting.state, meeting.reason) == ("cancelled", "Нет кворума")


def test_a_task_is_done_by_whom_it_was_given_to(office):
    group = groups.make_group()
    user, other = person(), person("other@example.org")
    seat, beside = groups.make_seat(group, user), groups.make_seat(group, other)
    decision = groups.make_held_meeting(group, seat, decisions=("Написать план",)).decisions.get()
    said = {
        "text": "План", "responsible": seat, "due_on": clinics.today(), "decision": decision,
        "item": investors.make_roadmap_item(),
    }  # fmt: skip
    task = meetings.give_task(office, group_id=group.pk, data=said)
    assert Notice.objects.get(user=user).kind == "investors.task_given"
    with pytest.raises(Forbidden):
        meetings.finish_task(resolve_actor(user=other), task_id=task.pk)
    with pytest.raises(Forbidden):
        meetings.drop_task(resolve_actor(user=user), task_id=task.pk, reason="Не хочу")
    meetings.finish_task(resolve_actor(user=user), task_id=task.pk)
    with pytest.raises(IllegalTransition):
        meetings.finish_task(resolve_actor(user=user), task_id=task.pk)
    meetings.reopen_task(office, task_id=task.pk, reason="Не всё")
    meetings.correct_task(office, task_id=task.pk, data={"responsible": beside})
    assert Notice.objects.get(user=other).kind == "investors.task_given"
    meetings.drop_task(office, task_id=task.pk, reason="Поздно")
    task.refresh_from_db()
    assert (task.state, task.done_on, task.reason) == ("dropped", None, "Поздно")


def test_a_task_stays_within_its_group(office):
    group, elsewhere = groups.make_group(), groups.make_seat()
    left = groups.make_seat(group, left_on=clinics.today())
    foreign = groups.make_held_meeting(elsewhere.group, elsewhere, decisions=("Чужое",)).decisions.get()
    said = {"text": "План", "due_on": clinics.today(), "responsible": groups.make_seat(group)}
    for wrong in ({"responsible": elsewhere}, {"responsible": left}, {"decision": foreign}):
        with pytest.raises(Invalid) as refused:
            meetings.give_task(office, group_id=group.pk, data=said | wrong)
        assert set(refused.value.errors) == set(wrong)
    # The database has the last word.
    task = groups.make_task(said["responsible"])
    with pytest.raises(DatabaseError), transaction.atomic():
        GroupTask.objects.filter(pk=task.pk).update(responsible=elsewhere)
    with pytest.raises(DatabaseError), transaction.atomic():
        GroupTask.objects.filter(pk=task.pk).update(decision=foreign)


def test_what_is_overdue_is_told_once_a_due_day(office):
    user = person()
    seat = groups.make_seat(user=user)
    yesterday = clinics.today() - timedelta(days=1)
    task = groups.make_task(seat, due_on=yesterday)
    groups.make_task(seat, due_on=yesterday, state="done", done_on=yesterday)
    groups.make_task(seat, due_on=clinics.today())
    groups.make_task(groups.make_seat(seat.group), due_on=yesterday)
    assert meetings.remind_of_tasks(SYSTEM) == 1
    assert meetings.remind_of_tasks(SYSTEM) == 0
    meetings.correct_task(office, task_id=task.pk, data={"due_on": yesterday - timedelta(days=1)})
    assert meetings.remind_of_tasks(SYSTEM) == 1


@pytest.mark.parametrize("rows", [1, 30])
def test_lists_and_files_cost_the_same_whatever_they_hold(office, rows, django_assert_num_queries):
    group = groups.make_group()
    seat = groups.make_seat(group)
    for _ in range(rows):
        one = groups.make_held_meeting(group, seat, decisions=("Решили",))
        groups.make_task(groups.make_seat(group), decision=one.decisions.get())
        groups.make_task(groups.make_seat())
    # The cluster's zone is asked for once.
    selectors.today()
    with django_assert_num_queries(1):
        assert len(selectors.groups(office)) == rows + 1
    with django_assert_num_queries(1):
        assert [task.group.title_ru for task in selectors.tasks(office, selectors.TasksAsked())]
    with django_assert_num_queries(6):
        found = selectors.group_file(office, group.pk)
    assert len(found.tasks) == len(found.meetings) == rows and found.tasks[0].actions == ["finish", "drop"]
    with django_assert_num_queries(6):
        selectors.meeting_file(office, found.meetings[0].pk)

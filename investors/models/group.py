"""Working groups that write and follow the roadmap: who sits in them, when they met, what they decided, who does it."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated
from investors.group_states import MEETING, TASK, GroupRole, MeetingState, TaskState
from investors.models.roadmap import RoadmapItem


class WorkingGroup(UUIDModel, TimeStamped):
    """People of several organisations who prepare something together. Without `ended_on` it is at work."""

    title = Translated(models.CharField(_("title"), max_length=200))
    purpose = Translated(models.TextField(pgettext_lazy("group", "task of the group"), max_length=2000))
    formed_on = models.DateField(pgettext_lazy("group", "formed on"))
    ended_on = models.DateField(pgettext_lazy("group", "dissolved on"), null=True, blank=True)

    class Meta:
        verbose_name = _("working group")
        verbose_name_plural = _("working groups")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("formed_on")), name="group_days"
            )
        ]
        triggers = [Journal(), pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.title


class GroupMember(UUIDModel, TimeStamped):
    """A seat in a group. `user` is the account of whoever has one: it opens the group's pages to them."""

    group = models.ForeignKey(
        WorkingGroup, models.PROTECT, related_name="members", verbose_name=_("working group")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account"),
    )
    name = models.CharField(pgettext_lazy("group", "name and surname"), max_length=200)
    body = models.CharField(pgettext_lazy("group", "organisation"), max_length=200)
    post = models.CharField(pgettext_lazy("group", "post"), max_length=200, blank=True)
    role = models.CharField(
        pgettext_lazy("group", "role"), max_length=9, choices=GroupRole, default=GroupRole.MEMBER
    )
    joined_on = models.DateField(pgettext_lazy("group", "in the group since"))
    left_on = models.DateField(pgettext_lazy("group", "left on"), null=True, blank=True)

    class Meta:
        verbose_name = _("member of a working group")
        verbose_name_plural = _("members of working groups")
        constraints = [
            models.UniqueConstraint(
                fields=["group"],
                condition=Q(role=GroupRole.CHAIR, left_on__isnull=True),
                name="group_one_chair",
            ),
            models.UniqueConstraint(
                fields=["group", "user"], condition=Q(left_on__isnull=True), name="group_one_seat"
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("joined_on")), name="group_member_days"
            ),
        ]
        triggers = [Journal(), pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name


class Meeting(UUIDModel, TimeStamped):
    """A meeting of a group. Once it was held, `minutes` and the decisions stay as they are."""

    group = models.ForeignKey(
        WorkingGroup, models.PROTECT, related_name="meetings", verbose_name=_("working group")
    )
    starts = models.DateTimeField(pgettext_lazy("meeting", "begins"))
    place = models.CharField(pgettext_lazy("meeting", "place"), max_length=200)
    agenda = models.TextField(pgettext_lazy("meeting", "agenda"), max_length=5000)
    state = models.CharField(_("state"), max_length=9, choices=MeetingState, default=MeetingState.PLANNED)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    minutes = models.TextField(pgettext_lazy("meeting", "minutes"), max_length=20_000, blank=True)
    present = models.ManyToManyField(GroupMember, through="MeetingPresence", related_name="meetings")

    class Meta:
        verbose_name = pgettext_lazy("group", "meeting")
        verbose_name_plural = pgettext_lazy("group", "meetings")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=MeetingState.HELD) | ~Q(minutes=""), name="meeting_minutes"
            ),
            models.CheckConstraint(
                condition=~Q(state=MeetingState.CANCELLED) | ~Q(reason=""), name="meeting_reason"
            ),
        ]  # fmt: skip
        triggers = [
            Journal(),
            pgtrigger.FSM(name="meeting_states", field="state", transitions=MEETING.pairs),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="held", operation=pgtrigger.Update, condition=pgtrigger.Q(old__state=MeetingState.HELD)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts:%d.%m.%Y} {self.place}"


class MeetingPresence(models.Model):
    """Somebody was at a meeting."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="presences", db_index=False)
    member = models.ForeignKey(GroupMember, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "member"], name="meeting_presence_once")]
        triggers = [
            Journal(),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.member_id}"


class Decision(UUIDModel):
    """What a meeting decided, in its order."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="decisions", db_index=False)
    number = models.PositiveSmallIntegerField()
    text = models.TextField(pgettext_lazy("meeting", "decision"), max_length=2000)

    class Meta:
        verbose_name = pgettext_lazy("meeting", "decision")
        verbose_name_plural = pgettext_lazy("meeting", "decisions")
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="decision_number")]
        triggers = [
            Journal(),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"


class GroupTask(UUIDModel, TimeStamped):
    """What a member is to do until when; from a decision, for an item of the roadmap, or both. Overdue is no state."""

    group = models.ForeignKey(
        WorkingGroup, models.PROTECT, related_name="tasks", verbose_name=_("working group")
    )
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="tasks",
        verbose_name=pgettext_lazy("meeting", "decision"),
    )  # fmt: skip
    item = models.ForeignKey(
        RoadmapItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("item of the roadmap"),
    )
    text = models.CharField(pgettext_lazy("group", "what is to be done"), max_length=500)
    responsible = models.ForeignKey(
        GroupMember, models.PROTECT, related_name="tasks", verbose_name=pgettext_lazy("group", "who does it")
    )
    due_on = models.DateField(pgettext_lazy("group", "due on"))
    state = models.CharField(_("state"), max_length=7, choices=TaskState, default=TaskState.OPEN)
    done_on = models.DateField(pgettext_lazy("group", "done on"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("group", "task")
        verbose_name_plural = pgettext_lazy("group", "tasks")
        indexes = [models.Index(fields=["due_on"], condition=Q(state=TaskState.OPEN), name="group_task_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=TaskState.DONE, done_on__isnull=False)
                | ~Q(state=TaskState.DONE) & Q(done_on__isnull=True),
                name="group_task_done_on_a_day",
            ),
            models.CheckConstraint(condition=~Q(state=TaskState.DROPPED) | ~Q(reason=""), name="group_task_reason"),
        ]  # fmt: skip
        triggers = [
            Journal(),
            pgtrigger.FSM(name="task_states", field="state", transitions=TASK.pairs),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="group_task_within",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM investors_groupmember seat
                         WHERE seat.id = NEW.responsible_id AND seat.group_id = NEW.group_id
                    ) OR NEW.decision_id IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM investors_decision made
                          JOIN investors_meeting meeting ON meeting.id = made.meeting_id
                         WHERE made.id = NEW.decision_id AND meeting.group_id = NEW.group_id
                    ) THEN
                        RAISE EXCEPTION 'the task is of another group'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'group_task_within';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.text

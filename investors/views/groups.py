"""Working groups: pages for their members and the offices, forms for those who keep the papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import TemplateView

from cluster_portal.common.errors import NotFound
from cluster_portal.documents.responses import pdf_response
from cluster_portal.web import wording
from cluster_portal.web.acts import Act, ReasonForm, StepMixin
from cluster_portal.web.mixins import SignedInMixin, go
from cluster_portal.web.pagination import page_of
from investors.forms import groups as forms
from investors.papers.meeting import meeting_protocol
from investors.policies.groups import group_policy
from investors.selectors import groups as selectors
from investors.selectors.roadmap import today
from investors.services import groups as services
from investors.services import meetings
from investors.views.base import FormPage

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse
    from django.views import View

    from investors.models import GroupMember, GroupTask, Meeting, WorkingGroup

TASK_ACTS = {
    "finish": Act(
        meetings.finish_task, pgettext_lazy("group", "Done"), "circle-check",
        gettext_lazy("Today becomes the day on which it was done."), done=gettext_lazy("Saved"),
    ),
    "drop": Act(
        meetings.drop_task, pgettext_lazy("group", "Drop"), "circle-x",
        gettext_lazy("The task stays on record as dropped, with the reason."), form=ReasonForm, danger=True,
        done=gettext_lazy("Saved"),
    ),
    "reopen": Act(
        meetings.reopen_task, pgettext_lazy("group", "Open again"), "arrow-back-up",
        gettext_lazy("Whoever is to do it hears of it."), form=ReasonForm, warns=True, done=gettext_lazy("Saved"),
    ),
}  # fmt: skip
MEETING_ACTS = {
    "cancel": Act(
        meetings.cancel_meeting, pgettext_lazy("meeting", "Cancel the meeting"), "calendar-x",
        gettext_lazy("The members read the reason."), form=ReasonForm, danger=True, done=gettext_lazy("Saved"),
    ),
}  # fmt: skip
GROUP_ACTS = {
    "end": Act(
        services.end_group, pgettext_lazy("group", "Dissolve"), "archive",
        gettext_lazy("The papers stay, nothing can be added. This cannot be undone."), danger=True,
        done=gettext_lazy("Saved"),
    ),
}  # fmt: skip


class GroupsView(SignedInMixin, TemplateView):
    """The groups that the reader may see, and the tasks that are theirs."""

    template_name = "investors/groups/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        return super().get_context_data(
            **kwargs, page=page_of(self.request, selectors.groups(actor), selectors.ORDER),
            may_form=group_policy.may(actor, "create"),
        )  # fmt: skip


class TasksView(SignedInMixin, TemplateView):
    """Tasks of all groups that the reader may see."""

    template_name = "investors/groups/tasks.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        bar = forms.TaskFilter(self.request.GET)
        bar.is_valid()
        said = bar.cleaned_data
        asked = selectors.TasksAsked(
            state=said.get("state", ""), mine=bool(said.get("mine")), overdue=bool(said.get("overdue"))
        )
        page = page_of(self.request, selectors.tasks(self.request.actor, asked), selectors.TASK_ORDER)
        return super().get_context_data(**kwargs, filter=bar, narrowed=bool(asked), page=page)


class GroupView(SignedInMixin, TemplateView):
    """One group: members, meetings, tasks."""

    template_name = "investors/groups/group.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        found = selectors.group_file(self.request.actor, pk)
        for task in found.tasks:
            task.acts = [(name, TASK_ACTS[name]) for name in task.actions]
        return super().get_context_data(**kwargs, found=found, group=found.group)


class MeetingView(SignedInMixin, TemplateView):
    """One meeting."""

    template_name = "investors/groups/meeting.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        found = selectors.meeting_file(self.request.actor, pk)
        return super().get_context_data(**kwargs, found=found, meeting=found.meeting)


class ProtocolView(SignedInMixin, TemplateView):
    """The minutes of a meeting that was held, as PDF."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        found = selectors.meeting_file(request.actor, pk)
        if found.meeting.state != "held":
            raise NotFound
        return pdf_response(
            meeting_protocol(found), f"minutes-{found.meeting.starts:%Y-%m-%d}-{wording.language()}"
        )


class GroupFormView(FormPage):
    """A new group, or one to correct."""

    template_name, form_class = "investors/groups/group_form.html", forms.GroupForm
    group: WorkingGroup | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if "pk" in kwargs:
            self.group = selectors.group_to(request.actor, "edit", kwargs["pk"])
        else:
            group_policy.require(request.actor, "create")

    @property
    def title(self) -> Any:
        return gettext_lazy("Correct the group") if self.group else gettext_lazy("New working group")

    @property
    def back(self) -> str:
        return reverse("investors:group", args=[self.group.pk]) if self.group else reverse("investors:groups")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.group}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, group=self.group)

    def perform(self, form: forms.GroupForm) -> HttpResponse:
        if self.group:
            services.correct_group(self.request.actor, group_id=self.group.pk, data=form.values())
            return self.done()
        group = services.form_group(self.request.actor, data=form.values())
        return go(self.request, "investors:group", group.pk, message=gettext_lazy("Saved"))


class _OfGroup(FormPage):
    """A form about a group to which the reader has the `right`."""

    template_name, right = "investors/groups/form.html", "edit"
    group: WorkingGroup

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.group = selectors.group_to(request.actor, self.right, kwargs["pk"])

    @property
    def back(self) -> str:
        return reverse("investors:group", args=[self.group.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, group=self.group)


class MemberNewView(_OfGroup):
    """Take somebody into a group."""

    form_class, title = forms.MemberForm, gettext_lazy("New member")

    def get_initial(self) -> dict[str, Any]:
        return {"role": "member", "joined_on": today()}

    def perform(self, form: forms.MemberForm) -> HttpResponse:
        services.seat_member(
            self.request.actor, group_id=self.group.pk, data=form.values(), email=form.cleaned_data["email"]
        )
        return self.done()


class MeetingNewView(_OfGroup):
    """Call a group together."""

    form_class, title = forms.MeetingForm, gettext_lazy("New meeting")

    def perform(self, form: forms.MeetingForm) -> HttpResponse:
        meeting = meetings.call_meeting(self.request.actor, group_id=self.group.pk, data=form.values())
        return go(self.request, "investors:meeting", meeting.pk, message=gettext_lazy("Saved"))


class TaskNewView(_OfGroup):
    """Give a member something to do."""

    form_class, title = forms.TaskForm, gettext_lazy("New task")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | _to_choose(self, self.group.pk)

    def get_initial(self) -> dict[str, Any]:
        return {name: self.request.GET[name] for name in ("decision", "item") if name in self.request.GET}

    def perform(self, form: forms.TaskForm) -> HttpResponse:
        meetings.give_task(self.request.actor, group_id=self.group.pk, data=form.values())
        return self.done()


class GroupStepView(StepMixin, _OfGroup):
    """A step of a group."""

    acts, key, right = GROUP_ACTS, "group_id", "end"


class LeaveView(FormPage):
    """Somebody leaves a group."""

    template_name, form_class, title = (
        "investors/groups/form.html",
        forms.LeaveForm,
        gettext_lazy("Leaves the group"),
    )
    member: GroupMember

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.member = selectors.member_to_edit(request.actor, kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        return {"left_on": today()}

    @property
    def back(self) -> str:
        return reverse("investors:group", args=[self.member.group_id])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, group=self.member.group, about=self.member.name)

    def perform(self, form: forms.LeaveForm) -> HttpResponse:
        services.unseat_member(self.request.actor, member_id=self.member.pk, **form.cleaned_data)
        return self.done()


class _OfMeeting(FormPage):
    """A form about a meeting."""

    template_name = "investors/groups/form.html"
    meeting: Meeting

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.meeting = selectors.meeting_to_edit(request.actor, kwargs["pk"])

    @property
    def back(self) -> str:
        return reverse("investors:meeting", args=[self.meeting.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, group=self.meeting.group)


class MeetingEditView(_OfMeeting):
    """Move a meeting or correct its agenda."""

    form_class, title = forms.MeetingForm, gettext_lazy("Change the meeting")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.meeting}

    def perform(self, form: forms.MeetingForm) -> HttpResponse:
        meetings.change_meeting(self.request.actor, meeting_id=self.meeting.pk, data=form.values())
        return self.done()


class MinutesView(_OfMeeting):
    """Put down how a meeting went."""

    form_class, title = forms.MinutesForm, gettext_lazy("Minutes of the meeting")

    def get_form_kwargs(self) -> dict[str, Any]:
        seats = selectors.seats(self.request.actor, self.meeting.group_id)
        return super().get_form_kwargs() | {"seats": seats}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        note = gettext_lazy("Minutes and decisions are not changed any more once they are saved.")
        return super().get_context_data(**kwargs, note=note)

    def perform(self, form: forms.MinutesForm) -> HttpResponse:
        meetings.hold_meeting(self.request.actor, meeting_id=self.meeting.pk, **form.values())
        return self.done()


class MeetingStepView(StepMixin, _OfMeeting):
    """A step of a meeting."""

    acts, key = MEETING_ACTS, "meeting_id"


class _OfTask(FormPage):
    """A form about a task to which the reader has the `right`."""

    template_name, right = "investors/groups/form.html", "edit"
    task: GroupTask

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.task = selectors.task_to(request.actor, self.right, kwargs["pk"])

    @property
    def back(self) -> str:
        return reverse("investors:group", args=[self.task.group_id])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, group=self.task.group, about=self.task.text)


class TaskEditView(_OfTask):
    """Correct a task."""

    form_class, title = forms.TaskForm, gettext_lazy("Change the task")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.task} | _to_choose(self, self.task.group_id)

    def perform(self, form: forms.TaskForm) -> HttpResponse:
        meetings.correct_task(self.request.actor, task_id=self.task.pk, data=form.values())
        return self.done()


class TaskStepView(StepMixin, _OfTask):
    """A step of a task; whoever does it may finish it."""

    acts, key, right = TASK_ACTS, "task_id", "finish"


def _to_choose(view: View, group_id: uuid.UUID) -> dict[str, Any]:
    """What a task may be tied to."""
    return {
        "seats": selectors.seats(view.request.actor, group_id),
        "decisions": selectors.decisions_of(group_id),
        "items": selectors.items_to_serve(view.request.actor),
    }

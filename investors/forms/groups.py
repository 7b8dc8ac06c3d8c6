"""Forms of working groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.forms.rows import RecordForm
from cluster_portal.common.translated import columns
from cluster_portal.web.forms import DateInput, DateTimeInput
from investors.forms.plots import ANY, words
from investors.group_states import GroupRole, TaskState
from investors.models import GroupMember, GroupTask, Meeting, WorkingGroup
from investors.services.groups import FIELDS, MEMBER_FIELDS
from investors.services.meetings import MEETING_FIELDS, TASK_FIELDS

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from investors.models import Decision, RoadmapItem


class GroupForm(RecordForm):
    """A group."""

    model, names = WorkingGroup, FIELDS
    widgets = {"formed_on": DateInput()} | {
        name: forms.Textarea(attrs={"rows": 3}) for name in columns("purpose")
    }
    purpose_rows = property(lambda self: self.in_languages("purpose"))


class MemberForm(RecordForm):
    """Somebody who joins."""

    role = forms.ChoiceField(choices=lambda: words(GroupRole))
    email = forms.EmailField(
        required=False, label=_("Account in the portal"),
        help_text=_("The address with which they sign in; without one the group's pages stay closed to them."),
    )  # fmt: skip

    model, names = GroupMember, MEMBER_FIELDS
    widgets = {"joined_on": DateInput()}
    field_order = ("name", "email", "body", "post", "role", "joined_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)


class LeaveForm(forms.Form):
    """The last day of a seat."""

    left_on = forms.DateField(label=pgettext_lazy("group", "Left on"), widget=DateInput())


class MeetingForm(RecordForm):
    """A meeting that is called."""

    model, names = Meeting, MEETING_FIELDS
    widgets = {"starts": DateTimeInput(), "agenda": forms.Textarea(attrs={"rows": 6})}


class MinutesForm(forms.Form):
    """How a meeting went."""

    present = forms.ModelMultipleChoiceField(
        queryset=None, label=pgettext_lazy("meeting", "Present"), widget=forms.CheckboxSelectMultiple
    )
    minutes = forms.CharField(
        label=pgettext_lazy("meeting", "Minutes"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    decisions = forms.CharField(
        required=False, label=pgettext_lazy("meeting", "Decisions"), max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}), help_text=_("Each decision in a line of its own."),
    )  # fmt: skip

    def __init__(self, *args: Any, seats: QuerySet[GroupMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["present"].queryset = seats
        self.fields["present"].label_from_instance = told

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        said = self.cleaned_data
        return {
            "minutes": said["minutes"], "present": [one.pk for one in said["present"]],
            "decisions": said["decisions"].splitlines(),
        }  # fmt: skip


def told(seat: GroupMember) -> str:
    """A member among those to choose from."""
    return f"{seat.name}, {seat.body}"


class TaskForm(RecordForm):
    """Something to do."""

    responsible = forms.ModelChoiceField(queryset=None)
    decision = forms.ModelChoiceField(queryset=None, required=False, empty_label="—")
    item = forms.ModelChoiceField(queryset=None, required=False, empty_label="—")

    model, names = GroupTask, TASK_FIELDS
    widgets = {"due_on": DateInput(), "text": forms.Textarea(attrs={"rows": 3})}

    def __init__(
        self, *args: Any, seats: QuerySet[GroupMember], decisions: QuerySet[Decision], items: QuerySet[RoadmapItem],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        for name, rows in (("responsible", seats), ("decision", decisions), ("item", items)):
            self.fields[name].queryset = rows
        self.fields["responsible"].label_from_instance = told
        self.fields["decision"].label_from_instance = lambda one: (
            f"{one.meeting.starts:%d.%m.%Y}: {one.text[:120]}"
        )
        self.order_fields(self.names)


class TaskFilter(forms.Form):
    """The bar above the tasks."""

    state = forms.ChoiceField(required=False, label=_("State"), choices=lambda: [ANY, *words(TaskState)])
    mine = forms.BooleanField(required=False, label=pgettext_lazy("group", "Mine only"))
    overdue = forms.BooleanField(required=False, label=pgettext_lazy("roadmap", "Overdue only"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="filter_%s")

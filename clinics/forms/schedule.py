"""Forms of the schedule: what may be typed. What may be done is the services' matter."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.models import Equipment, Practitioner, Room, Schedule, Service
from clinics.selectors.equipment import units_at
from clinics.selectors.wording import WEEKDAYS
from clinics.services.schedules import Hours
from clinics.states import ExceptionReason
from cluster_portal.web.forms import DateInput, TimeInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from clinics.models import Clinic

#: Reasons for which a part of a day is closed; others are typed.
CLOSING = (
    ExceptionReason.LEAVE, ExceptionReason.SICK, ExceptionReason.TRAINING, ExceptionReason.REPAIR,
    ExceptionReason.OTHER,
)  # fmt: skip
HOUR_ROWS = range(1, 8)


class PersonField(forms.ModelChoiceField):
    """Somebody of the organisation who works at a clinic of it."""

    def label_from_instance(self, obj: Practitioner) -> str:
        return f"{obj.short_name}, {obj.position}"


class OfClinicForm(forms.Form):
    """A form about one clinic: the people in it are those who see patients there."""

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        people = Practitioner.objects.filter(clinics=clinic, is_active=True)
        if "practitioner" in self.fields:
            self.fields["practitioner"].queryset = people


class CloseForm(OfClinicForm):
    """Close a part of somebody's day."""

    practitioner = PersonField(label=_("Practitioner"), queryset=Practitioner.objects.none())
    day = forms.DateField(label=_("Day"), widget=DateInput)
    starts = forms.TimeField(label=pgettext_lazy("time", "From"), widget=TimeInput)
    ends = forms.TimeField(label=pgettext_lazy("time", "Until"), widget=TimeInput)
    reason = forms.ChoiceField(
        label=pgettext_lazy("closing", "Reason"),
        choices=[(r.value, r.label) for r in CLOSING],
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=_("In other words"),
        max_length=300,
        required=False,
        help_text=_("Shown to colleagues in the schedule instead of the reason."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("starts") and data.get("ends") and data["ends"] <= data["starts"]:
            self.add_error("ends", _("The end is not after the beginning."))
        if data.get("reason") == ExceptionReason.OTHER and not data.get("comment"):
            self.add_error("comment", _("Please say why: colleagues and the journal will ask."))
        return data


class LeaveForm(OfClinicForm):
    """Days on which somebody does not see patients."""

    practitioner = PersonField(label=_("Practitioner"), queryset=Practitioner.objects.none())
    first_day = forms.DateField(label=_("First day"), widget=DateInput)
    last_day = forms.DateField(label=_("Last day"), widget=DateInput)
    reason = forms.ChoiceField(
        label=pgettext_lazy("closing", "Reason"),
        choices=[(r.value, r.label) for r in CLOSING],
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(label=_("Comment"), max_length=300, required=False)


class CloseRoomForm(forms.Form):
    """Days on which nobody is seen in a room."""

    room = forms.ModelChoiceField(label=_("Room"), queryset=Room.objects.none(), empty_label="—")
    first_day = forms.DateField(label=_("First day"), widget=DateInput)
    last_day = forms.DateField(label=_("Last day"), widget=DateInput)
    reason = forms.CharField(label=pgettext_lazy("closing", "Reason"), max_length=300)

    def __init__(self, *args: Any, rooms: QuerySet[Room], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = rooms


def _offer_services_and_units(form: OfClinicForm) -> None:
    """What a pattern of the form's clinic may be for, and what it may need."""
    form.fields["service"].queryset = (
        Service.objects.filter(clinic=form.clinic, is_active=True)
        .select_related("service_type", "clinic")
        .order_by("service_type__name_ru")
    )
    form.fields["service"].label_from_instance = lambda row: f"{row.service_type}, {row.get_mode_display()}"
    form.fields["equipment"].queryset = units_at(form.clinic)
    form.fields["equipment"].label_from_instance = lambda row: " · ".join(
        filter(None, (row.type.name, row.model, row.inventory_number))
    )


class PatternForm(OfClinicForm):
    """A weekly pattern with up to two stretches a weekday."""

    service = forms.ModelChoiceField(label=_("Service"), queryset=Service.objects.none())
    practitioner = PersonField(label=_("Practitioner"), queryset=Practitioner.objects.none())
    room = forms.CharField(label=_("Room"), max_length=40, required=False)
    equipment = forms.ModelChoiceField(
        label=_("Needs equipment"), queryset=Equipment.objects.none(), required=False,
        help_text=_("While it is in repair these times are closed."),
    )  # fmt: skip
    slot_minutes = forms.IntegerField(label=_("Minutes a visit"), min_value=5, max_value=480)
    capacity = forms.IntegerField(
        label=_("Patients at a time"),
        min_value=1,
        max_value=100,
        help_text=_("More than one for groups and schools."),
    )
    share_own = forms.IntegerField(label=_("Own patients, %"), min_value=0, max_value=100)
    share_cluster = forms.IntegerField(label=_("Clinics of the cluster, %"), min_value=0, max_value=100)
    share_urgent = forms.IntegerField(label=_("Urgent referrals, %"), min_value=0, max_value=100)
    release_hours = forms.IntegerField(
        label=_("Unused shares return, hours before"), min_value=0, max_value=720,
        help_text=_("What the cluster does not take goes back to your own patients, urgent times open to everybody."),
    )  # fmt: skip
    valid_from = forms.DateField(label=_("Valid from"), widget=DateInput)
    valid_to = forms.DateField(label=_("Valid until"), widget=DateInput, required=False)
    works_on_holidays = forms.BooleanField(label=_("Also on public holidays"), required=False)

    def __init__(
        self, *args: Any, schedule: Schedule | None = None, today: date | None = None, **kwargs: Any
    ) -> None:
        initial = self._initial(schedule) if schedule else {"valid_from": today}
        kwargs["initial"] = initial | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        _offer_services_and_units(self)
        for day in HOUR_ROWS:
            for part in (1, 2):
                for end, label in (("starts", _("from")), ("ends", _("until"))):
                    field = forms.TimeField(
                        required=False, widget=TimeInput, label=f"{WEEKDAYS[day]}, {label}"
                    )
                    self.fields[f"day{day}_{part}_{end}"] = field
        if not schedule:
            for name, value in {
                "slot_minutes": 20, "capacity": 1, "share_own": 40, "share_cluster": 50, "share_urgent": 10,
                "release_hours": 24,
            }.items():  # fmt: skip
                self.initial.setdefault(name, value)

    @staticmethod
    def _initial(schedule: Schedule) -> dict[str, Any]:
        names = (
            "room", "slot_minutes", "capacity", "share_own", "share_cluster", "share_urgent", "release_hours",
            "valid_from", "valid_to", "works_on_holidays",
        )  # fmt: skip
        initial = {name: getattr(schedule, name) for name in names}
        initial |= {
            "service": schedule.service_id,
            "practitioner": schedule.practitioner_id,
            "equipment": schedule.equipment_id,
        }
        parts: dict[int, int] = {}
        for hours in schedule.hours.all():
            part = parts[hours.weekday] = parts.get(hours.weekday, 0) + 1
            initial[f"day{hours.weekday}_{part}_starts"] = hours.starts
            initial[f"day{hours.weekday}_{part}_ends"] = hours.ends
        return initial

    def hour_rows(self) -> list[tuple[str, list]]:
        """Weekdays with their two stretches of bound fields, for the page."""
        return [
            (
                str(WEEKDAYS[day]),
                [(self[f"day{day}_{part}_starts"], self[f"day{day}_{part}_ends"]) for part in (1, 2)],
            )
            for day in HOUR_ROWS
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        hours = []
        for day in HOUR_ROWS:
            for part in (1, 2):
                starts, ends = data.get(f"day{day}_{part}_starts"), data.get(f"day{day}_{part}_ends")
                if (starts is None) != (ends is None):
                    missing = "ends" if ends is None else "starts"
                    self.add_error(f"day{day}_{part}_{missing}", _("Please give both times."))
                elif starts is not None:
                    if ends <= starts:
                        self.add_error(f"day{day}_{part}_ends", _("The end is not after the beginning."))
                    hours.append(Hours(day, starts, ends))
        data["hours"] = hours
        return data

    def values(self) -> dict[str, Any]:
        """What `create_schedule` and `update_schedule` take as `data`."""
        data = {
            name: value
            for name, value in self.cleaned_data.items()
            if not name.startswith("day") and name != "hours"
        }
        equipment = data["equipment"]
        return data | {
            "service": data["service"].pk,
            "practitioner": data["practitioner"].pk,
            "equipment": equipment and equipment.pk,
        }


class CopyForm(OfClinicForm):
    """A pattern once more: what is to be different."""

    practitioner = PersonField(label=_("Practitioner"), queryset=Practitioner.objects.none())
    service = forms.ModelChoiceField(label=_("Service"), queryset=Service.objects.none())
    room = forms.CharField(label=_("Room"), max_length=40, required=False)
    equipment = forms.ModelChoiceField(
        label=_("Needs equipment"), queryset=Equipment.objects.none(), required=False
    )
    valid_from = forms.DateField(label=_("Valid from"), widget=DateInput)
    valid_to = forms.DateField(label=_("Valid until"), widget=DateInput, required=False)

    def __init__(self, *args: Any, schedule: Schedule, today: date, **kwargs: Any) -> None:
        begins = max(today, schedule.valid_to + timedelta(days=1)) if schedule.valid_to else today
        initial = {
            "practitioner": schedule.practitioner_id, "service": schedule.service_id, "room": schedule.room,
            "equipment": schedule.equipment_id, "valid_from": begins,
        }  # fmt: skip
        kwargs["initial"] = initial | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        _offer_services_and_units(self)

    def values(self) -> dict[str, Any]:
        """What `copy_schedule` takes as `data`."""
        data = dict(self.cleaned_data)
        for name in ("practitioner", "service", "equipment"):
            data[name] = data[name] and data[name].pk
        return data


class DaysOffForm(forms.Form):
    """Which days off are closed, and one that only the region knows."""

    days = forms.MultipleChoiceField(
        label=_("Days off"), required=False, widget=forms.CheckboxSelectMultiple, error_messages={
            "invalid_choice": _("This day is not offered any more.")
        },
    )  # fmt: skip
    other_day = forms.DateField(
        label=_("Another day"), widget=DateInput, required=False,
        help_text=_("A day off of your region or town that is not in the list."),
    )  # fmt: skip
    comment = forms.CharField(
        label=_("What day it is"),
        max_length=300,
        required=False,
        help_text=_("Shown to colleagues in the schedule."),
    )

    def __init__(self, *args: Any, offered: Sequence[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["days"].choices = [(day.isoformat(), day.isoformat()) for day in offered]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        days = [date.fromisoformat(day) for day in data.get("days") or []]
        data["all"] = [*days, *filter(None, [data.get("other_day")])]
        if not data["all"] and not self.errors:
            self.add_error("days", _("Please choose at least one day."))
        return data


class EndForm(forms.Form):
    """With which day a pattern ends."""

    last_day = forms.DateField(label=_("Last day"), widget=DateInput)

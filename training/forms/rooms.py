"""Forms of rooms and their bookings. Days and times are typed by the room's own clock."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.forms.hours import HoursMixin
from clinics.models import Clinic
from clinics.selectors.wording import WEEKDAYS
from cluster_portal.web.acts import ReasonForm
from cluster_portal.web.forms import DateInput, TimeInput
from training.forms.programmes import RecordForm
from training.forms.specialists import words
from training.models import TeachingRoom
from training.selectors.recurrence import DAYS, rule_of
from training.services.rooms import FIELDS
from training.states import Feature, HallKind

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from training.models import RoomBooking

REPEATS = (
    ("", pgettext_lazy("repeats", "does not repeat")),
    ("DAILY", pgettext_lazy("repeats", "every day")),
    ("WEEKLY", pgettext_lazy("repeats", "every week")),
    ("MONTHLY", pgettext_lazy("repeats", "every month")),
)


class RoomForm(HoursMixin, RecordForm):
    """A room on record."""

    clinic = forms.ModelChoiceField(queryset=Clinic.objects.none())
    kind = forms.ChoiceField(choices=lambda: words(HallKind))
    features = forms.MultipleChoiceField(
        choices=lambda: words(Feature), required=False, widget=forms.CheckboxSelectMultiple
    )
    opening_hours = forms.CharField(required=False, widget=forms.HiddenInput)

    model, names = TeachingRoom, FIELDS
    widgets = {"closed_on": DateInput}

    def __init__(self, *args: Any, sites: QuerySet[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clinic"].queryset = sites
        self.fields["clinic"].label_from_instance = lambda site: site.short_name
        self.fields["release_after"].help_text = _("Where nobody has come by then. Empty: never.")
        self.add_hours(self.instance.opening_hours if self.instance else None)

    name_rows = property(lambda self: self.in_languages("name"))
    note_rows = property(lambda self: self.in_languages("note"))


class TimeForm(forms.Form):
    """A day and two times of it."""

    day = forms.DateField(label=_("Day"), widget=DateInput)
    starts = forms.TimeField(label=pgettext_lazy("time", "From"), widget=TimeInput)
    ends = forms.TimeField(label=pgettext_lazy("time", "Until"), widget=TimeInput)

    def __init__(self, *args: Any, room: TeachingRoom, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(room.time_zone)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if {"starts", "ends"} <= data.keys() and data["ends"] <= data["starts"]:
            self.add_error("ends", _("The end is not after the beginning."))
        return data

    def moments(self) -> dict[str, datetime]:
        """Arguments of the services."""
        data = self.cleaned_data
        return {name: datetime.combine(data["day"], data[name], self.zone) for name in ("starts", "ends")}


class RepeatForm(TimeForm):
    """A time that may repeat. `skip` names times that were seen to be taken and are to be left out."""

    repeats = forms.ChoiceField(label=_("Repeats"), choices=REPEATS, required=False)
    interval = forms.IntegerField(
        label=_("Every so many"), required=False, min_value=1, max_value=52,
        help_text=_("2 with weeks: every second week."),
    )  # fmt: skip
    weekdays = forms.MultipleChoiceField(
        label=_("On"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(code, name) for code, name in zip(DAYS, WEEKDAYS.values(), strict=True)],
        help_text=_("With weeks; none chosen: on the same weekday."),
    )  # fmt: skip
    until = forms.DateField(label=_("Last day"), required=False, widget=DateInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("repeats") and not data.get("until") and "until" not in self.errors:
            self.add_error("until", _("Please say until when it repeats."))
        return data

    def times(self) -> dict[str, Any]:
        """Arguments of the services: the first time and the rule."""
        data = self.cleaned_data
        if not data["repeats"]:
            return self.moments()
        days = data["weekdays"] if data["repeats"] == "WEEKLY" else ()
        until = datetime.combine(data["until"], time.max)
        rule = rule_of(data["repeats"], interval=data["interval"] or 1, days=days, until=until)
        return self.moments() | {"rule": rule}

    def skipped(self) -> set[datetime]:
        """Beginnings of times that the reader has seen to be taken."""
        named = self.data.getlist("skip") if hasattr(self.data, "getlist") else ()
        return {moment for moment in map(_moment, named) if moment}


class BookForm(RepeatForm):
    """Who wants a room, what for and when."""

    title = forms.CharField(label=pgettext_lazy("room booking", "What for"), max_length=200)
    people = forms.IntegerField(label=_("How many people"), required=False, min_value=1, max_value=5000)

    field_order = ("title", "people", "day", "starts", "ends")

    def values(self) -> dict[str, Any]:
        """Arguments of `book_room`."""
        return self.times() | {"title": self.cleaned_data["title"], "people": self.cleaned_data["people"]}


class CloseForm(RepeatForm):
    """Why a room is kept from everybody, and when."""

    reason = forms.CharField(label=_("Reason"), max_length=200)

    field_order = ("reason", "day", "starts", "ends")

    def values(self) -> dict[str, Any]:
        """Arguments of `close_room`."""
        return self.times() | {"reason": self.cleaned_data["reason"]}


class MoveForm(TimeForm):
    """Another time or room for a booking."""

    target = forms.ChoiceField(label=pgettext_lazy("teaching", "Room"))

    field_order = ("target", "day", "starts", "ends")

    def __init__(self, *args: Any, booking: RoomBooking, rooms: list[TeachingRoom], **kwargs: Any) -> None:
        super().__init__(*args, room=booking.room, **kwargs)
        self.fields["target"].choices = [
            (str(room.pk), f"{room.name}, {room.clinic.short_name} · {room.capacity}") for room in rooms
        ]
        self.zones = {str(room.pk): ZoneInfo(room.time_zone) for room in rooms}
        starts, ends = (moment.astimezone(self.zone) for moment in (booking.starts, booking.ends))
        self.initial = {
            "target": str(booking.room_id), "day": starts.date(), "starts": starts.time(), "ends": ends.time(),
        } | self.initial  # fmt: skip

    def values(self) -> dict[str, Any]:
        """Arguments of `move_booking`."""
        target = self.cleaned_data["target"]
        self.zone = self.zones[target]
        return self.moments() | {"room_id": UUID(target)}


class CancelForm(ReasonForm):
    """Why a room is given back."""

    and_later = forms.BooleanField(label=_("The later ones of the series too"), required=False)


def _moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None

"""Rooms for teaching: their calendar, the list, one room, and the addresses of their calendars."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from clinics.errors import FeedExists
from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from clinics.selectors.detail import hours_of
from clinics.views.feeds import CalendarView
from clinics.views.schedule import day_in
from cluster_portal.web.mixins import FragmentMixin, ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from training.forms import rooms as forms
from training.policies import READERS, teaching_room_policy
from training.selectors import room_calendar
from training.selectors import rooms as selectors
from training.services import rooms as services
from training.states import Feature, RoomBookingState

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from training.models import TeachingRoom

ROLES = tuple(READERS)
_S = RoomBookingState
#: Chips of the states.
TONES = {
    _S.PENDING: "warn", _S.CONFIRMED: "good", _S.TAKEN_UP: "accent", _S.BLOCKED: "neutral", _S.REJECTED: "danger",
    _S.CANCELLED: "neutral", _S.RELEASED: "neutral",
}  # fmt: skip
YEAR = timedelta(days=365)
#: Bookings that a room's own page shows.
SHOWN = 10


def coloured(bookings: list[Any]) -> list[dict[str, Any]]:
    """Bookings as lists show them."""
    return [{"booking": row, "tone": TONES[row.state]} for row in bookings]


class CalendarPageView(SignedInMixin, FragmentMixin, TemplateView):
    """Who has which room, by day, week or month."""

    roles = ROLES
    template_name = "training/rooms/calendar.html"
    fragment_name = "training/rooms/_calendar.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor, asked = self.request.actor, self.request.GET
        every = selectors.rooms_in_use(actor, today_at(current_cluster().time_zone))
        chosen = asked.get("room", "")
        rooms = [room for room in every if str(room.pk) == chosen] or every
        today = today_at(selectors.rooms_clock(rooms))
        kinds = {
            room_calendar.DAY: _("Day"), room_calendar.WEEK: _("Week"), room_calendar.MONTH: _("Month"),
        }  # fmt: skip
        kind = asked.get("view") if asked.get("view") in kinds else room_calendar.WEEK
        # Where another page would lead out of the calendar there is none.
        day = min(max(day_in(asked.get("day"), today), today - 40 * YEAR), today + 40 * YEAR)
        shown = room_calendar.calendar_of(actor, rooms, kind, day, current_cluster().country)
        lines = (
            [(cell, room_calendar.stretches(cell)) for cell in shown.columns[0].cells]
            if kind == "day"
            else []
        )
        return super().get_context_data(
            **kwargs, calendar=shown, kinds=list(kinds.items()), today=today, rooms=every, lines=lines,
            chosen=chosen if len(rooms) < len(every) else "", tones=TONES,
            may_book=teaching_room_policy.may(actor, "book"), may_keep=teaching_room_policy.may(actor, "create"),
        )  # fmt: skip


class RoomsView(SignedInMixin, TemplateView):
    """The rooms with their places and equipment."""

    roles = ROLES
    template_name = "training/rooms/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        words = dict(Feature.choices)
        page = page_of(
            self.request, selectors.visible_rooms(actor).order_by(*selectors.ORDER), selectors.ORDER
        )
        page.items = [{"room": row, "features": [words[code] for code in row.features]} for row in page.items]
        return super().get_context_data(
            **kwargs, page=page, may_keep=teaching_room_policy.may(actor, "create"),
            may_book=teaching_room_policy.may(actor, "book"),
        )  # fmt: skip


class RoomView(SignedInMixin, TemplateView):
    """One room: what it has, who has it next."""

    roles = ROLES
    template_name = "training/rooms/room.html"
    address = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        room = selectors.see_room(actor, self.kwargs["pk"])
        words = dict(Feature.choices)
        coming = selectors.listed(actor).filter(room=room, state__in=selectors.SHOWN)
        return super().get_context_data(
            **kwargs, room=room, features=[words[code] for code in room.features], hours=hours_of(room),
            coming=coloured(coming[:SHOWN]), feed=selectors.own_feed(actor, room), address=self.address,
            may_keep=teaching_room_policy.may(actor, "create"), may_book=teaching_room_policy.may(actor, "book"),
        )  # fmt: skip


class FeedView(RoomView):
    """Make an address of a room's calendar; it is shown on the page that answers, and never again."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        try:
            _feed, secret = services.open_room_feed(request.actor, room_id=pk)
        except FeedExists as error:
            return go(request, "training:room", pk, message=str(error))
        self.address = request.build_absolute_uri(reverse("training:room_ics", args=[secret]))
        return self.render_to_response(self.get_context_data())


class FeedRevokeView(SignedInMixin, View):
    """Take an address back."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        feed = services.revoke_room_feed(request.actor, feed_id=pk)
        return go(request, "training:room", feed.room_id, message=_("The address no longer works"))


class RoomCalendarView(CalendarView):
    """A room's calendar for whoever knows its address."""

    find, entries = staticmethod(selectors.room_feed_by), staticmethod(selectors.room_entries)
    title = staticmethod(str)

    def time_zone(self, feed: Any) -> str:
        return feed.room.time_zone


class RoomFormView(ServiceFormMixin, SignedInMixin, FormView):
    """Put a room on record, or correct it."""

    form_class = forms.RoomForm
    template_name = "training/rooms/form.html"
    room: TeachingRoom | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if pk := kwargs.get("pk"):
            self.room = selectors.room_to_edit(request.actor, pk)
        else:
            teaching_room_policy.require(request.actor, "create")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.room, "sites": selectors.sites()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("training:room", args=[self.room.pk]) if self.room else reverse("training:rooms")
        return super().get_context_data(**kwargs, room=self.room, back=back)

    def perform(self, form: forms.RoomForm) -> HttpResponse:
        actor = self.request.actor
        if self.room:
            services.update_room(actor, room_id=self.room.pk, data=form.values())
        else:
            self.room = services.add_room(actor, data=form.values())
        return go(self.request, "training:room", self.room.pk, message=_("Saved"))

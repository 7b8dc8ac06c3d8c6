"""Booking a room, and what becomes of a booking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, npgettext, pgettext_lazy
from django.views.generic import FormView, TemplateView

from clinics.selectors.calendar import today_at
from cluster_portal.accounts.roles import Role
from cluster_portal.web.acts import Act, ReasonForm, StepMixin
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from training.errors import RoomTaken
from training.forms import rooms as forms
from training.policies import room_booking_policy
from training.selectors import rooms as selectors
from training.selectors.recurrence import occurrences, words_of
from training.services import room_bookings as services
from training.states import RoomBookingState
from training.views.nominations import tabs_of
from training.views.rooms import ROLES, TONES, coloured

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from training.models import RoomBooking, TeachingRoom


ACTS = {
    "confirm": Act(services.confirm_booking, pgettext_lazy("room booking", "Confirm"), "check",
                   gettext_lazy("Others who asked for this time are told that the room is given away.")),
    "take_up": Act(services.take_up_booking, gettext_lazy("We are here"), "door-enter",
                   gettext_lazy("The room is not released then.")),
    "reject": Act(services.reject_booking, pgettext_lazy("room booking", "Refuse"), "ban",
                  gettext_lazy("Who asked for the room sees the reason."), form=ReasonForm, danger=True),
    "cancel": Act(services.cancel_booking, gettext_lazy("Give the room back"), "calendar-x",
                  gettext_lazy("The room is free for others at once."), form=forms.CancelForm, danger=True),
    "reopen": Act(services.reopen_room, gettext_lazy("Open the room again"), "lock-open",
                  gettext_lazy("The room can be booked again at this time.")),
}  # fmt: skip


class BookingsView(SignedInMixin, TemplateView):
    """Bookings by state: requests that wait for the training office first, an organisation its own."""

    roles = ROLES
    template_name = "training/rooms/bookings.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor, asked = self.request.actor, self.request.GET
        state = asked.get("state", "")
        state = state if state in RoomBookingState.values else ""
        own, past = not actor.has(Role.TRAINING, Role.OFFICE), asked.get("when") == "past"
        rows = selectors.listed(actor, state, own=own, past=past)
        page = page_of(self.request, rows, selectors.PAST_ORDER if past else selectors.COMING_ORDER)
        page.items = coloured(page.items)
        counts = selectors.counted(actor, own=own, past=past)
        path = f"{self.request.path}?when={'past' if past else 'coming'}"
        return super().get_context_data(
            **kwargs,
            page=page,
            past=past,
            tabs=tabs_of(RoomBookingState, counts, state, path, everything=True),
        )


class BookingView(SignedInMixin, TemplateView):
    """One booking."""

    roles = ROLES
    template_name = "training/rooms/booking.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        booking = selectors.see_booking(actor, pk)
        return super().get_context_data(
            **kwargs, booking=booking, tone=TONES[booking.state], may_move=selectors.may_move(actor, booking),
            day=today_at(booking.room.time_zone, booking.starts).isoformat(),
            rule=words_of(booking.series.rule) if booking.series else "",
            acts=[(name, ACTS[name]) for name in selectors.booking_actions(actor, booking)],
        )  # fmt: skip


class BookView(ServiceFormMixin, SignedInMixin, FormView):
    """Book a room. Times that cannot be had are listed, and left out only by a button that says so."""

    form_class: type[forms.RepeatForm] = forms.BookForm
    template_name = "training/rooms/book.html"
    service = staticmethod(services.book_room)
    is_block = False
    room: TeachingRoom

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.room = self.find(request, kwargs["pk"])
        self.looked: list[selectors.Occurrence] = []

    def find(self, request: HttpRequest, pk: uuid.UUID) -> TeachingRoom:
        return selectors.room_to_book(request.actor, pk)

    def get_initial(self) -> dict[str, Any]:
        return {
            name: self.request.GET[name] for name in ("day", "starts", "ends") if name in self.request.GET
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"room": self.room}

    def perform(self, form: forms.RepeatForm) -> HttpResponse:
        values = form.values()
        if "look" in self.request.POST:
            self._look(values)
            return self.render_to_response(self.get_context_data(form=form))
        try:
            made = type(self).service(self.request.actor, room_id=self.room.pk, **values, skip=form.skipped())
        except RoomTaken:
            self._look(values)
            raise
        return go(self.request, "training:room_booking", made[0].pk, message=self.told(made))

    def told(self, made: list[RoomBooking]) -> str:
        """What is said of what was booked."""
        if made[0].state == RoomBookingState.PENDING:
            return _("The training office is asked and answers in the list of bookings")
        return npgettext("room", "Booked", "Booked %(n)d times", len(made)) % {"n": len(made)}

    def _look(self, values: dict[str, Any]) -> None:
        times = occurrences(values["starts"], values["ends"], values.get("rule", ""), self.room.time_zone)
        self.looked = selectors.look_at_times(self.room, times, is_block=self.is_block)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        refused = [one for one in self.looked if one.why]
        return super().get_context_data(
            **kwargs, room=self.room, looked=self.looked, refused=refused, is_block=self.is_block,
            free=len(self.looked) - len(refused), back=reverse("training:room", args=[self.room.pk]),
        )  # fmt: skip


class CloseView(BookView):
    """Keep a room from everybody."""

    form_class = forms.CloseForm
    service = staticmethod(services.close_room)
    is_block = True

    def find(self, request: HttpRequest, pk: uuid.UUID) -> TeachingRoom:
        return selectors.room_to_edit(request.actor, pk)

    def told(self, made: list[RoomBooking]) -> str:
        return npgettext("room", "Closed", "Closed %(n)d times", len(made)) % {"n": len(made)}


class _BookingFormView(ServiceFormMixin, SignedInMixin, FormView):
    """A form about a booking; the address or `action` names what the actor has to be allowed."""

    action = ""
    booking: RoomBooking

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.booking = selectors.see_booking(request.actor, kwargs["pk"])
        room_booking_policy.get(request.actor, kwargs.get("action", self.action), kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("training:room_booking", args=[self.booking.pk])
        return super().get_context_data(**kwargs, booking=self.booking, room=self.booking.room, back=back)

    def done(self, message: Any = None) -> HttpResponse:
        return go(self.request, "training:room_booking", self.booking.pk, message=message or _("Done"))


class MoveView(_BookingFormView):
    """Another time or room."""

    action = "move"
    form_class = forms.MoveForm
    template_name = "training/rooms/move.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        rooms = selectors.rooms_in_use(self.request.actor, today_at(self.booking.room.time_zone))
        return super().get_form_kwargs() | {"booking": self.booking, "rooms": rooms}

    def perform(self, form: forms.MoveForm) -> HttpResponse:
        services.move_booking(self.request.actor, booking_id=self.booking.pk, **form.values())
        return self.done()


class StepView(StepMixin, _BookingFormView):
    """A step by the state table."""

    template_name = "training/rooms/step.html"
    acts, key = ACTS, "booking_id"

    def get_form(self, form_class: type | None = None) -> Any:
        form = super().get_form(form_class)
        if self.booking.series_id is None:
            form.fields.pop("and_later", None)
        return form

"""Today's arrivals: one line a visit, one click a mark."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from clinics.selectors.calendar import today_at
from cluster_portal.common.errors import IllegalTransition, NotFound, PortalError
from cluster_portal.web import menu
from cluster_portal.web.mixins import SignedInMixin, go
from patients.policies import STAFF
from patients.selectors.arrivals import arrival_of, arrivals, reception_clinics
from patients.services.actions import available_actions, perform
from patients.states import BookingState

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest

    from cluster_portal.common.actor import Actor
    from patients.models import Booking

MARKS = ("arrive", "no_show")


def line(actor: Actor, booking: Booking) -> dict[str, Any]:
    """A visit as its line shows it: what can be marked now, and what it is."""
    referral = booking.referral
    current = booking.state in (BookingState.BOOKED, BookingState.ARRIVED)
    possible = available_actions(actor, referral) if current else []
    return {
        "booking": booking,
        "referral": referral,
        "patient": booking.patient,
        "practitioner": booking.slot.practitioner,
        "zone": booking.clinic.time_zone,
        "past": booking.end < timezone.now(),
        "arrive": "arrive" in possible,
        "no_show": "no_show" in possible,
        "complete": "complete" in possible,
    }


class ArrivalsView(SignedInMixin, TemplateView):
    """The visits of a day at one clinic of the organisation, by time."""

    roles = tuple(STAFF)
    template_name = "patients/arrivals.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        clinics = reception_clinics(actor)
        asked = self.request.GET.get("clinic", "")
        clinic = next((c for c in clinics if str(c.pk) == asked), clinics[0] if clinics else None)
        if clinic is None:
            return super().get_context_data(**kwargs, clinics=[], clinic=None, lines=[])
        today = today_at(clinic.time_zone)
        try:
            day = date.fromisoformat(self.request.GET.get("day", ""))
        except ValueError:
            day = today
        lines = [line(actor, booking) for booking in arrivals(actor, clinic, day)]
        states = Counter(item["booking"].state for item in lines)
        return super().get_context_data(
            **kwargs,
            clinics=clinics,
            clinic=clinic,
            day=day,
            is_today=day == today,
            yesterday=day - timedelta(days=1),
            tomorrow=day + timedelta(days=1),
            lines=lines,
            expected=states[BookingState.BOOKED],
            came=states[BookingState.ARRIVED] + states[BookingState.FULFILLED],
            missed=states[BookingState.NO_SHOW],
            now_line=sum(item["booking"].start <= timezone.now() for item in lines),
        )


class MarkArrivalView(SignedInMixin, View):
    """One click: the patient has come, or did not. Answers with the line for htmx, else with the list."""

    roles = tuple(STAFF)
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: uuid.UUID, action: str) -> HttpResponse:
        if action not in MARKS:
            raise Http404
        refusal: PortalError | None = None
        try:
            perform(request.actor, referral_id=pk, action=action, data={})
        except IllegalTransition as error:
            # Marked already, here or by a colleague: the line shows how.
            refusal = error
        booking = arrival_of(request.actor, pk)
        if booking is None:
            raise refusal or NotFound()
        if not request.htmx:
            words = None if refusal else _("Marked.")
            address = f"{reverse('patients:arrivals')}?clinic={booking.clinic_id}&day={self._day(booking)}"
            return go(request, address, message=words)
        menu.forget_counters(request.actor)
        context = {"line": line(request.actor, booking), "announce": True}
        return render(request, "patients/_arrival.html", context)

    def _day(self, booking: Booking) -> date:
        return today_at(booking.clinic.time_zone, booking.start)

"""Today's arrivals: one line a visit, one click a mark."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from clinics.selectors.calendar import today_at
from cluster_portal.common.errors import IllegalTransition, NotFound, PortalError
from cluster_portal.reports.exports import control
from cluster_portal.web import menu
from cluster_portal.web.mixins import SignedInMixin, go
from patients.policies import STAFF
from patients.selectors.arrivals import arrival_of, arrivals, reception_clinics, visits_by_clinic
from patients.services.actions import available_actions, perform
from patients.states import BookingState

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest

    from clinics.models import Clinic
    from cluster_portal.common.actor import Actor
    from patients.models import Booking

MARKS = ("arrive", "no_show")
#: The clinic whose list was chosen last in this session.
CLINIC_KEY = "arrivals_clinic"


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
    """The visits of a day at one clinic of the organisation, by time.

    Without a clinic in the address it is the one chosen last in this session, else the one with the most visits.
    """

    roles = tuple(STAFF)
    template_name = "patients/arrivals.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        clinics = reception_clinics(actor)
        if not clinics:
            return super().get_context_data(**kwargs, tabs=[], clinic=None, lines=[])
        asked = self._day_asked()
        visits = visits_by_clinic(actor, clinics, asked) if len(clinics) > 1 else {}
        clinic = self._clinic(clinics, visits)
        today = today_at(clinic.time_zone)
        day = asked or today
        lines = [line(actor, booking) for booking in arrivals(actor, clinic, day)]
        states = Counter(item["booking"].state for item in lines)
        return super().get_context_data(
            **kwargs,
            tabs=self._tabs(clinics, clinic, visits),
            clinic=clinic,
            day=day,
            is_today=day == today,
            yesterday=day - timedelta(days=1),
            tomorrow=day + timedelta(days=1),
            lines=lines,
            export=control(actor, "patients.arrivals", QueryDict(), clinic=clinic.pk, day=day),
            expected=states[BookingState.BOOKED],
            came=states[BookingState.ARRIVED] + states[BookingState.FULFILLED],
            missed=states[BookingState.NO_SHOW],
            now_line=sum(item["booking"].start <= timezone.now() for item in lines),
        )

    def _day_asked(self) -> date | None:
        try:
            return date.fromisoformat(self.request.GET.get("day", ""))
        except ValueError:
            return None

    def _clinic(self, clinics: list[Clinic], visits: dict[uuid.UUID, int]) -> Clinic:
        by_id = {str(clinic.pk): clinic for clinic in clinics}
        asked = self.request.GET.get("clinic", "")
        if asked in by_id:
            if self.request.session.get(CLINIC_KEY) != asked:
                self.request.session[CLINIC_KEY] = asked
            return by_id[asked]
        last = by_id.get(self.request.session.get(CLINIC_KEY, ""))
        return last or max(clinics, key=lambda clinic: visits.get(clinic.pk, 0))

    def _tabs(
        self, clinics: list[Clinic], current: Clinic, visits: dict[uuid.UUID, int]
    ) -> list[dict[str, Any]]:
        """The clinics to choose from, each with its number of visits on the day shown."""
        if len(clinics) < 2:
            return []
        query = self.request.GET.copy()
        found = []
        for clinic in clinics:
            query["clinic"] = str(clinic.pk)
            found.append(
                {
                    "label": clinic.short_name,
                    "url": f"?{query.urlencode()}",
                    "current": clinic == current,
                    "count": visits.get(clinic.pk, 0),
                }
            )
        return found


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

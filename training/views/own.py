"""Somebody's own training, and calendars of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from clinics.selectors.cluster import current_cluster
from clinics.views.feeds import CalendarView, calendar_response
from cluster_portal.web.mixins import SignedInMixin, go
from training.selectors import feeds
from training.selectors.certificates import credits_of
from training.selectors.nominations import own_training
from training.selectors.programmes import see_intake
from training.services.feeds import open_training_feed, revoke_training_feed
from training.states import THERE, PaperKind
from training.views.attendance import own_code
from training.views.nominations import TONES

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from training.models import Nomination, TrainingFeed
    from training.selectors.nominations import Own


class OwnView(SignedInMixin, TemplateView):
    """Offers to answer, what is to come with one's own code, papers, certificates, credits."""

    template_name = "training/nominations/own.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        files = own_training(actor)
        return super().get_context_data(
            **kwargs,
            files=[_shown(own) for own in files],
            credits=credits_of([own.specialist.pk for own in files]) if files else None,
            feed=feeds.feed_of(actor),
            may_subscribe=bool(files),
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """A new address of the calendar: shown on the page that answers, and never again. `revoke` takes it back."""
        if "revoke" in request.POST:
            revoke_training_feed(request.actor)
            return go(request, "training:own", message=_("The address no longer works"))
        address = request.build_absolute_uri(
            reverse("training:own_calendar", args=[open_training_feed(request.actor)])
        )
        return self.render_to_response(self.get_context_data(address=address))


def _shown(own: Own) -> dict[str, Any]:
    papers, today = dict(PaperKind.choices), timezone.now()
    return {
        "own": own,
        "coming": [
            {
                "nomination": row,
                "tone": TONES[row.state],
                "missing": [papers[kind] for kind in own.missing.get(row.pk, ())],
                "code": own_code(row.pk) if _is_near(row, today) else "",
            }
            for row in own.coming
        ],
        "rankable": len(own.offers) + len(own.waiting),
        "waiting": [{"nomination": row, "tone": TONES[row.state]} for row in own.waiting],
        "past": [{"nomination": row, "tone": TONES[row.state]} for row in own.past],
    }


def _is_near(nomination: Nomination, now: Any) -> bool:
    """Whether the own code is of use: the seat is confirmed, and the intake begins within a day or has begun."""
    return nomination.state in THERE and (nomination.starts_on - now.date()).days <= 1


class OwnCalendarView(CalendarView):
    """The calendar of somebody's sessions, for whoever knows its address."""

    find, entries = staticmethod(feeds.feed_by), staticmethod(feeds.own_entries)

    def title(self, feed: TrainingFeed) -> str:
        return _("My training")

    def time_zone(self, feed: TrainingFeed) -> str:
        return current_cluster().time_zone


class IntakeCalendarView(View):
    """The agenda of an intake as a calendar, for everybody who sees the intake."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        intake = see_intake(request.actor, pk)
        return calendar_response(
            request,
            feeds.entries_of(intake),
            title=intake.programme.title,
            time_zone=intake.time_zone,
            name="agenda",
        )

"""Calendars to subscribe to: one's addresses, and what stands behind one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.generic import FormView, View

from clinics.forms.feeds import FeedForm
from clinics.papers.icalendar import CONTENT_TYPE, calendar
from clinics.selectors.feeds import entries_of, feed_by, feeds_of, title_of
from clinics.selectors.week import own_clinics
from clinics.services.feeds import note_reading, open_feed, revoke_feed
from clinics.views.schedule import clinic_in
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import NotFound
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from clinics.selectors.feeds import Entry


class FeedsView(SignedInMixin, ServiceFormMixin, FormView):
    """One's addresses of calendars. A new one is shown on the page that answers, and never again."""

    template_name = "clinics/feeds.html"
    form_class = FeedForm
    address = ""

    def get_form_kwargs(self) -> dict[str, Any]:
        self.clinics = own_clinics(self.request.actor)
        self.clinic = clinic_in(self.request, self.clinics)
        if self.clinic is None:
            raise NotFound
        return super().get_form_kwargs() | {"clinic": self.clinic}

    def perform(self, form: FeedForm) -> HttpResponse:
        feed, secret = open_feed(self.request.actor, clinic_id=self.clinic.pk, **form.whose())
        self.address = self.request.build_absolute_uri(reverse("clinics:ics", args=[secret]))
        return self.render_to_response(self.get_context_data(form=form, made=feed))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        feeds = [(feed, title_of(feed)) for feed in feeds_of(self.request.actor)]
        back = f"{reverse('clinics:schedule')}?clinic={self.clinic.pk}"
        return context | {
            "clinic": self.clinic, "clinics": self.clinics, "feeds": feeds, "address": self.address, "back": back,
        }  # fmt: skip


class FeedRevokeView(SignedInMixin, View):
    """Take an address back."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        revoke_feed(request.actor, feed_id=pk)
        return go(request, "clinics:feeds", message=_("The address no longer works"))


class CalendarView(View):
    """A calendar for whoever knows its address. Without changes since the last reading: 304."""

    http_method_names = ["get", "head", "options"]
    #: What the calendar is found, named and filled by, and whose clock it has.
    find, title, entries = staticmethod(feed_by), staticmethod(title_of), staticmethod(entries_of)

    def time_zone(self, feed: Any) -> str:
        return feed.clinic.time_zone

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        feed = self.find(token)
        if feed is None:
            raise Http404
        note_reading(SYSTEM, feed=feed)
        with translation.override(feed.language):
            return calendar_response(
                request,
                self.entries(feed),
                title=self.title(feed),
                time_zone=self.time_zone(feed),
                name="schedule",
            )


def calendar_response(
    request: HttpRequest, entries: Iterable[Entry], *, title: str, time_zone: str, name: str
) -> HttpResponse:
    """A calendar as a file `name`.ics, or 304 where the program has it already."""
    domain = urlsplit(settings.PUBLIC_URL).hostname or "portal"
    body = calendar(entries, title=title, time_zone=time_zone, domain=domain)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response)

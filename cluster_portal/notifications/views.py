"""Notices of the signed-in person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from cluster_portal.notifications.selectors import ORDER, notices_of, wants_email
from cluster_portal.notifications.services import mark_all_read, open_notice, set_email
from cluster_portal.web import menu
from cluster_portal.web.middleware import ORGANIZATION_KEY
from cluster_portal.web.mixins import SignedInMixin, go
from cluster_portal.web.pagination import page_of

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse


class NoticeList(SignedInMixin, TemplateView):
    """All notices, or those not read yet, latest first."""

    template_name = "notifications/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor, unread = self.request.actor, self.request.GET.get("show") == "unread"
        page = page_of(self.request, notices_of(actor, unread=unread), ORDER)
        names = dict(actor.memberships)
        for notice in page:
            elsewhere = notice.organization_id and notice.organization_id != actor.organization_id
            notice.organization_name = names.get(notice.organization_id, "") if elsewhere else ""
        waiting = menu.counters(actor).get("notices.unread", 0)
        tabs = [
            {"label": _("All notices"), "url": self.request.path, "current": not unread, "count": None},
            {
                "label": _("Not read"),
                "url": f"{self.request.path}?show=unread",
                "current": unread,
                "count": waiting,
            },
        ]
        return super().get_context_data(
            page=page,
            tabs=tabs,
            unread=unread,
            waiting=waiting,
            by_email=wants_email(actor.user_id),
            **kwargs,
        )


class OpenNotice(SignedInMixin, View):
    """Lead to what a notice is about. Opening it is reading it, from the list and from an e-mail alike.

    Where it concerns another of the person's organisations, the person acts for that one from here on.
    """

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        notice = open_notice(request.actor, notice_id=pk)
        menu.forget_counters(request.actor)
        other = notice.organization_id
        if other != request.actor.organization_id and other in dict(request.actor.memberships):
            request.session[ORGANIZATION_KEY] = str(other)
        here = url_has_allowed_host_and_scheme(notice.url, None)
        return HttpResponseRedirect(notice.url if here else "/")


class MarkAllRead(SignedInMixin, View):
    """All notices are read."""

    def post(self, request: HttpRequest) -> HttpResponse:
        mark_all_read(request.actor)
        return go(request, "notifications:list", message=_("All notices are marked as read."))


class SetEmail(SignedInMixin, View):
    """Notices by e-mail: on or off."""

    def post(self, request: HttpRequest) -> HttpResponse:
        on = request.POST.get("on") == "1"
        set_email(request.actor, on=on)
        text = _("Notices will come by e-mail too.") if on else _("Notices will no longer come by e-mail.")
        return go(request, "notifications:list", message=text)

"""Messages between the clinics: the thread on a referral's page, and all threads."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from cluster_portal.common.errors import PortalError
from cluster_portal.web import menu
from cluster_portal.web.mixins import PAGE_ERRORS, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from patients.policies import STAFF, referral_policy
from patients.selectors.messages import ORDER, messages_of, threads
from patients.selectors.referrals import see_referral
from patients.services.messages import read_messages, write_message

if TYPE_CHECKING:
    from django.http import HttpRequest

    from cluster_portal.common.actor import Actor
    from patients.models import Referral


def thread(actor: Actor, referral: Referral, *, text: str = "", error: str = "") -> dict[str, Any]:
    """What the panel of messages shows. `may_write` where there is another side and the actor stands on one of them."""
    found = list(messages_of(referral))
    for message in found:
        message.is_ours = message.organization_id == actor.organization_id
        message.is_new = (
            message.addressee_id == actor.organization_id
            and message.read_at is None
            and (message.author_id is None or message.author_id != actor.user_id)
        )
    sides = (referral.source_organization_id, referral.target_organization_id)
    return {
        "messages": found,
        "unread": sum(message.is_new for message in found),
        "may_write": actor.organization_id in sides
        and None not in sides
        and referral.submitted_at is not None,
        "key": uuid.uuid4(),
        "text": text,
        "error": error,
    }


class _ThreadView(SignedInMixin, View):
    """Does something to a thread and shows it anew: the panel for htmx, the referral's page otherwise."""

    roles = tuple(STAFF)
    http_method_names = ("post",)

    def answer(self, request: HttpRequest, pk: uuid.UUID, **words: str) -> HttpResponse:
        menu.forget_counters(request.actor)
        status = 422 if words.get("error") else 200
        if not request.htmx and status == 200:
            return go(request, reverse("patients:referral", args=[pk]) + "#messages")
        referral = see_referral(request.actor, pk)
        context = {"referral": referral, "thread": thread(request.actor, referral, **words)}
        template = "patients/_messages.html" if request.htmx else "patients/message_form.html"
        return render(request, template, context, status=status)


class WriteMessageView(_ThreadView):
    """Write to the other clinic; what was typed stays when it is refused."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        text = request.POST.get("text", "")
        try:
            key = uuid.UUID(request.POST.get("key", ""))
        except ValueError:
            key = None
        try:
            write_message(request.actor, referral_id=pk, text=text, key=key)
        except PAGE_ERRORS:
            raise
        except PortalError as error:
            detail = getattr(error, "errors", {}).get("text", [error.detail])[0]
            return self.answer(request, pk, text=text, error=str(detail))
        return self.answer(request, pk)


class ReadMessagesView(_ThreadView):
    """What was written to us is read."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        read_messages(request.actor, referral_id=pk)
        return self.answer(request, pk)


class ThreadsView(SignedInMixin, TemplateView):
    """Referrals with messages, the latest first; those with unread ones alone by default where there are any."""

    roles = tuple(STAFF)
    template_name = "patients/messages.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        referral_policy.require(actor, "list")
        unread = self.request.GET.get("show") == "unread"
        page = page_of(self.request, threads(actor, unread=unread), ORDER)
        waiting = menu.counters(actor).get("messages.unread", 0)
        tabs = [
            {"label": _("All messages"), "url": self.request.path, "current": not unread, "count": None},
            {
                "label": _("Not read"),
                "url": f"{self.request.path}?show=unread",
                "current": unread,
                "count": waiting,
            },
        ]
        return super().get_context_data(page=page, tabs=tabs, unread=unread, **kwargs)

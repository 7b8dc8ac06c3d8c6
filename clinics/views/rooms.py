"""Rooms that are closed for some days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View

from clinics.forms.schedule import CloseRoomForm
from clinics.occupants import moving_url
from clinics.selectors.schedules import rooms_to_close
from clinics.services.room_closures import close_room, reopen_room
from clinics.views.patterns import patterns_url
from clinics.views.schedule import PlannerFormView, back
from cluster_portal.web.mixins import SignedInMixin, go

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse


class CloseRoomView(PlannerFormView):
    """Close a room for some days."""

    template_name = "clinics/close_room.html"
    form_class = CloseRoomForm
    may_keep = True

    def get_form_kwargs(self) -> dict[str, Any]:
        arguments = super().get_form_kwargs() | {"rooms": rooms_to_close(self.request.actor, self.clinic)}
        del arguments["clinic"]
        return arguments

    def work(self, form: CloseRoomForm) -> HttpResponse:
        data = form.cleaned_data
        close_room(self.request.actor, room_id=data.pop("room").pk, keep_booked=self.keep_booked, **data)
        moving = self.keep_booked and moving_url(self.request.actor, self.clinic.pk, None)
        return go(
            self.request,
            moving or patterns_url(self.clinic.pk),
            message=_("The room is closed on these days."),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"back": patterns_url(self.clinic.pk)}


class ReopenRoomView(SignedInMixin, View):
    """Take a closure back."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: uuid.UUID, closure: uuid.UUID) -> HttpResponse:
        count = reopen_room(request.actor, room_id=pk, closure_id=closure)
        message = ngettext("%(count)d slot opened", "%(count)d slots opened", count) % {"count": count}
        return go(request, back(request), message=message)

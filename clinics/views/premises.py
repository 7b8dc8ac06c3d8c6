"""What a site consists of: its rooms, beds, links and photographs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from clinics.errors import StrandedBookings
from clinics.forms.premises import BedsForm, LinkForm, PhotoForm, RoomForm
from clinics.occupants import moving_url
from clinics.policies import clinic_policy, link_policy
from clinics.selectors import premises as selectors
from clinics.selectors.calendar import today_at
from clinics.selectors.slots import slots_of
from clinics.services import premises as services
from clinics.views.schedule import booked_rows
from cluster_portal.files.responses import download
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from django.http import FileResponse, HttpRequest, HttpResponse

    from clinics.models import Clinic

#: How long a browser may keep a photograph, in seconds: its address is of this very content.
KEEP_PHOTO = 24 * 3600


class PremisesView(SignedInMixin, TemplateView):
    """Rooms, beds with their history, links and photographs of a clinic."""

    template_name = "clinics/premises/detail.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        clinic = selectors.clinic_to_furnish(actor, pk)
        return super().get_context_data(
            **kwargs,
            clinic=clinic,
            premises=selectors.premises_of(actor, clinic),
            may_link=clinic_policy.allows(actor, "edit", clinic),
        )


class _PartView(ServiceFormMixin, SignedInMixin, FormView):
    """A form about one part of a clinic."""

    template_name = "clinics/premises/form.html"
    title: Any
    submit: Any = gettext_lazy("Save")

    def clinic(self) -> Clinic:
        return selectors.clinic_to_furnish(self.request.actor, self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.clinic()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.clinic()
        return super().post(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return reverse("clinics:premises", args=[self.clinic().pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        clinic = self.clinic()
        return super().get_context_data(
            **kwargs, clinic=clinic, title=self.title, submit=self.submit,
            back=reverse("clinics:premises", args=[clinic.pk]),
        )  # fmt: skip


class NewRoomView(_PartView):
    """Enter a room."""

    form_class, title = RoomForm, gettext_lazy("New room")
    success_message = gettext_lazy("The room is entered.")

    def perform(self, form: RoomForm) -> None:
        services.create_room(self.request.actor, clinic_id=self.kwargs["pk"], **form.arguments())


class RoomView(_PartView):
    """Change a room, or end it."""

    form_class, title = RoomForm, gettext_lazy("Room")
    in_the_way: Sequence[Any] = ()
    success_message = gettext_lazy("The room is changed.")

    def clinic(self) -> Clinic:
        return selectors.room_to_edit(self.request.actor, self.kwargs["pk"]).clinic

    def get_form_kwargs(self) -> dict[str, Any]:
        room = selectors.room_to_edit(self.request.actor, self.kwargs["pk"])
        return super().get_form_kwargs() | {"instance": room}

    def perform(self, form: RoomForm) -> None:
        # The button that says so stands on the page only after the bookings in the way were listed.
        keep = "keep_booked" in self.request.POST
        try:
            services.update_room(
                self.request.actor, room_id=self.kwargs["pk"], **form.arguments(), keep_booked=keep
            )
        except StrandedBookings as error:
            slots = slots_of([row["slot"] for row in error.extra["slots"]])
            self.in_the_way = booked_rows(self.request.actor, slots)
            raise

    def get_success_url(self) -> str:
        moving = "keep_booked" in self.request.POST and moving_url(self.request.actor, self.clinic().pk, None)
        return moving or super().get_success_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, in_the_way=self.in_the_way, keep=True)


class BedsView(_PartView):
    """From a day on there are so many beds of a profile."""

    form_class, title = BedsForm, gettext_lazy("Number of beds")
    success_message = gettext_lazy("The number of beds is entered.")

    def get_initial(self) -> dict[str, Any]:
        return {
            "valid_from": today_at(self.clinic().time_zone),
            "profile": self.request.GET.get("profile"),
        }

    def perform(self, form: BedsForm) -> None:
        services.set_beds(self.request.actor, clinic_id=self.kwargs["pk"], **form.arguments())


class LinkView(_PartView):
    """Which clinic takes what this one cannot do."""

    form_class, title = LinkForm, gettext_lazy("Link with another clinic")
    submit = gettext_lazy("Link the clinics")
    success_message = gettext_lazy("The clinics are linked.")

    def clinic(self) -> Clinic:
        return selectors.clinic_to_link(self.request.actor, self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"clinic": self.clinic()}

    def perform(self, form: LinkForm) -> None:
        services.link_clinics(self.request.actor, spoke_id=self.kwargs["pk"], **form.arguments())


class PhotoView(_PartView):
    """Add a photograph."""

    form_class, title = PhotoForm, gettext_lazy("New photograph")
    submit = gettext_lazy("Add the photograph")
    success_message = gettext_lazy("The photograph is on the public page.")

    def perform(self, form: PhotoForm) -> None:
        services.add_photo(self.request.actor, clinic_id=self.kwargs["pk"], **form.arguments())


class LinkRemoveView(SignedInMixin, View):
    """The two clinics are no longer linked."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        spoke = link_policy.get(request.actor, "edit", pk).spoke_id
        services.unlink_clinics(request.actor, link_id=pk)
        return go(request, "clinics:premises", spoke, message=_("The link is removed."))


class PhotoRemoveView(SignedInMixin, View):
    """Take a photograph away."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        clinic = selectors.see_photo(request.actor, pk).clinic_id
        services.remove_photo(request.actor, photo_id=pk)
        return go(request, "clinics:premises", clinic, message=_("The photograph is removed."))


class PhotoFileView(View):
    """The picture itself, for whoever may see the clinic."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> FileResponse:
        response = download(selectors.see_photo(request.actor, pk))
        response["Cache-Control"] = f"private, max-age={KEEP_PHOTO}"
        return response

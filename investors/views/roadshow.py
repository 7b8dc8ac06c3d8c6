"""The roadshow: public pages of the events, and forms of the offices for events and contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from cluster_portal.web.mixins import go
from cluster_portal.web.pagination import page_of
from investors.forms import roadshow as forms
from investors.policies.roadshow import event_policy
from investors.selectors import roadshow as selectors
from investors.services import roadshow as services
from investors.views.base import FormPage

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from investors.models import RoadshowContact, RoadshowEvent


class EventsView(TemplateView):
    """Where the cluster presents itself."""

    template_name = "investors/roadshow/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        page = page_of(self.request, selectors.events(actor), selectors.ORDER)
        return super().get_context_data(**kwargs, page=page, may_plan=event_policy.may(actor, "create"))


class EventView(TemplateView):
    """One event; the offices see whom they met."""

    template_name = "investors/roadshow/event.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        found = selectors.event_file(self.request.actor, pk)
        return super().get_context_data(**kwargs, found=found, event=found.event)


class EventFormView(FormPage):
    """A new event, or one to correct."""

    template_name, form_class = "investors/roadshow/event_form.html", forms.EventForm
    event: RoadshowEvent | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if "pk" in kwargs:
            self.event = selectors.event_to_edit(request.actor, kwargs["pk"])
        else:
            event_policy.require(request.actor, "create")

    @property
    def title(self) -> Any:
        return gettext_lazy("Correct the event") if self.event else gettext_lazy("New event of the roadshow")

    @property
    def back(self) -> str:
        return (
            reverse("investors:roadshow_event", args=[self.event.pk])
            if self.event
            else reverse("investors:roadshow")
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.event}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, event=self.event)

    def perform(self, form: forms.EventForm) -> HttpResponse:
        if self.event:
            services.correct_event(self.request.actor, event_id=self.event.pk, data=form.values())
            return self.done()
        event = services.plan_event(self.request.actor, data=form.values())
        return go(self.request, "investors:roadshow_event", event.pk, message=gettext_lazy("Saved"))


class ContactNewView(FormPage):
    """Somebody met at an event."""

    template_name, form_class, title = (
        "investors/roadshow/form.html",
        forms.ContactForm,
        gettext_lazy("New contact"),
    )
    event: RoadshowEvent

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.event = selectors.event_to_edit(request.actor, kwargs["pk"])

    @property
    def back(self) -> str:
        return reverse("investors:roadshow_event", args=[self.event.pk])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"companies": selectors.companies(self.request.actor)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, event=self.event)

    def perform(self, form: forms.ContactForm) -> HttpResponse:
        services.note_contact(self.request.actor, event_id=self.event.pk, data=form.values())
        return self.done()


class ContactEditView(ContactNewView):
    """A contact to correct, or the next step with it."""

    title = gettext_lazy("Contact")
    contact: RoadshowContact

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.contact = selectors.contact_to_edit(request.actor, kwargs["pk"])
        self.event = self.contact.event

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.contact}

    def perform(self, form: forms.ContactForm) -> HttpResponse:
        services.correct_contact(self.request.actor, contact_id=self.contact.pk, data=form.values())
        return self.done()

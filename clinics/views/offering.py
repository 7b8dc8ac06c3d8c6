"""What a clinic offers, for those who keep it: a service is taken up, described, given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from clinics.forms.offering import ServiceForm
from clinics.selectors.own import clinic_to_furnish, service_to_edit
from clinics.services import offering as services
from clinics.views.licences import KEEPERS
from cluster_portal.accounts.roles import Role
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go

if TYPE_CHECKING:
    from django.http import HttpResponse

    from clinics.models import Clinic, Service


class _ServiceFormView(ServiceFormMixin, SignedInMixin, FormView):
    """A form about a service of a clinic; led back to the clinic's page."""

    roles = KEEPERS
    template_name, form_class = "clinics/service_form.html", ServiceForm
    clinic: Clinic

    @property
    def back(self) -> str:
        if self.request.actor.has(Role.OFFICE):
            return reverse("clinics:record_clinic", args=[self.clinic.pk])
        return f"{reverse('clinics:own')}#site-{self.clinic.pk}"

    def done(self) -> HttpResponse:
        return go(self.request, self.back, message=_("Saved"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, clinic=self.clinic, back=self.back)


class NewServiceView(_ServiceFormView):
    """Offer a service."""

    @cached_property
    def clinic(self) -> Clinic:
        return clinic_to_furnish(self.request.actor, self.kwargs["pk"])

    def perform(self, form: ServiceForm) -> HttpResponse:
        kind = form.cleaned_data["service_type"].pk
        services.offer_service(
            self.request.actor, clinic_id=self.clinic.pk, service_type=kind, **form.arguments()
        )
        return self.done()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, title=_("New service"))


class EditServiceView(_ServiceFormView):
    """Change what is said of a service."""

    @cached_property
    def offered(self) -> Service:
        return service_to_edit(self.request.actor, self.kwargs["pk"])

    @property
    def clinic(self) -> Clinic:
        return self.offered.clinic

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.offered}

    def perform(self, form: ServiceForm) -> HttpResponse:
        services.update_service(self.request.actor, service_id=self.offered.pk, **form.arguments())
        return self.done()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, title=self.offered.service_type.name)

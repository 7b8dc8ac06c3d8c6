"""The organisation's own record: what the cluster knows of it, and what its manager keeps true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from clinics.forms.records import ClinicForm
from clinics.policies import organization_policy
from clinics.selectors.own import clinic_to_edit, own_organization, sites_of
from clinics.services.registry import update_clinic
from cluster_portal.reports.exports import control
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from clinics.models import Clinic


class OwnView(SignedInMixin, TemplateView):
    """Clinics, services, licences and people of the organisation."""

    template_name = "clinics/own.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        organization = own_organization(actor)
        context = super().get_context_data(**kwargs) | {"organization": organization}
        if organization is None:
            return context
        sites = sites_of(actor, organization)
        warnings = [(site, row) for site in sites for row in site.licences if row.level is not None]
        return context | {
            "sites": sites,
            "services_export": control(actor, "clinics.own_services", self.request.GET),
            "licences_export": control(actor, "clinics.own_licences", self.request.GET),
            "may_edit": organization_policy.allows(actor, "edit", organization),
            "warnings": sorted(warnings, key=lambda pair: pair[1].licence.valid_to),
        }


class OwnClinicView(SignedInMixin, ServiceFormMixin, FormView):
    """What a manager keeps true about one clinic."""

    template_name = "clinics/own_clinic.html"
    form_class = ClinicForm
    clinic: Clinic

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.actor.is_authenticated:
            self.clinic = clinic_to_edit(request.actor, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.clinic}

    def perform(self, form: ClinicForm) -> HttpResponse:
        update_clinic(self.request.actor, clinic_id=self.clinic.pk, data=form.values())
        return go(self.request, reverse("clinics:own"), message=_("Saved: the public page shows it already"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"clinic": self.clinic}

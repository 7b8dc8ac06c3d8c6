"""The organisation's own record: what the cluster knows of it, and what its manager wants changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from clinics.errors import RecordChanged
from clinics.forms.records import ClinicForm, OrganizationForm, RecordForm
from clinics.models import Clinic, Organization
from clinics.policies import organization_policy
from clinics.selectors.changes import pending_of, pending_own
from clinics.selectors.own import own_organization, sites_of
from clinics.services.changes import request_change
from clinics.views.maps import map_of
from clinics.views.records import EditsRecord
from cluster_portal.reports.exports import control
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


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
            "may_propose": organization_policy.allows(actor, "propose", organization),
            "waiting": pending_own(actor),
            "warnings": sorted(warnings, key=lambda pair: pair[1].licence.valid_to),
        }


class _ProposalView(EditsRecord, ServiceFormMixin, SignedInMixin, FormView):
    """A change of one's own record: it waits for the cluster office, one at a time."""

    action = "propose"
    #: The argument of the service that names the record.
    key: str

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        waiting = pending_of(self.find())
        if waiting:
            return HttpResponseRedirect(reverse("clinics:change", args=[waiting.pk]))
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"proposes": True}

    def perform(self, form: RecordForm) -> HttpResponse:
        try:
            change = request_change(
                self.request.actor, data=form.values(), note=form.cleaned_data["note"], seen=form.version(),
                **{self.key: self.record.pk},
            )  # fmt: skip
        except RecordChanged:
            self.show_what_differs(form)
            raise
        told = _("Sent to the cluster office. The record changes when the office approves.")
        return go(self.request, "clinics:change", change.pk, message=told)


class OwnClinicView(_ProposalView):
    """Changes of one's own clinic."""

    model, key = Clinic, "clinic_id"
    form_class = ClinicForm
    template_name = "clinics/own_clinic.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"clinic": context["record"]} | map_of(context["record"])


class OwnOrganizationView(_ProposalView):
    """Changes of one's own organisation."""

    model, key = Organization, "organization_id"
    form_class = OrganizationForm
    template_name = "clinics/own_organization.html"

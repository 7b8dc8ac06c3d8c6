"""Programs that use the API: made, given another secret, switched off. A secret is shown on one page, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import FormView, View

from clinics.forms.clients import ClientForm
from clinics.selectors.clients import kept_clients, kept_organizations
from clinics.services.clients import create_api_client, rotate_api_client, switch_api_client
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest

    from cluster_portal.accounts.models import ApiClient


class ClientsView(SignedInMixin, ServiceFormMixin, FormView):
    """The programs that one keeps, and the form of another."""

    template_name = "clinics/clients.html"
    form_class = ClientForm

    def get_form_kwargs(self) -> dict[str, Any]:
        self.organizations = kept_organizations(self.request.actor)
        return super().get_form_kwargs() | {"organizations": self.organizations}

    def perform(self, form: ClientForm) -> HttpResponse:
        data = form.cleaned_data
        client, secret = create_api_client(
            self.request.actor, organization_id=data["organization"].pk, scopes=frozenset(data["scopes"]),
            name=data["name"],
        )  # fmt: skip
        return self.shown(client, secret)

    def shown(self, client: ApiClient, secret: str) -> HttpResponse:
        """The page with a secret that is nowhere else; nobody's cache keeps it."""
        form = ClientForm(organizations=self.organizations)
        response = self.render_to_response(self.get_context_data(form=form, made=client, secret=secret))
        response.headers["Cache-Control"] = "no-store"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"clients": kept_clients(self.request.actor)}


class RotateView(ClientsView):
    """Another secret."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        client, secret = rotate_api_client(request.actor, client_id=pk)
        self.organizations = kept_organizations(request.actor)
        return self.shown(client, secret)


class SwitchView(SignedInMixin, View):
    """Off at once, or on again."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        active = request.POST.get("active") == "1"
        switch_api_client(request.actor, client_id=pk, active=active)
        words = _("The program works again") if active else _("The program is switched off")
        return go(request, "clinics:clients", message=words)

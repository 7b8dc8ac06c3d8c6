"""The portal's addresses and a few that fail in every way."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.generic import FormView

from cluster_portal.common.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from cluster_portal.urls import handler400, handler403, handler404, handler500
from cluster_portal.urls import urlpatterns as portal
from cluster_portal.web.mixins import ServiceFormMixin
from cluster_portal.web.styleguide import ExampleForm

__all__ = ["handler400", "handler403", "handler404", "handler500"]

FAILURES = {
    "conflict": Conflict,
    "forbidden": Forbidden,
    "missing": NotFound,
    "signed-out": NotSignedIn,
    "broken": ValueError,
}


def fail(request: HttpRequest, how: str) -> HttpResponse:
    raise FAILURES[how]


class ExampleView(ServiceFormMixin, FormView):
    form_class, template_name, success_url = ExampleForm, "components/form.html", "/done/"

    def perform(self, form):
        match form.cleaned_data["surname"]:
            case "taken":
                raise Conflict("Somebody has it.", field="policy")
            case "many":
                raise Invalid({"policy": ["Wrong digit."], "nowhere": "Something else."})
            case "hidden":
                raise NotFound


urlpatterns = [path("fail/<how>/", fail), path("form/", ExampleView.as_view()), *portal]

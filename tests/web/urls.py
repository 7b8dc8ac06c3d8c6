"""The portal's addresses and a few that fail in every way."""

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import path
from django.views.generic import FormView

from cluster_portal.common.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from cluster_portal.urls import handler400, handler403, handler404, handler500
from cluster_portal.urls import urlpatterns as portal
from cluster_portal.web.forms import Combobox
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


class LabForm(forms.Form):
    code = forms.CharField(label="Diagnosis", widget=Combobox("/codes/"))
    note = forms.CharField(label="Note", required=False)


LAB = engines["django"].from_string("""{% extends "base_workspace.html" %}{% block page %}<h1>Lab</h1>
<form method="post" data-autosave="/autosave/" data-autosave-failed="not saved">
{% csrf_token %}{{ form }}<p data-autosave-state></p></form>
<button class="button" type="button" hx-post="/swap/ok/" hx-target="#place">Swap</button>
<button class="button" type="button" hx-post="/swap/conflict/" hx-target="#place">Conflict</button>
<button class="button" type="button" hx-post="/swap/broken/" hx-target="#place">Broken</button>
<div id="place" data-announce="The list has changed">before</div>{% endblock %}""")


def lab(request: HttpRequest) -> HttpResponse:
    return HttpResponse(LAB.render({"form": LabForm()}, request))


def codes(request: HttpRequest) -> HttpResponse:
    known = [
        ("I20.0", "Нестабильная стенокардия"),
        ("I20.8", "Другие формы стенокардии"),
        ("I48.0", "<b>Фибрилляция"),
    ]
    found = [(code, name) for code, name in known if request.GET["q"].upper() in code]
    return JsonResponse(
        {"results": [{"value": c, "label": f"{c} {name}", "hint": name} for c, name in found]}
    )


def autosave(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"saved": f"saved {request.POST['note']}"})


def swap(request: HttpRequest, how: str) -> HttpResponse:
    if how != "ok":
        raise FAILURES[how]
    return HttpResponse("after")


urlpatterns = [
    path("lab/", lab),
    path("codes/", codes),
    path("autosave/", autosave),
    path("swap/<how>/", swap),
    path("fail/<how>/", fail),
    path("form/", ExampleView.as_view()),
    *portal,
]

"""The promise of facilities, as the cluster office writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from investors.forms.roadmap import FacilitiesForm
from investors.policies.roadmap import roadmap_policy
from investors.selectors.facilities import facilities_target
from investors.services.facilities import FIELDS, promise_facilities
from investors.views.base import FormPage

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class FacilitiesFormView(FormPage):
    """How many facilities are promised and by when."""

    template_name, form_class = "investors/roadmap/form.html", FacilitiesForm
    title = gettext_lazy("The promise of facilities")

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        roadmap_policy.require(request.actor, "promise")

    @property
    def back(self) -> str:
        return f"{reverse('investors:roadmap')}#facilities"

    def get_initial(self) -> dict[str, Any]:
        target = facilities_target()
        if target is None:
            return {}
        return {name: getattr(target, name) for name in FIELDS} | {"value": int(target.value)}

    def perform(self, form: FacilitiesForm) -> HttpResponse:
        promise_facilities(self.request.actor, data=form.cleaned_data)
        return self.done()

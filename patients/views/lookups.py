"""Answers for type-ahead boxes, in JSON: `{"results": [{"value", "label", "hint"}]}`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse
from django.utils.text import capfirst
from django.utils.translation import ngettext
from django.views.generic import View

from cluster_portal.web.mixins import SignedInMixin
from patients.policies import STAFF
from patients.selectors import dictionaries

if TYPE_CHECKING:
    from django.http import HttpRequest


class LookupView(SignedInMixin, View):
    """Base: answers `?q=`."""

    roles = tuple(STAFF)
    http_method_names = ("get",)

    def results(self, text: str) -> list[dict[str, Any]]:
        raise NotImplementedError

    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse({"results": self.results(request.GET.get("q", "").strip()[:100])})


class FindDiagnosesView(LookupView):
    """ICD-10 by code or by words."""

    def results(self, text: str) -> list[dict[str, Any]]:
        found = dictionaries.find_diagnoses(text)
        return [{"value": code, "label": f"{code} {name}"} for code, name in found]


class FindServiceTypesView(LookupView):
    """The nomenclature by words, with how many clinics offer each."""

    def results(self, text: str) -> list[dict[str, Any]]:
        found = []
        for row in dictionaries.find_service_types(text):
            number = ngettext("%(n)d clinic", "%(n)d clinics", row.clinics) % {"n": row.clinics}
            found.append(
                {"value": row.code, "label": row.name, "hint": f"{capfirst(row.profile)} · {number}"}
            )
        return found


class FindServicesView(LookupView):
    """Services of clinics, for redirecting."""

    def results(self, text: str) -> list[dict[str, Any]]:
        return [
            {
                "value": str(row.pk),
                "label": f"{row.service_type.name}, {row.clinic.short_name}",
                "hint": f"{row.clinic.city} · {row.get_booking_mode_display()}",
            }
            for row in dictionaries.find_services(text)
        ]

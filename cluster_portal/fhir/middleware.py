"""Under /fhir/ every refusal is an OperationOutcome, also of those that no view has answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cluster_portal.api.problems import CONTENT_TYPE as PROBLEM_TYPE
from cluster_portal.api.renderers import dumps
from cluster_portal.fhir.outcomes import outcome
from cluster_portal.fhir.rendering import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


class FhirMiddleware:
    """Stands around the API's own, which answers problem details."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path_info.startswith("/fhir/") or response.get("Content-Type") != PROBLEM_TYPE:
            return response
        response.content = dumps(outcome(json.loads(response.content)))
        response["Content-Type"] = CONTENT_TYPE
        return response

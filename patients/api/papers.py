"""Papers of a referral as PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action

from cluster_portal.api.problems import CONTENT_TYPE as PROBLEM_TYPE
from cluster_portal.api.renderers import JSONRenderer, PDFRenderer
from cluster_portal.api.serializers import ProblemSerializer
from cluster_portal.documents.responses import CONTENT_TYPE, pdf_response
from patients import papers
from patients.papers.slip import LANGUAGES

if TYPE_CHECKING:
    from django.http import HttpResponse
    from rest_framework.request import Request

_PDF = {(200, CONTENT_TYPE): OpenApiTypes.BINARY}
#: The second one is for `Accept: application/json`: it answers failures only, the paper itself is a PDF.
_RENDERERS = [PDFRenderer, JSONRenderer]


class ReferralPapers:
    """Mixin of the referrals' views."""

    def known_parameters(self) -> set[str]:
        known = super().known_parameters()
        return known | {"language"} if self.action == "slip" else known

    @extend_schema(responses=_PDF, filters=False)
    @action(
        detail=True, methods=["get"], url_path="form-057u", renderer_classes=_RENDERERS, pagination_class=None
    )
    def form_057u(self, request: Request, pk: str) -> HttpResponse:
        """Form 057/у with its square code, always in Russian; from a clinic of Kazakhstan a sheet with the same data.
        Opening it is journalled.
        """
        return pdf_response(*papers.form_057u(self.actor, pk))

    @extend_schema(responses={**_PDF, (409, PROBLEM_TYPE): ProblemSerializer}, filters=False)
    @action(
        detail=True,
        methods=["get"],
        url_path="conclusion-paper",
        renderer_classes=_RENDERERS,
        pagination_class=None,
    )
    def conclusion_paper(self, request: Request, pk: str) -> HttpResponse:
        """The conclusion, to print and to keep. 409 while there is none. Journalled."""
        return pdf_response(*papers.conclusion_paper(self.actor, pk))

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "language",
                str,
                enum=LANGUAGES,
                description=_("The patient's own language where it is not given."),
            )
        ],
        responses={**_PDF, (409, PROBLEM_TYPE): ProblemSerializer},
        filters=False,
    )
    @action(detail=True, methods=["get"], renderer_classes=_RENDERERS, pagination_class=None)
    def slip(self, request: Request, pk: str) -> HttpResponse:
        """The patient's slip: when and where to come, how to prepare. 409 while no time is booked. Journalled."""
        language = request.query_params.get("language", "")
        return pdf_response(*papers.slip(self.actor, pk, language=language))

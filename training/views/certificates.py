"""Certificates: the sheet to print, and the public page on which anybody compares one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.views.generic import FormView, View

from clinics.selectors.cluster import current_cluster
from cluster_portal.common import numbering
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.documents.rendering import qr_html
from cluster_portal.documents.responses import pdf_response
from cluster_portal.web import wording
from cluster_portal.web.mixins import SignedInMixin, go
from training.errors import TooManyChecks
from training.forms.learning import VerifyForm
from training.papers.certificate import certificate_sheet, facts, verify_address
from training.selectors.certificates import see_certificate, tell
from training.services.certificates import look_up_certificate

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse


class SheetView(SignedInMixin, View):
    """A certificate as PDF; `?language=` names one of the portal's languages."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        certificate = see_certificate(request.actor, pk)
        language = request.GET.get("language", "")
        content = certificate_sheet(certificate, language if language in LANGUAGES else "")
        return pdf_response(content, certificate.number)


class VerifyView(FormView):
    """Whether a number was issued, and what the certificate says: to be compared with the paper word for word.

    A number that was never issued gets one answer, whatever is wrong with it. The answer stands in no cache and no
    search engine.
    """

    template_name = "training/verify.html"
    form_class = VerifyForm
    http_method_names = ("get", "head", "options")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def get_initial(self) -> dict[str, Any]:
        return {"number": self.kwargs.get("number", "")}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if number := numbering.normalize(request.GET.get("number", "")[:40]).replace("/", ""):
            return go(request, "training:verify_number", number)
        if number := kwargs.get("number"):
            return self._tell(number)
        return self.render_to_response(self.get_context_data())

    def _tell(self, number: str) -> HttpResponse:
        try:
            certificate = look_up_certificate(number)
        except TooManyChecks as refusal:
            context = self.get_context_data(verdict="late", refusal=refusal)
            response = self.render_to_response(context, status=refusal.status)
            response.headers["Retry-After"] = str(refusal.extra["retry_after"])
            return response
        if certificate is None:
            return self.render_to_response(self.get_context_data(verdict="unknown"), status=404)
        here = wording.zone(current_cluster().time_zone)
        now = timezone.now().astimezone(here)

        def day(moment: datetime | None) -> str:
            return wording.date_words(moment.astimezone(here).date(), year=True) if moment else ""

        return self.render_to_response(
            self.get_context_data(
                verdict="revoked" if certificate.revoked_at else "valid",
                certificate=certificate,
                told=tell(certificate),
                facts=facts(certificate),
                qr=qr_html(verify_address(certificate.number)),
                issued=day(certificate.issued_at),
                revoked=day(certificate.revoked_at),
                checked=f"{wording.moment(now, 'long')} {wording.utc_offset(now)}",
            )
        )

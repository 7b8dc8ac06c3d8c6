"""The files in the envelopes of a bid: added and taken out by its company, given to those who read their envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View

from cluster_portal.files.responses import streamed
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from investors.forms.bids import BidFilesForm
from investors.selectors import bids as selectors
from investors.services import bid_files as services
from investors.states import EnvelopeKind

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse, StreamingHttpResponse


class FilesFormView(ServiceFormMixin, SignedInMixin, FormView):
    """Add files to an envelope."""

    form_class, template_name = BidFilesForm, "investors/tenders/form.html"
    title = gettext_lazy("Add files to the bid")

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.bid = selectors.bid_to_edit(request.actor, kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET.get("envelope")
        return {"envelope": asked if asked in EnvelopeKind.values else EnvelopeKind.ELIGIBILITY}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs, title=self.title, tender=self.bid.tender, about=self.bid.investor.name, public=True,
            back=reverse("investors:bid", args=[self.bid.pk]),
            note=_("A file of the same name is replaced. The bid gets a new receipt."),
        )  # fmt: skip

    def perform(self, form: BidFilesForm) -> HttpResponse:
        data = form.cleaned_data
        services.attach_files(
            self.request.actor,
            bid_id=self.bid.pk,
            envelope=data["envelope"],
            uploads=data["files"],
            field="files",
        )
        return go(self.request, "investors:bid", self.bid.pk, message=_("The files are sealed"))


class FileView(SignedInMixin, View):
    """One file, for those who read its envelope."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
        file = services.see_file(request.actor, pk)
        return streamed(file.pieces, file.said)


class FileRemoveView(SignedInMixin, View):
    """Take a file out of its envelope."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        bid = services.remove_file(request.actor, file_id=pk)
        return go(request, "investors:bid", bid.pk, message=_("Removed."))

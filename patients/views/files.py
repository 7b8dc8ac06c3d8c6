"""Files of a referral: the panel on its page, sending, downloading, taking away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.generic import View

from cluster_portal.common.errors import PortalError
from cluster_portal.files.fields import HELP
from cluster_portal.files.formats import ACCEPT, TRAITS, Format
from cluster_portal.files.responses import download
from cluster_portal.web.mixins import PAGE_ERRORS, SignedInMixin, go
from patients.errors import FileSeen
from patients.policies import STAFF, attachment_policy, takes_files
from patients.selectors.attachments import attachments_of, see_attachment
from patients.selectors.referrals import see_referral
from patients.services.attachments import attach_files, kinds_for, remove_attachment, take_attachment
from patients.states import FileKind

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest

    from cluster_portal.common.actor import Actor
    from cluster_portal.files.models import StoredFile
    from patients.models import Attachment, Referral

#: Colours of the badges; the badge says the same in letters.
BADGES = {Format.PDF: "pdf", Format.DICOM: "dcm", Format.JPEG: "img", Format.PNG: "img", Format.TIFF: "img"}


def panel(
    actor: Actor, referral: Referral, *, kind: str = "", errors: dict[str, str] | None = None
) -> dict[str, Any]:
    """What the panel of files shows; `errors` are words by field. Two queries, however many files there are."""
    items = [line(actor, referral, attachment) for attachment in attachments_of(actor, referral.pk)]
    may_add = takes_files(actor, referral)
    kinds = set(kinds_for(actor, referral))
    return {
        "items": items,
        "of_conclusion": [item for item in items if item["of_conclusion"]],
        "may_add": may_add,
        "kinds": [(value, capfirst(label)) for value, label in FileKind.choices if value in kinds],
        "kind": kind or FileKind.EXAMINATION,
        "accept": ACCEPT,
        "help": HELP,
        "errors": errors or {},
    }


def line(actor: Actor, referral: Referral, attachment: Attachment) -> dict[str, Any]:
    """One file as the list shows it."""
    removable = attachment_policy.is_removable(actor, attachment)
    return {
        **shown(attachment, "patients:referral_file", referral.pk, removable=removable),
        "label": capfirst(attachment.get_kind_display()),
        "of_conclusion": attachment.kind == FileKind.CONCLUSION,
    }


def shown(file: StoredFile, url_name: str, of: uuid.UUID, *, removable: bool) -> dict[str, Any]:
    """What `components/file_list.html` needs of a file of whatever `of` is; `{url_name}_remove` takes it away."""
    at = [of, file.pk]
    return {
        "file": file,
        "name": file.name,
        "url": reverse(url_name, args=at),
        "kind": BADGES.get(file.format, ""),
        "extension": TRAITS[file.format].endings[0].upper()[:4],
        "remove_url": reverse(f"{url_name}_remove", args=at) if removable else "",
    }


class AddFilesView(SignedInMixin, View):
    """Send files: the panel anew for htmx, the referral's page otherwise; what is refused is said at the field."""

    roles = tuple(STAFF)
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        kind = request.POST.get("kind", "")
        try:
            attach_files(request.actor, referral_id=pk, uploads=request.FILES.getlist("files"), kind=kind)
        except PAGE_ERRORS:
            raise
        except PortalError as error:
            return self._show(pk, kind, _words(error))
        if not request.htmx:
            return go(request, reverse("patients:referral", args=[pk]) + "#files", message=_("Added."))
        return self._show(pk)

    def _show(self, pk: uuid.UUID, kind: str = "", errors: dict[str, str] | None = None) -> HttpResponse:
        referral = see_referral(self.request.actor, pk)
        context = {
            "referral": referral,
            "files": panel(self.request.actor, referral, kind=kind, errors=errors),
        }
        template = "patients/_files.html" if self.request.htmx else "patients/file_form.html"
        return render(self.request, template, context, status=422 if errors else 200)


def _words(error: PortalError) -> dict[str, str]:
    """The words of a refusal by field; what is of no field stands at the files."""
    fields = {name: str(texts[0]) for name, texts in getattr(error, "errors", {}).items()}
    return fields or {"files": str(error.detail)}


class FileView(SignedInMixin, View):
    """The file, as a download. Journalled."""

    roles = tuple(STAFF)
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, pk: uuid.UUID, file: uuid.UUID) -> HttpResponse:
        return download(take_attachment(request.actor, referral_id=pk, attachment_id=file))


def ask_to_remove(request: HttpRequest, file: StoredFile, place: str, back: str) -> HttpResponse:
    """The question before a file goes: a dialog for htmx, else a page that leads `back` to `place`."""
    template = "patients/_file_dialog.html" if request.htmx else "patients/file_remove.html"
    return render(request, template, {"file": file, "place": place, "back": back})


class RemoveFileView(SignedInMixin, View):
    """GET asks (a dialog for htmx, a page otherwise), POST takes the file away."""

    roles = tuple(STAFF)

    def get(self, request: HttpRequest, pk: uuid.UUID, file: uuid.UUID) -> HttpResponse:
        attachment = see_attachment(request.actor, file, pk, "remove")
        if not attachment_policy.is_removable(request.actor, attachment):
            raise FileSeen
        place = reverse("patients:referral", args=[pk]) + "#files"
        return ask_to_remove(request, attachment, attachment.referral.number, place)

    def post(self, request: HttpRequest, pk: uuid.UUID, file: uuid.UUID) -> HttpResponse:
        remove_attachment(request.actor, referral_id=pk, attachment_id=file)
        place = reverse("patients:referral", args=[pk]) + "#files"
        return go(request, place, message=_("The file is removed."))

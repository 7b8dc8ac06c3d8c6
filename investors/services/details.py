"""What is laid to a plot, its papers and those of tenders: the land office keeps them true in whatever state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cluster_portal.common.filling import fill
from cluster_portal.common.service import service
from cluster_portal.common.translated import columns
from cluster_portal.files.storage import forget, kept
from investors.errors import DocumentExists, TenderDocumentExists, TenderPublished
from investors.models import PlotDocument, TenderDocument, Utility
from investors.policies import (
    document_policy,
    plot_policy,
    tender_document_policy,
    tender_policy,
    utility_policy,
)
from investors.services.documents import put_document

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from django.core.files.uploadedfile import UploadedFile

    from cluster_portal.common.actor import Actor
    from cluster_portal.common.filling import Errors
    from cluster_portal.files.storage import Kept

#: What is entered of a utility and of a document.
UTILITY_FIELDS = ("kind", "total", "free", "owner", "stated_on", "lon", "lat")
DOCUMENT_FIELDS = ("kind", *columns("title"))


@service
def add_utility(actor: Actor, *, plot_id: uuid.UUID, data: dict[str, Any]) -> Utility:
    """Enter what is laid to a plot. `data` holds UTILITY_FIELDS. Raises NotFound, Forbidden, Invalid, UtilityExists."""
    utility = Utility(plot=plot_policy.get(actor, "edit", plot_id))
    fill(utility, data, UTILITY_FIELDS, _check_utility)
    utility.save(force_insert=True)
    return utility


@service
def update_utility(actor: Actor, *, utility_id: uuid.UUID, data: dict[str, Any]) -> Utility:
    """Bring its figures up to date. Raises NotFound, Forbidden, Invalid, UtilityExists."""
    utility = utility_policy.get(actor, "edit", utility_id, lock=True)
    fill(utility, data, UTILITY_FIELDS, _check_utility)
    utility.save()
    return utility


@service
def remove_utility(actor: Actor, *, utility_id: uuid.UUID) -> None:
    """Take an entry away that was a mistake; the journal keeps it. Raises NotFound, Forbidden."""
    utility_policy.get(actor, "edit", utility_id, lock=True).delete()


def add_document(
    actor: Actor, *, plot_id: uuid.UUID, upload: UploadedFile | None, data: Mapping[str, Any]
) -> PlotDocument:
    """Check a file, keep it and give it to whoever sees the plot. `data` holds DOCUMENT_FIELDS.

    Raises NotFound, Forbidden, FileRefused and ScannerAway (at `file`), Invalid, DocumentExists, TooManyDocuments.
    """
    plot_policy.get(actor, "edit", plot_id)
    with kept([upload]) as [file]:
        return write_document(actor, plot_id=plot_id, file=file, data=data)


@service
def write_document(actor: Actor, *, plot_id: uuid.UUID, file: Kept, data: Mapping[str, Any]) -> PlotDocument:
    """Write the row of a file that is kept already (see `add_document`)."""
    plot = plot_policy.get(actor, "edit", plot_id, lock=True)
    document = PlotDocument(plot=plot, **file.columns(actor))
    return put_document(document, plot.documents, data, DOCUMENT_FIELDS, exists=DocumentExists)


@service
def remove_document(actor: Actor, *, document_id: uuid.UUID) -> None:
    """Take a file away, with its content. Raises NotFound, Forbidden."""
    forget(document_policy.get(actor, "edit", document_id, lock=True))


def add_tender_document(
    actor: Actor, *, tender_id: uuid.UUID, upload: UploadedFile | None, data: Mapping[str, Any]
) -> TenderDocument:
    """Check a file, keep it and give it to whoever sees the tender. `data` holds DOCUMENT_FIELDS.

    Raises as `add_document`, TenderDocumentExists.
    """
    tender_policy.get(actor, "edit", tender_id)
    with kept([upload]) as [file]:
        return write_tender_document(actor, tender_id=tender_id, file=file, data=data)


@service
def write_tender_document(
    actor: Actor, *, tender_id: uuid.UUID, file: Kept, data: Mapping[str, Any]
) -> TenderDocument:
    """Write the row of a file that is kept already (see `add_tender_document`)."""
    tender = tender_policy.get(actor, "edit", tender_id, lock=True)
    document = TenderDocument(tender=tender, **file.columns(actor))
    return put_document(document, tender.documents, data, DOCUMENT_FIELDS, exists=TenderDocumentExists)


@service
def remove_tender_document(actor: Actor, *, document_id: uuid.UUID) -> None:
    """Take a file of a draft away, with its content. Raises NotFound, Forbidden, TenderPublished."""
    document = tender_document_policy.get(actor, "edit", document_id, lock=True)
    if document.tender.version:
        raise TenderPublished
    forget(document)


def _check_utility(utility: Utility) -> Errors:
    if utility.free > utility.total:
        return {"free": [_("More is free than there is.")]}
    if (utility.lon is None) != (utility.lat is None):
        return {"lat": [_("Give both the latitude and the longitude, or neither.")]}
    return {}

"""Tenders as open data by the Open Contracting Data Standard 1.1: a release for each thing said, a record of all.

Releases are made of what was published and kept (`TenderVersion`), so an old one never changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from cluster_portal.common.translated import LANGUAGES
from investors.ocds_awards import BIDS_EXTENSION, OWN, completed, follow_opening, moment
from investors.states import DocumentKind, TenderState

if TYPE_CHECKING:
    from datetime import datetime

    from clinics.models import Cluster
    from investors.models import TenderVersion
    from investors.selectors.disclosure import Disclosure
    from investors.selectors.tenders import Dossier

STATUS = {
    TenderState.COMPLETE: "complete", TenderState.UNSUCCESSFUL: "unsuccessful", TenderState.CANCELLED: "cancelled",
}  # fmt: skip
DOCUMENTS = {
    DocumentKind.TERMS: "biddingDocuments", DocumentKind.CONTRACT: "contractDraft", DocumentKind.PHOTO: "illustration",
    DocumentKind.PLAN: "technicalSpecifications", DocumentKind.GEOLOGY: "technicalSpecifications",
}  # fmt: skip
#: The only party of a tender before its award, in all releases.
OFFICE = "land-office"


def release_package(found: Dossier, cluster: Cluster, disclosed: Disclosure | None) -> dict[str, Any]:
    """Everything that a tender has said, the oldest first."""
    return _package(found, "tender_ocds", cluster) | {"releases": releases(found, cluster, disclosed)}


def record_package(found: Dossier, cluster: Cluster, disclosed: Disclosure | None) -> dict[str, Any]:
    """The tender as it is now, with its history."""
    history = releases(found, cluster, disclosed)
    compiled = history[-1] | {"tag": ["compiled"], "id": f"{history[-1]['id']}-compiled"}
    record = {"ocid": history[-1]["ocid"], "releases": history, "compiledRelease": compiled}
    return _package(found, "tender_ocds_record", cluster) | {"records": [record]}


def releases(found: Dossier, cluster: Cluster, disclosed: Disclosure | None) -> list[dict[str, Any]]:
    """A release for each version of the terms, the opening, each award, and the end."""
    tender, versions = found.tender, sorted(found.versions, key=lambda version: version.number)
    known = [_release(found, cluster, version, versions[: n + 1]) for n, version in enumerate(versions)]
    if disclosed:
        known += follow_opening(known, tender, disclosed, cluster)
    if tender.has_ended:
        is_complete = tender.state == TenderState.COMPLETE
        tags = ["tenderUpdate", "awardUpdate"] if is_complete else ["tenderCancellation"]
        ended = {"status": STATUS[TenderState(tender.state)], **_documents(found)}
        last = known[-1]
        awards = {"awards": completed(last["awards"])} if is_complete and "awards" in last else {}
        known.append(
            last | {"id": f"{last['ocid']}-end", "date": moment(tender.updated_at), "tag": tags,
                    "tender": last["tender"] | ended, **awards}
        )  # fmt: skip
    return known


def _release(
    found: Dossier, cluster: Cluster, version: TenderVersion, so_far: list[TenderVersion]
) -> dict[str, Any]:
    ocid = f"{settings.OCDS_PREFIX}-{found.tender.number}"
    with override(OWN):
        office = {"id": OFFICE, "name": cluster.name}
    return {
        "ocid": ocid,
        "id": f"{ocid}-{version.number}",
        "date": moment(version.published_at),
        "tag": ["tender" if version.number == 1 else "tenderAmendment"],
        "initiationType": "tender",
        "language": OWN,
        "parties": [office | {"roles": ["buyer", "procuringEntity"]}],
        "buyer": office,
        "tender": _tender(found, version, so_far) | {"procuringEntity": office},
    }


def _tender(found: Dossier, version: TenderVersion, so_far: list[TenderVersion]) -> dict[str, Any]:
    said, areas = version.said, {plot.number: plot.area for plot in found.plots}
    criteria = {
        code: "; ".join(
            f"{one['name'][code] or one['name'][OWN]}: {one['weight']} %" for one in said["criteria"]
        )
        for code in LANGUAGES
    }
    amendments = [
        {"id": str(one.number), "date": moment(one.published_at), "rationale": one.reason_ru,
         **_translated("rationale", {code: getattr(one, f"reason_{code}") for code in LANGUAGES})}
        for one in so_far if one.number > 1
    ]  # fmt: skip
    return {
        "id": found.tender.number,
        "title": said["title"][OWN],
        **_translated("title", said["title"]),
        "description": said["terms"][OWN],
        **_translated("description", said["terms"]),
        "status": "active",
        "items": [
            {"id": number, "description": number, "quantity": float(areas[number]),
             "unit": {"name": "ha", "scheme": "UNCEFACT", "id": "HAR"}}
            for number in said["plots"]
        ],
        "procurementMethod": "open",
        "awardCriteria": "ratedCriteria",
        "awardCriteriaDetails": criteria[OWN],
        **_translated("awardCriteriaDetails", criteria),
        "submissionMethod": ["electronicSubmission"],
        "enquiryPeriod": {"startDate": said["questions_from"], "endDate": said["questions_until"]},
        "tenderPeriod": {"startDate": said["questions_until"], "endDate": said["bids_until"]},
        "awardPeriod": {"startDate": said["opening_at"], "endDate": said["evaluation_until"]},
        **_documents(found, None if version.number == found.tender.version else version.published_at),
        **({"amendments": amendments} if amendments else {}),
    }  # fmt: skip


def _documents(found: Dossier, until: datetime | None = None) -> dict[str, list[dict[str, Any]]]:
    """The papers that are there, or were at a moment; nothing where there are none: no field stands empty."""
    papers = [
        {
            "id": str(one.pk), "title": one.title_ru, "format": one.content_type,
            "datePublished": moment(one.created_at),
            "url": settings.PUBLIC_URL.rstrip("/") + reverse("investors:tender_document", args=[one.pk]),
            **_translated("title", {code: getattr(one, f"title_{code}") for code in LANGUAGES}),
            **({"documentType": DOCUMENTS[one.kind]} if one.kind in DOCUMENTS else {}),
        }
        for one in found.documents
        if until is None or one.created_at <= until
    ]  # fmt: skip
    return {"documents": papers} if papers else {}


def _package(found: Dossier, name: str, cluster: Cluster) -> dict[str, Any]:
    with override(OWN):
        publisher = {"name": cluster.name}
    return {
        "uri": settings.PUBLIC_URL.rstrip("/") + reverse(f"investors:{name}", args=[found.tender.pk]),
        "version": "1.1",
        "publishedDate": moment(timezone.now()),
        "publisher": publisher,
        "extensions": [BIDS_EXTENSION],
    }


def _translated(name: str, texts: dict[str, str]) -> dict[str, str]:
    """A field in the other languages: `title_en`, `title_kk`."""
    return {f"{name}_{code}": text for code, text in texts.items() if code != OWN and text}

"""The certificate as a sheet (PDF), drawn of its frozen words, and those of many as one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from clinics.selectors.cluster import current_cluster
from clinics.selectors.wording import country_name
from cluster_portal.documents import rendering
from cluster_portal.documents.joining import join
from cluster_portal.web import wording
from training.selectors.certificates import tell

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from training.models import Certificate


def verify_address(number: str) -> str:
    """What the square code of a certificate says."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("training:verify_number", args=[number])


def certificate_sheet(certificate: Certificate, language: str = "") -> bytes:
    """The certificate in one of the portal's languages, the reader's own without one. One query."""
    with override(language or wording.language()):
        return rendering.pdf("certificate", _data(certificate))


def certificate_sheets(certificates: Iterable[Certificate]) -> bytes:
    """Those of many, one after another, in the reader's language."""
    return join(certificate_sheet(certificate) for certificate in certificates)


def days(first: date, last: date) -> str:
    """`26–27 апреля 2018`, over months and years as far as they differ."""
    end = wording.date_words(last, year=True)
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{end}"
    return f"{wording.date_words(first, year=first.year != last.year)} – {end}"


def facts(certificate: Certificate) -> list[dict[str, str]]:
    """What the certificate says beside the name, line by line: paper and the page of the check say the same words."""
    told = tell(certificate)
    hours = (
        _("%(hours)s academic hours, %(credits)s CME credits")
        if told.credits
        else _("%(hours)s academic hours")
    )
    presence = _("%(share)s %%, final assessment passed") if told.assessed else _("%(share)s %%")
    abroad = told.country != current_cluster().country and country_name(told.country)
    where = ", ".join(filter(None, (abroad, told.city, told.place)))
    return [
        {"label": label, "value": value}
        for label, value in (
            (_("Programme"), told.title),
            (_("Who taught"), told.host),
            (_("Where and when"), f"{where}, {days(told.starts_on, told.ends_on)}"),
            (_("Volume"), hours % {"hours": told.hours, "credits": told.credits}),
            (_("Presence"), presence % {"share": told.presence}),
        )
    ]


def _data(certificate: Certificate) -> dict[str, Any]:
    cluster = current_cluster()
    issued = certificate.issued_at.astimezone(wording.zone(cluster.time_zone))
    return {
        "language": wording.language(),
        "title": _("Certificate"),
        "cluster": cluster.name,
        "region": cluster.region_name,
        "says": _("This is to certify that"),
        "name": tell(certificate).name,
        "did": _("has completed the programme"),
        "facts": facts(certificate),
        "number": certificate.number,
        "issued": _("Issued on %(day)s") % {"day": wording.date_words(issued.date(), year=True)},
        "revoked": _("Revoked: %(reason)s") % {"reason": certificate.revoke_reason} if certificate.revoked_at else "",
        "qr": rendering.qr(verify_address(certificate.number)),
        "qr_alt": _("Code that opens the check of this certificate"),
        "check": _("Compare the words with the page that the code opens, or enter the number at %(address)s")
        % {"address": settings.PUBLIC_URL.rstrip("/") + reverse("training:verify")},
    }  # fmt: skip

"""What several papers share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode

from cluster_portal.documents import rendering
from patients.selectors.addresses import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clinics.models import Clinic
    from patients.models import Patient

#: Why a record was opened, as the journal of reads says it.
PURPOSE = "print"


def lookup_address() -> str:
    """Where the patient looks up a referral, as it is printed."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("patients:lookup")


def lookup_code(number: str) -> str:
    """The square code of that page with the number typed already (SVG). The birth date is never in it."""
    return rendering.qr(f"{lookup_address()}?{urlencode({'number': number})}")


def answers(choices: Iterable[tuple[str, Any]], chosen: str) -> list[dict[str, Any]]:
    """A numbered list of answers: `text`, `code`, and whether it is `chosen`."""
    return [{"code": code, "text": str(text), "chosen": code == chosen} for code, text in choices]


def place(clinic: Clinic) -> str:
    """Address and town of a clinic in one line; the town once, where the address names it itself."""
    return clinic.address if clinic.city in clinic.address else f"{clinic.address}, {clinic.city}"


def address_parts(address: dict[str, str] | None) -> dict[str, str]:
    """An address by its parts, empty where nobody filled them in."""
    return {part: (address or {}).get(part, "") for part in PARTS}


def document_of(patient: Patient) -> str:
    """The identity document as one writes it down."""
    named = " ".join(filter(None, (patient.document_type, patient.document_number)))
    return f"{named} ({patient.document_country})" if named and patient.document_country else named

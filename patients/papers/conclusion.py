"""The conclusion of a visit, to print and to put into the patient's record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cluster_portal.documents import rendering
from cluster_portal.web import wording
from patients.errors import NotConcludedYet
from patients.papers.common import PURPOSE, place
from patients.selectors.attachments import attachments_of
from patients.selectors.referrals import booking_of, conclusion_of, open_referral
from patients.states import FileKind

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor
    from patients.models import Conclusion, Referral


def conclusion_paper(actor: Actor, referral_id: uuid.UUID) -> tuple[bytes, str]:
    """The conclusion (PDF, labels in the reader's language) and a name for its file; opening it is journalled.

    Raises NotFound, and NotConcludedYet while there is none.
    """
    referral = open_referral(actor, referral_id, purpose=PURPOSE)
    conclusion = conclusion_of(referral)
    if conclusion is None:
        raise NotConcludedYet
    files = attachments_of(actor, referral_id).filter(kind=FileKind.CONCLUSION)
    names = list(files.values_list("name", flat=True))
    return rendering.pdf("conclusion", _data(referral, conclusion, names)), f"conclusion-{referral.number}"


def _data(referral: Referral, conclusion: Conclusion, files: list[str]) -> dict[str, Any]:
    patient, booking = referral.patient, booking_of(referral)
    clinic = booking.clinic if booking else referral.target_clinic
    zone = wording.zone(clinic.time_zone)
    facts = [
        (_("Patient"), f"{patient.full_name}, {wording.date_short(patient.birth_date)}"),
        (_("Referred by"), " · ".join(filter(None, (referral.source_clinic.name, referral.referrer_name)))),
        (_("Service"), referral.service_type.name if referral.service_type else ""),
        (_("Visit"), wording.moment(booking.start.astimezone(zone), "long") if booking else ""),
        (_("Diagnosis"), " ".join(filter(None, (conclusion.diagnosis_code, conclusion.diagnosis_text)))),
    ]
    return {
        "language": wording.language(),
        "title": _("Conclusion"),
        "number": _("Referral %(number)s") % {"number": referral.number},
        "clinic": clinic.name,
        "place": place(clinic),
        "facts": [{"label": label, "value": value} for label, value in facts if value],
        "parts": [
            {"title": title, "text": text}
            for title, text in (
                (_("What was found and done"), conclusion.text),
                (_("Recommendations"), conclusion.recommendations),
                (_("Files"), "\n".join(files)),
            )
            if text
        ],
        "practitioner": conclusion.practitioner_name,
        "written": wording.date_words(conclusion.created_at.astimezone(zone), year=True),
        "footer": pgettext("paper", "Made by the portal from the record of the referral"),
    }

"""The patient's slip: when and where to come, how to prepare, in the patient's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from babel import Locale
from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from clinics.selectors.regime import methods_with
from clinics.selectors.wording import country_name
from clinics.states import ServiceMode
from cluster_portal.common.errors import Invalid
from cluster_portal.documents import rendering
from cluster_portal.web import wording
from patients.errors import NotBookedYet
from patients.papers.common import PURPOSE, lookup_address, lookup_code, place
from patients.selectors.referrals import booking_of, open_referral
from patients.states import BookingState

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor
    from patients.models import Booking, Patient, Referral

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
#: Speakers of these read English rather than Russian; everybody else of whose language there is no slip, Russian.
READ_ENGLISH = frozenset({"ko", "ja", "zh", "vi", "de", "fr"})


def language_for(patient: Patient) -> str:
    """The language in which the patient's papers are printed unless somebody chooses another one."""
    if patient.language in LANGUAGES:
        return patient.language
    return "en" if patient.language in READ_ENGLISH else "ru"


def chosen_language(language: str, patient: Patient) -> str:
    """`language` where one is named, else the patient's. Raises Invalid for one in which nothing is printed."""
    if language and language not in LANGUAGES:
        raise Invalid(
            {"language": [_("Papers are printed in: %(codes)s.") % {"codes": ", ".join(LANGUAGES)}]}
        )
    return language or language_for(patient)


def slip(actor: Actor, referral_id: uuid.UUID, *, language: str = "") -> tuple[bytes, str]:
    """The slip (PDF) and a name for its file; opening it is journalled with the purpose `print`.

    Raises NotFound, NotBookedYet where there is no time ahead, and Invalid for a language in which there is no slip.
    """
    referral = open_referral(actor, referral_id, purpose=PURPOSE)
    language = chosen_language(language, referral.patient)
    booking = booking_of(referral)
    if booking is None or booking.state not in (BookingState.BOOKED, BookingState.ARRIVED):
        raise NotBookedYet
    with override(language):
        return rendering.pdf("slip", _data(referral, booking, language)), f"slip-{referral.number}-{language}"


def _data(referral: Referral, booking: Booking, language: str) -> dict[str, Any]:
    """The birth date is not on the slip: together with the number it would open the lookup to whoever finds it."""
    clinic, service, slot = booking.clinic, booking.slot.service, booking.slot
    start = booking.start.astimezone(wording.zone(clinic.time_zone))
    remote = service.mode == ServiceMode.TELEMEDICINE
    phone = service.phone or clinic.phone
    doctor = slot.practitioner
    facts = [
        (_("Service"), service.service_type.name),
        (_("Doctor"), f"{doctor.full_name}, {_lowered(doctor.position)}" if doctor else ""),
        (_("Room"), "" if remote else slot.room),
        (_("Clinic"), clinic.name),
        (_("Address"), "" if remote else place(clinic)),
        (_("Phone"), phone),
    ]
    return {
        "language": language,
        "title": _("Your appointment"),
        "patient": referral.patient.short_name,
        "number": _("Referral %(number)s") % {"number": referral.number},
        "weekday": capfirst(Locale(wording.language()).days["format"]["wide"][start.weekday()]),
        "day": wording.date_words(start, year=True),
        "time": f"{start:%H:%M}",
        "zone": _("local time of %(place)s, %(zone)s")
        % {"place": clinic.city, "zone": wording.utc_offset(start)},
        "other": _elsewhere(referral, booking),
        "facts": [{"label": label, "value": value} for label, value in facts if value],
        "remote": _("This visit is by video: you need not travel. The clinic tells you how to connect.")
        if remote
        else "",
        "advice": [
            {"title": title, "text": text}
            for title, text in (
                (_("How to prepare"), service.preparation),
                (_("What to bring"), service.documents),
                (_("Special regime"), _special(booking)),
                (_("If you cannot come"), _cannot(phone)),
            )
            if text
        ],
        "qr": lookup_code(referral.number),
        "qr_alt": _("Code that opens the page on which you look up your referral"),
        "lookup": _("Look up your referral with its number and your birth date:"),
        "address": lookup_address(),
        "printed": pgettext("slip", "Printed by: %(clinic)s") % {"clinic": referral.source_clinic.name},
    }


def _special(booking: Booking) -> str:
    """What is used with the service though it is not registered here, each with what the patient agrees to."""
    methods = methods_with(booking.slot.service_id, booking.clinic)
    if not methods:
        return ""
    lines = [f"{method.name} ({country_name(method.country)}): {method.consent}" for method in methods]
    words = _("The clinic uses what is not registered in this country. This is a summary, not legal advice.")
    return "\n".join([words, *lines])


def _lowered(words: str) -> str:
    """`Врач-кардиолог` inside a line; an abbreviation (`ЛОР-врач`) stays as it is."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def _cannot(phone: str) -> str:
    if not phone:
        return _(
            "Tell the clinic that referred you as early as you can: somebody else is waiting for this time."
        )
    words = _("Call %(phone)s as early as you can: somebody else is waiting for this time.")
    return words % {"phone": phone}


def _elsewhere(referral: Referral, booking: Booking) -> str:
    """The same moment by the clock of the clinic that referred, where that clock differs."""
    own = booking.start.astimezone(wording.zone(referral.source_clinic.time_zone))
    there = booking.start.astimezone(wording.zone(booking.clinic.time_zone))
    if own.utcoffset() == there.utcoffset():
        return ""
    words = _("%(place)s time: %(when)s")
    return words % {"place": referral.source_clinic.city, "when": wording.moment(own, "long")}

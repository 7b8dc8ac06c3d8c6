"""What the page of a referral and the reading pane of the triage list show, worked out from the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from babel import Locale
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.selectors.calendar import working_days
from clinics.selectors.nearby import distance_km
from clinics.selectors.openness import day_of
from clinics.selectors.regime import methods_with
from clinics.selectors.week import reason_label
from clinics.states import ServiceMode
from cluster_portal.common import identifiers
from cluster_portal.web import wording
from patients.models.reason import OTHER
from patients.policies import outflow_policy
from patients.selectors import worklists
from patients.selectors.addresses import address_line
from patients.selectors.advice import advice_behind
from patients.selectors.dictionaries import diagnosis_name
from patients.selectors.outflow import outflow_of
from patients.selectors.patients import consents_of
from patients.selectors.reasons import Names
from patients.selectors.referrals import (
    booking_of,
    conclusion_of,
    missing_consents,
    readers_of,
    steps_of,
)
from patients.services.actions import available_actions
from patients.services.deadlines import norm_for
from patients.services.drafts import age_on
from patients.states import CLOSED, REFERRING, BookingState, ConsentKind, ReasonKind, ReferralState
from patients.views import files, messages, papers, waiting
from patients.views.rows import FORWARD, STATE_LABELS, Button, buttons
from patients.views.story import moment, timeline

if TYPE_CHECKING:
    from clinics.models import Clinic
    from cluster_portal.common.actor import Actor
    from patients.models import Booking, Consent, Referral, ReferralStep

S = ReferralState


def crumbs(actor: Actor, referral: Referral) -> list[tuple[Any, str]]:
    """The way back: the side's lists, and the list in which the referral is now."""
    own = referral.source_organization_id == actor.organization_id
    side = worklists.OUT if own else worklists.IN
    key = next((k for k, q in worklists.QUEUES[side].items() if _stands_in(referral, k)), "all")
    queue = worklists.QUEUES[side][key]
    first = (
        _("Referrals") if own else _("Incoming referrals"),
        reverse("patients:worklist", args=[side, "all"]),
    )
    return [first, (queue.label, reverse("patients:worklist", args=[side, key]))]


def _stands_in(referral: Referral, key: str) -> bool:
    names = {"drafts": S.DRAFT, "triage": S.SUBMITTED}
    return referral.state == names.get(key, key)


def age_words(years: int) -> str:
    """`65 лет`"""
    return ngettext("%(n)d year old", "%(n)d years old", years) % {"n": years}


def life_cycle(referral: Referral, steps: list[ReferralStep]) -> list[dict[str, Any]]:
    """The five stations of a referral, and where it stands."""
    last = {step.action: step.at for step in steps}
    order = [S.SUBMITTED, S.ACCEPTED, S.BOOKED, S.IN_CARE, S.COMPLETED]
    titles = [_("Submitted"), _("Accepted"), _("Booked"), _("In care"), _("Completed")]
    done_by = {S.SUBMITTED: "submit", S.ACCEPTED: "accept", S.IN_CARE: "arrive", S.COMPLETED: "complete"}
    hints = {
        S.SUBMITTED: _("when it is sent"), S.ACCEPTED: _("the clinic decides"), S.BOOKED: _("a time is chosen"),
        S.IN_CARE: _("the clinic marks it"), S.COMPLETED: _("with a conclusion"),
    }  # fmt: skip
    now = {S.DRAFT: -1, S.RETURNED: 0, S.WAITLISTED: 1}.get(
        referral.state, order.index(referral.state) if referral.state in order else None
    )
    if now is None:
        # Closed on the way: what was reached stays reached.
        now = (
            2
            if last.keys() & {"book", "accept_offer"}
            else 1
            if "accept" in last
            else 0
            if "submit" in last
            else -1
        )
    found = []
    for place, (state, title) in enumerate(zip(order, titles, strict=True)):
        status = (
            "done"
            if place < now or referral.state == S.COMPLETED
            else "current"
            if place == now
            else "future"
        )
        at = last.get(done_by.get(state, ""))
        if at is None:
            known = {S.SUBMITTED: referral.submitted_at, S.ACCEPTED: referral.submitted_at,
                     S.IN_CARE: referral.appointment_at, S.COMPLETED: referral.completed_at}  # fmt: skip
            at = known.get(state)
        meta = moment(at) if at is not None and status != "future" else hints[state]
        if state == S.BOOKED and referral.appointment_at and status != "future":
            meta = _("for %(at)s") % {
                "at": moment(referral.appointment_at, referral.appointment_clinic.time_zone)
            }
        found.append({"title": title, "meta": meta, "state": status})
    if referral.state in (S.REJECTED, S.CANCELLED, S.RETURNED):
        stopped = {
            "title": STATE_LABELS[referral.state],
            "meta": moment(referral.state_since),
            "state": "stopped",
        }
        found = [
            step for step in found if step["state"] == "done" or (step["state"] == "current" and now >= 0)
        ]
        for step in found:
            step["state"] = "done"
        found.append(stopped)
    return found


def deadline(referral: Referral) -> dict[str, Any] | None:
    """The norm: by when, how much of it has passed, whether the visit is in time, and where the rule stands.

    None before the referral is sent; `day` is None where no norm is set for such care.
    """
    if referral.submitted_at is None:
        return None
    if referral.due_on is None:
        return {"day": None, "tone": "", "verdict": "", "norm": None, "late_reason": late_words(referral)}
    place = referral.target_clinic or referral.source_clinic
    begun, today = day_of(referral.submitted_at, place.time_zone), day_of(timezone.now(), place.time_zone)
    norm = norm_for(referral, country=place.country, on=begun)
    span = max(1, (referral.due_on - begun).days)
    visit = referral.appointment_at and day_of(referral.appointment_at, referral.appointment_clinic.time_zone)
    end = day_of(referral.completed_at, place.time_zone) if referral.completed_at else today
    tone, verdict = "", ""
    if visit and visit <= referral.due_on:
        tone, verdict = "good", _("in time")
    elif visit:
        tone, verdict = "danger", _("later than the norm")
    elif referral.state not in CLOSED and today > referral.due_on:
        tone, verdict = "danger", _("overdue")
    return {
        "day": referral.due_on,
        "passed": min(span, max(0, (end - begun).days)),
        "span": span,
        "tone": tone,
        "verdict": verdict,
        "norm": norm,
        "last_day": today == referral.due_on,
        "working_left": _working_left(today, referral.due_on, place.country),
        "late_reason": late_words(referral),
    }


def late_words(referral: Referral) -> str:
    """Why the visit is later than the norm allows: the coded reason, then the words."""
    code = referral.late_code
    parts = [Names()(ReasonKind.LATE, code) if code and code != OTHER else "", referral.late_reason]
    return capfirst(": ".join(filter(None, parts)))


def _working_left(today: Any, due: Any, country: str) -> int | None:
    """Working days from tomorrow to the last one; None once it has passed."""
    if due < today:
        return None
    return len(working_days(country, today + timezone.timedelta(days=1), due))


def visit(referral: Referral, booking: Booking | None) -> dict[str, Any] | None:
    """The card of the booking: when there and here, where, what to bring."""
    if booking is None or booking.state not in (
        BookingState.BOOKED,
        BookingState.ARRIVED,
        BookingState.FULFILLED,
    ):
        return None
    there = wording.zone(booking.clinic.time_zone)
    here = wording.zone(referral.source_clinic.time_zone)
    start, own = booking.start.astimezone(there), booking.start.astimezone(here)
    service = booking.slot.service
    return {
        "booking": booking,
        "clinic": booking.clinic,
        "slot": booking.slot,
        "service": service,
        "start": start,
        "month": wording.month(start.month),
        "minutes": int((booking.end - booking.start).total_seconds() // 60),
        # In words: a template would move it to the reader's clock.
        "other": wording.moment(own, "time") if own.utcoffset() != start.utcoffset() else "",
        "remote": service.mode == ServiceMode.TELEMEDICINE,
        # Why the clinic closes the time that the patient still has.
        "closing": reason_label(booking.slot.block_reason) if booking.state == BookingState.BOOKED else "",
    }


def two_clocks(referral: Referral) -> dict[str, Any] | None:
    """What time it is at both clinics, where that differs."""
    target = referral.appointment_clinic or referral.target_clinic
    if target is None:
        return None
    now = timezone.now()
    source_now = now.astimezone(wording.zone(referral.source_clinic.time_zone))
    target_now = now.astimezone(wording.zone(target.time_zone))
    apart = target_now.utcoffset() - source_now.utcoffset()
    if not apart:
        return None
    hours = abs(int(apart.total_seconds())) / 3600
    shown = wording.number(hours if hours % 1 else int(hours))
    words = _("%(n)s h ahead") if apart.total_seconds() > 0 else _("%(n)s h behind")
    return {
        "source": f"{source_now:%H:%M}", "source_offset": wording.utc_offset(source_now),
        "target": f"{target_now:%H:%M}", "target_offset": wording.utc_offset(target_now),
        "apart": words % {"n": shown},
    }  # fmt: skip


def patient_facts(referral: Referral) -> dict[str, Any]:
    """The patient's identifiers as documents print them, the age, the address in one line."""
    patient = referral.patient
    age = age_on(patient, timezone.localdate())
    return {
        "meta": " · ".join(
            (wording.date_short(patient.birth_date), age_words(age), str(patient.get_sex_display()))
        ),
        "snils": identifiers.format_snils(patient.snils),
        "enp": identifiers.format_enp(patient.enp),
        "address": address_line(patient.stay or patient.residence),
        "language": language_name(patient.language),
    }


def language_name(code: str) -> str:
    """A language by name, in the reader's language."""
    return Locale(wording.language()).languages.get(code, code)


def given_words(consents: list[Consent]) -> list[str]:
    """The consents in force that a referral needs, each in a line, the latest of a kind only."""
    found: dict[str, str] = {}
    for consent in consents:
        needed = consent.kind != ConsentKind.PROCESSING
        if needed and consent.withdrawn_on is None and consent.kind not in found:
            what = _("Consent: %(what)s, %(day)s")
            words = {"what": consent.get_kind_display(), "day": wording.date_short(consent.given_on)}
            found[consent.kind] = what % words
    return list(found.values())


def actions(actor: Actor, referral: Referral) -> tuple[Button | None, list[Button]]:
    """The one button that carries the referral forward, and the rest for the menu."""
    names = available_actions(actor, referral)
    if referral.state in (S.DRAFT, S.RETURNED):
        names = [name for name in names if name != "submit"]
    found = buttons(referral.pk, names)
    forward = next((button for button in found if button.name in (*FORWARD, "reschedule")), None)
    return forward, [button for button in found if button is not forward]


def page(actor: Actor, referral: Referral) -> dict[str, Any]:
    """Everything that the template of the page needs."""
    steps = list(steps_of(referral))
    booking = booking_of(referral)
    main, others = actions(actor, referral)
    consents = list(consents_of(referral.patient))
    referring = referral.source_organization_id == actor.organization_id
    norm = deadline(referral)
    appointed = visit(referral, booking)
    return {
        "referral": referral,
        "label": STATE_LABELS[referral.state],
        "crumbs": crumbs(actor, referral),
        "steps": life_cycle(referral, steps),
        "timeline": timeline(referral, steps),
        "visit": appointed,
        "special": methods_with(booking.slot.service_id, booking.clinic)
        if appointed
        else methods_with(referral.service_id, referral.target_clinic),
        "held": booking if booking is not None and booking.state == BookingState.HELD else None,
        "clocks": two_clocks(referral),
        "patient": referral.patient,
        "facts": patient_facts(referral),
        "given": given_words(consents),
        "diagnosis": diagnosis_name(referral.diagnosis_code) or referral.diagnosis_text,
        "deadline": norm,
        "waiting": waiting.panel(actor, referral),
        "met": bool(norm and norm["tone"] == "good"),
        "conclusion": conclusion_of(referral) if referral.state == S.COMPLETED else None,
        "readers": readers_of(referral),
        "main": main,
        "others": others,
        "side": REFERRING if referring else "receiving",
        "may_read": referring and referral.conclusion_unread,
        "open": referral.state not in CLOSED,
        "priority_words": capfirst(referral.get_priority_display()),
        "thread": messages.thread(actor, referral),
        "files": files.panel(actor, referral),
        "question": advice_behind(referral) if referring else None,
        "outside": outside(actor, referral) if referral.state in CLOSED and referring else None,
        **papers.of_referral(referral),
    }


def outside(actor: Actor, referral: Referral) -> dict[str, Any]:
    """Where a closed referral led outside the cluster, or whether it may be sent there."""
    entry = outflow_of(referral)
    return {"entry": entry, "may": entry is None and outflow_policy.may(actor, "create")}


def road(source: Clinic, target: Clinic | None) -> str:
    """How far the patient travels, in words."""
    if target is None:
        return ""
    km = distance_km(source.lat, source.lon, target.lat, target.lon)
    if km < 1:
        return _("under 1 km")
    return _("%(km)s km in a straight line") % {"km": wording.number(round(km))}


def readiness(referral: Referral) -> list[dict[str, Any]]:
    """What a decision needs, and whether the referral has it: one line each, good or not."""
    missing = missing_consents(referral)
    age = age_on(referral.patient, timezone.localdate())
    known = bool(referral.patient.snils or referral.patient.enp or referral.patient.iin)
    lines = [
        (_("Justification"), len(referral.reason) >= 40, _("very short")),
        (_("Question to the specialist"), bool(referral.question), _("not asked")),
        (_("Consent to the transfer of data"), not missing, _("not recorded")),
        (_("Identity: СНИЛС, policy or ИИН"), known, _("no number on record")),
    ]  # fmt: skip
    service = referral.service
    if service is not None:
        fits = service.age_min <= age <= service.age_max and service.sex in ("", referral.patient.sex)
        lines.append((_("Age and sex fit the service"), fits, _("outside the limits")))
        paid = referral.payment in service.payments
        lines.append(
            (_("Payment: %(kind)s") % {"kind": referral.get_payment_display()}, paid, _("not offered here"))
        )
    return [{"text": text, "good": good, "note": "" if good else note} for text, good, note in lines]

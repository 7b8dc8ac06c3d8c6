"""The waiting list on the pages: the panel of a referral, and the queue of a service with its order explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from clinics.selectors.openness import day_of
from cluster_portal.common.people import short_name
from cluster_portal.reports.exports import control
from cluster_portal.web import wording
from cluster_portal.web.mixins import SignedInMixin
from patients.forms.late import LateFields
from patients.policies import STAFF
from patients.selectors import waitlist
from patients.selectors.reasons import Names
from patients.selectors.wording import why, wishes
from patients.services.actions import is_offered
from patients.states import REFERRING, OfferState, ReasonKind, ReferralState

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor
    from patients.models import Referral, WaitlistEntry, WaitlistOffer

TONES = {
    OfferState.OPEN: "", OfferState.ACCEPTED: "good", OfferState.DECLINED: "", OfferState.LAPSED: "warning",
    OfferState.WITHDRAWN: "warning",
}  # fmt: skip


def panel(actor: Actor, referral: Referral) -> dict[str, Any] | None:
    """What the referral's page says of the waiting list; None where the referral never waited."""
    entry = waitlist.last_entry(referral)
    if entry is None:
        return None
    waits = referral.state == ReferralState.WAITLISTED and entry.ended_at is None
    offers = waitlist.offers_of(entry)
    own = referral.source_organization_id == actor.organization_id and actor.has(*STAFF)
    current = next((o for o in offers if o.state == OfferState.OPEN), None) if is_offered(referral) else None
    names = Names()
    values = {name: getattr(entry, name) for name in (
        "weekdays", "parts", "earliest_on", "latest_on", "notice_hours", "clinics")}  # fmt: skip
    place = waitlist.standing(entry) if waits else None
    return {
        "entry": entry,
        "waits": waits,
        "place": place,
        "before": before_words(place) if place else [],
        "wishes": wishes(values, waitlist.named_clinics(entry.clinics)),
        "over": _no_day_left(entry, referral) if waits else False,
        "offer": offer_card(referral, current) if current and waits else None,
        "may_answer": own,
        "side": REFERRING if own else "receiving",
        "past": [past_offer(offer, names) for offer in offers if offer is not current],
        "queue_url": f"{reverse('patients:waiting')}?service={entry.service_type_id}",
    }


def before_words(place: waitlist.Standing) -> list[str]:
    """How many go first, and why, each reason in a phrase."""
    found = []
    if place.urgent:
        found.append(
            ngettext("%(n)d is more urgent", "%(n)d are more urgent", place.urgent) % {"n": place.urgent}
        )
    if place.deadline:
        words = ngettext("%(n)d has an earlier deadline", "%(n)d have an earlier deadline", place.deadline)
        found.append(words % {"n": place.deadline})
    if place.longer:
        found.append(ngettext("%(n)d waits longer", "%(n)d wait longer", place.longer) % {"n": place.longer})
    return found


def _no_day_left(entry: WaitlistEntry, referral: Referral) -> bool:
    """Whether the last day that suits has passed, so that nothing can be offered any more."""
    zone = referral.source_clinic.time_zone
    return entry.latest_on is not None and entry.latest_on < day_of(timezone.now(), zone)


def offer_card(referral: Referral, offer: WaitlistOffer) -> dict[str, Any]:
    """The offered time: when there and here, where, until when it is kept."""
    now, clinic = timezone.now(), offer.slot.clinic
    start = offer.slot.start.astimezone(wording.zone(clinic.time_zone))
    here = start.astimezone(wording.zone(referral.source_clinic.time_zone))
    left = max(0, int((offer.until - now).total_seconds()))
    whole = max(1.0, (offer.until - offer.made_at).total_seconds())
    until = offer.until.astimezone(wording.zone(referral.source_clinic.time_zone))
    return {
        "offer": offer,
        "slot": offer.slot,
        "clinic": clinic,
        "start": start,
        "month": wording.month(start.month),
        "minutes": int((offer.slot.end - offer.slot.start).total_seconds() // 60),
        "other": here if here.utcoffset() != start.utcoffset() else None,
        "until": offer.until,
        "fraction": min(1.0, left / whole),
        "left": clock(left),
        "note": _("kept until %(time)s, then it goes to the next patient")
        % {"time": wording.moment(until, "smart")},
        "late": bool(referral.due_on and start.date() > referral.due_on),
        "form": LateFields(auto_id="offer_%s"),
    }


def clock(seconds: int) -> str:
    """`23:59:07`, below an hour `59:07`."""
    hours, rest = divmod(seconds, wording.HOUR)
    minutes, rest = divmod(rest, wording.MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def past_offer(offer: WaitlistOffer, names: Names) -> dict[str, Any]:
    """A line of what was offered before."""
    start = offer.slot.start.astimezone(wording.zone(offer.slot.clinic.time_zone))
    words = offer.get_state_display()
    if offer.reason:
        words = f"{words}: {names(ReasonKind.DECLINE_OFFER, offer.reason)}"
    return {
        "title": f"{wording.moment(start)}, {offer.slot.clinic.short_name}",
        "meta": words,
        "note": offer.comment and f"«{offer.comment}»",
        "tone": TONES[offer.state],
    }


class QueueView(SignedInMixin, TemplateView):
    """Who waits for a service, in the order in which they are asked, with the reason of each place."""

    roles = tuple(STAFF)
    template_name = "patients/waiting.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        services = waitlist.services_waited_for(actor)
        asked = self.request.GET.get("service", "")
        chosen = next((s for s in services if s["service_type"] == asked), services[0] if services else None)
        rows = waitlist.queue(actor, chosen["service_type"]) if chosen else []
        return super().get_context_data(
            **kwargs,
            services=[service | {"current": service is chosen} for service in services],
            chosen=chosen,
            rows=lines(rows),
            total=sum(service["own"] for service in services),
            offered=sum(service["offered"] for service in services),
            hidden=chosen["total"] - len(rows) if chosen else 0,
            export=control(actor, "patients.waiting", QueryDict(), service=chosen["service_type"])
            if chosen
            else None,
        )


def lines(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines of a queue with their words."""
    found = []
    for number, row in enumerate(rows, 1):
        name = ""
        if row["seen"]:
            name = short_name(row["patient__family"], row["patient__given"], row["patient__patronymic"])
        found.append(row | {
            "place": number,
            "why": why(found[-1] if found else None, row),
            "url": reverse("patients:referral", args=[row["referral_id"]]) if row["seen"] else "",
            "patient": name,
            "number": row["referral__number"],
            "born": row["patient__birth_date"] and row["patient__birth_date"].year,
            "wishes": wishes(row) if row["seen"] else [],
        })  # fmt: skip
    return found

"""The story of a referral in words: what happened, who did it, what is still to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cluster_portal.common.actor import SYSTEM
from cluster_portal.web import wording
from patients.selectors.reasons import Names
from patients.services.priorities import words_of
from patients.states import CLOSED, ReasonKind, ReferralState

if TYPE_CHECKING:
    from patients.models import Referral, ReferralStep

S = ReferralState

#: Words of the story, by action.
STORY = {
    "draft": gettext_lazy("Draft begun"),
    "submit": gettext_lazy("Submitted"),
    "accept": gettext_lazy("Accepted"),
    "change_priority": gettext_lazy("The priority is judged anew"),
    "book": gettext_lazy("Booked"),
    "reschedule": gettext_lazy("Booking moved"),
    "arrive": gettext_lazy("The patient came"),
    "complete": gettext_lazy("Conclusion sent"),
    "return_for_info": gettext_lazy("Returned"),
    "redirect": gettext_lazy("Redirected"),
    "reject": gettext_lazy("Rejected"),
    "wait": gettext_lazy("Put on the waiting list"),
    "change_preferences": gettext_lazy("Said anew what times suit"),
    "stop_waiting": gettext_lazy("Taken off the waiting list"),
    "offer": gettext_lazy("A time is offered"),
    "accept_offer": gettext_lazy("The offered time is taken"),
    "decline_offer": gettext_lazy("The offered time is declined"),
    "offer_lapsed": gettext_lazy("The offer was not answered"),
    "offer_withdrawn": gettext_lazy("The clinic closed the offered time"),
    "no_show": gettext_lazy("Did not come"),
    "record_call": gettext_lazy("Called"),
    "hand_back": gettext_lazy("Handed back"),
    "cancel_booking": gettext_lazy("Booking cancelled"),
    "cancel": gettext_lazy("Cancelled"),
    "read": gettext_lazy("Conclusion read"),
    "attach": gettext_lazy("Files added"),
    "detach": gettext_lazy("File removed"),
    "send_outside": gettext_lazy("Sent outside the cluster"),
}
TONES = {
    "return_for_info": "warning", "hand_back": "warning", "no_show": "warning", "cancel_booking": "warning",
    "redirect": "warning",
    "offer_lapsed": "warning", "offer_withdrawn": "warning", "accept_offer": "good",
    "reject": "danger", "cancel": "danger", "complete": "good",
}  # fmt: skip


#: Steps that name a time.
TIMED = ("book", "reschedule", "offer", "accept_offer")


def moment(at: Any, zone: str | None = None, style: str = "short") -> str:
    """A moment by the clock of a zone, the reader's own by default."""
    return wording.moment(at.astimezone(wording.zone(zone)), style)


def timeline(referral: Referral, steps: list[ReferralStep]) -> list[dict[str, Any]]:
    """The story, newest first, and above it what is still to come."""
    items, names = [], Names()
    for step in steps:
        title = str(STORY.get(step.action, step.action))
        if step.action in TIMED and step.details.get("at"):
            at = timezone.datetime.fromisoformat(step.details["at"])
            zone = referral.appointment_clinic.time_zone if referral.appointment_clinic else None
            zone = step.details.get("zone", zone)
            title = _("%(what)s: %(at)s") % {"what": title, "at": moment(at, zone)}
        elif step.reason:
            title = _("%(what)s: %(reason)s") % {"what": title, "reason": names(step.action, step.reason)}
        if step.action == "redirect" and step.details.get("clinic"):
            title = f"{title} → {step.details['clinic']}"
        by = _("the portal") if step.actor_name == SYSTEM.name and step.user_id is None else step.actor_name
        who = [moment(step.at, style="smart"), by]
        if step.organization is not None:
            who.append(step.organization.short_name)
        items.append(
            {
                "title": title,
                "meta": " · ".join(filter(None, who)),
                "note": " ".join([*_aside(step, names), *([f"«{step.comment}»"] if step.comment else [])])
                or ", ".join(step.details.get("files", ())),
                "tone": TONES.get(step.action, ""),
            }
        )
    if items and referral.state not in CLOSED:
        items[-1]["tone"] = items[-1]["tone"] or "current"
    return [*_ahead(referral), *reversed(items)]


def _aside(step: ReferralStep, names: Names) -> list[str]:
    """What a step did beside its own work: a time given back, the reason of a visit past the deadline."""
    found = []
    if at := step.details.get("freed"):
        found.append(
            _("The time %(at)s is free again.")
            % {"at": moment(timezone.datetime.fromisoformat(at), step.details["zone"])}
        )
    if changes := words_of(step.details):
        found.append(changes)
    if code := step.details.get("late"):
        found.append(_("Later than the norm: %(reason)s.") % {"reason": names(ReasonKind.LATE, code)})
    return found


def _ahead(referral: Referral) -> list[dict[str, Any]]:
    if referral.state == S.BOOKED:
        zone = referral.appointment_clinic.time_zone
        visit = _("Visit %(at)s") % {"at": moment(referral.appointment_at, zone)}
        return [
            {"title": _("The conclusion comes back"), "meta": _("after the visit"), "tone": "future"},
            {"title": visit, "meta": _("the clinic marks the arrival"), "tone": "future"},
        ]
    if referral.state == S.IN_CARE:
        return [{"title": _("The conclusion comes back"), "meta": _("after the visit"), "tone": "future"}]
    return []

"""Moving the patients whose times a clinic closes: the plan, its confirmation, what became of each row."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.generic import TemplateView

from clinics.selectors.week import reason_label
from cluster_portal.web import menu, wording
from cluster_portal.web.mixins import SignedInMixin
from patients.errors import AlreadyMoved
from patients.forms.moving import PREFIX, PlanForm
from patients.policies import STAFF
from patients.selectors import moving, worklists
from patients.services.moving import CALL, WAIT, Outcome, move_patients

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from patients.models import Booking

#: The groups of a row's times, by how near they are to the old one.
NEARNESS = {
    moving.SAME_PERSON: gettext_lazy("The same practitioner"),
    moving.SAME_SERVICE: gettext_lazy("The same service here"),
    moving.ELSEWHERE: gettext_lazy("Another clinic"),
}


class MovingView(SignedInMixin, TemplateView):
    """The patients to move, a proposal in each row, one confirmation for all.

    `clinic` and `who` in the address narrow the plan to one practitioner. The plan is worked out anew at each look; a
    row that lost its race comes back with a fresh proposal, and the others stand.
    """

    roles = tuple(STAFF)
    template_name = "patients/moving.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(PlanForm(initial={"late_reason": ""}))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = PlanForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        named = moving.bookings_named(request.actor, [move.booking_id for move in form.moves])
        outcomes = move_patients(
            request.actor,
            moves=form.moves,
            late_reason=form.cleaned_data["late_reason"],
            comment=form.cleaned_data["comment"],
        )
        menu.forget_counters(request.actor)
        # As they stand now: who was moved by a colleague has another time.
        named |= moving.bookings_named(request.actor, named)
        return self._page(form, outcomes=[_told(outcome, named) for outcome in outcomes])

    def _page(
        self, form: PlanForm, *, outcomes: list[dict[str, Any]] | None = None, status: int = 200
    ) -> HttpResponse:
        actor = self.request.actor
        clinic, who = self._asked("clinic"), self._asked("who")
        people = moving.people_to_move(actor)
        lines = [_row(line, form) for line in moving.plan(actor, clinic_id=clinic, practitioner_id=who)]
        # The list of the side that is the actor's daily work, also where the menu shows the page.
        listed = reverse("patients:worklist", args=[worklists.sides_of(actor)[0], worklists.TO_MOVE])
        self.request.menu_path = listed
        total = sum(line["count"] for line in people if _shown(line, clinic, who))
        if not form.is_bound and lines:
            form.initial["late_reason"] = lines[0]["reason"]
        context = self.get_context_data(
            form=form,
            rows=lines,
            tabs=self._tabs(people, clinic, who),
            total=total,
            hidden=total - len(lines),
            list_url=listed,
            late=any(time["late"] for row in lines for group in row["groups"] for time in group["times"]),
            outcomes=outcomes,
            done=sum(outcome["moved"] is not None for outcome in outcomes or ()),
            refused=sum(outcome["tone"] == "danger" for outcome in outcomes or ()),
        )
        return self.render_to_response(context, status=status)

    def _asked(self, name: str) -> uuid.UUID | None:
        try:
            return uuid.UUID(self.request.GET.get(name, ""))
        except ValueError:
            return None

    def _tabs(
        self, people: list[dict[str, Any]], clinic: uuid.UUID | None, who: uuid.UUID | None
    ) -> list[dict[str, Any]]:
        """Everybody, and each practitioner whose patients wait to be moved."""
        if len(people) < 2 and not clinic:
            return []
        address = reverse("patients:moving")
        tabs = [
            {
                "label": pgettext("queue", "All"),
                "url": address,
                "current": not clinic and not who,
                "count": sum(line["count"] for line in people),
            }
        ]
        for line in people:
            query = {"clinic": line["clinic"]} | (
                {"who": line["practitioner"]} if line["practitioner"] else {}
            )
            tabs.append(
                {
                    "label": line["name"] or _("Without a practitioner"),
                    "url": f"{address}?{urlencode(query)}",
                    "current": (clinic, who) == (line["clinic"], line["practitioner"]),
                    "count": line["count"],
                }
            )
        return tabs


def _shown(line: dict[str, Any], clinic: uuid.UUID | None, who: uuid.UUID | None) -> bool:
    return clinic in (None, line["clinic"]) and who in (None, line["practitioner"])


def _row(line: moving.Line, form: PlanForm) -> dict[str, Any]:
    """A line of the plan as the template shows it."""
    booking, referral = line.booking, line.booking.referral
    name = f"{PREFIX}{booking.pk}"
    proposed = line.proposed
    groups = []
    for nearness, label in NEARNESS.items():
        times = [_time(time, booking, time is proposed) for time in line.times if time.nearness == nearness]
        if times:
            groups.append({"label": label, "times": times})
    return {
        "name": name,
        "booking": booking,
        "referral": referral,
        "patient": booking.patient,
        "zone": booking.clinic.time_zone,
        "practitioner": booking.slot.practitioner,
        "reason": reason_label(booking.slot.block_reason),
        "groups": groups,
        "late": proposed is not None and proposed.late,
        "chosen": "" if proposed else CALL,
        "url": reverse("patients:referral", args=[referral.pk]),
        "more_url": reverse("patients:referral_time", args=[referral.pk]),
        "wait": WAIT,
        "call": CALL,
    }


def _time(time: moving.NewTime, booking: Booking, chosen: bool) -> dict[str, Any]:
    """An option of a row: the local time of its clinic, the zone named where it is not the old one's, who and where."""
    slot = time.slot
    start = slot.start.astimezone(wording.zone(slot.clinic.time_zone))
    words = [f"{wording.weekday(start.date())} {wording.moment(start)}"]
    if start.utcoffset() != slot.start.astimezone(wording.zone(booking.clinic.time_zone)).utcoffset():
        words[0] += f" ({wording.utc_offset(start)})"
    if slot.clinic_id != booking.clinic_id:
        words.append(slot.clinic.short_name)
    if slot.practitioner:
        words.append(slot.practitioner.short_name)
    if time.late:
        words.append(_("later than the norm"))
    return {"id": slot.pk, "text": " · ".join(words), "late": time.late, "chosen": chosen}


def _told(outcome: Outcome, named: dict[uuid.UUID, Booking]) -> dict[str, Any]:
    """A sentence on what became of a row."""
    booking = named.get(outcome.move.booking_id)
    found: dict[str, Any] = {"booking": booking, "tone": "good", "moved": None, "text": ""}
    if outcome.error is not None:
        found |= {"tone": "danger", "text": str(outcome.error)}
        if isinstance(outcome.error, AlreadyMoved):
            found["tone"] = "info"
    elif outcome.booking is not None:
        found |= {"moved": outcome.booking, "clinic": outcome.booking.slot.clinic}
    elif outcome.move.act == WAIT:
        found["text"] = _("put on the waiting list")
    else:
        found |= {"tone": "info", "text": _("left for a call, stays in this list")}
    if booking is not None:
        found["url"] = reverse("patients:referral", args=[booking.referral_id])
    return found

"""The week of a clinic: see it, publish it, close a part of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView, View

from clinics.errors import StrandedBookings
from clinics.forms.schedule import CloseForm, LeaveForm
from clinics.occupants import Occupant, moving_url, occupants
from clinics.policies import slot_administration_policy
from clinics.selectors import week as weeks
from clinics.selectors.calendar import monday_of, today_at
from clinics.services.schedules import add_exception, remove_exception
from clinics.services.slots import block_slots, publish_slots, reopen_slots
from cluster_portal.common.errors import NotFound
from cluster_portal.reports.exports import control
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.views import safe_next

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

    from clinics.models import Clinic, Practitioner, Slot
    from cluster_portal.common.actor import Actor

#: How many times of a day the side panel shows at once; the others are folded.
SHOWN_TIMES = 10
SUNDAY = 7


def day_in(text: str | None, default: date) -> date:
    """A day as an address has it (ISO); `default` where it is none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return default


def ids(values: Iterable[str]) -> list[UUID]:
    """Keys as a form sends them. Raises NotFound for what is none."""
    try:
        return [UUID(value) for value in values]
    except ValueError:
        raise NotFound from None


def clinic_in(request: HttpRequest, clinics: list[Clinic]) -> Clinic | None:
    """The own clinic that the address names, else the first one. Raises NotFound for a stranger's."""
    wanted = request.GET.get("clinic") or request.POST.get("clinic")
    if not wanted:
        return clinics[0] if clinics else None
    for clinic in clinics:
        if str(clinic.pk) == wanted:
            return clinic
    raise NotFound


def chosen_specialty(request: HttpRequest, specialties: list) -> str:
    """The specialty to show: what the address names, all where they fit one screen, else the largest."""
    wanted = request.GET.get("specialty")
    if wanted == "all" or any(row.code == wanted for row in specialties):
        return "" if wanted == "all" else wanted
    return max(specialties, key=lambda row: row.patterns).code if len(specialties) > 3 else ""


def booked_rows(actor: Actor, slots: Iterable[Slot]) -> list[tuple[Slot, list[Occupant]]]:
    """Slots with those who are in them, as far as the actor may see them."""
    slots = list(slots)
    people = occupants(actor, [slot.pk for slot in slots])
    return [(slot, people.get(slot.pk, [])) for slot in slots]


class ScheduleView(SignedInMixin, TemplateView):
    """The week: people by days, the chosen day beside it."""

    template_name = "clinics/schedule.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        actor = self.request.actor
        clinics = weeks.own_clinics(actor)
        clinic = clinic_in(self.request, clinics)
        context |= {"clinics": clinics, "clinic": clinic}
        if clinic is None:
            return context
        today = today_at(clinic.time_zone)
        # On Sunday the week that matters has not begun yet.
        soon = today + timedelta(days=1) if today.isoweekday() == SUNDAY else today
        chosen = day_in(self.request.GET.get("day"), soon)
        monday = monday_of(day_in(self.request.GET.get("week"), chosen))
        specialties = weeks.specialties_at(clinic)
        specialty = chosen_specialty(self.request, specialties)
        week = weeks.week_of(actor, clinic, monday, specialty=specialty)
        if not monday <= chosen <= week.sunday:
            chosen = today if monday <= today <= week.sunday else monday
        context |= {
            "week": week,
            "today": today,
            "this_week": monday_of(soon),
            "specialty_name": next((row.name for row in specialties if row.code == specialty), ""),
            "previous": monday - timedelta(days=7),
            "following": monday + timedelta(days=7),
            "specialties": specialties,
            "specialty": specialty,
            "chosen": chosen,
            "may_plan": slot_administration_policy.may(actor, "create"),
            "export": control(
                actor, "clinics.week", QueryDict(), clinic=clinic.pk, week=monday, specialty=specialty
            ),
            "threats": [
                {
                    "threat": threat,
                    "reason": weeks.reason_label(threat.reason),
                    "rows": booked_rows(actor, threat.slots),
                    "count": sum(slot.taken for slot in threat.slots),
                    "first": threat.slots[0].start,
                    "last": threat.slots[-1].start,
                    "moving_url": moving_url(
                        actor, clinic.pk, threat.practitioner and threat.practitioner.pk
                    ),
                }
                for threat in weeks.threats(actor, clinic)
            ],
            "selected": self._selected(week, chosen),
        }
        return context

    def _selected(self, week: weeks.Week, day: date) -> dict[str, Any] | None:
        """The side panel: one person's day. Without a choice, the first one who works that day."""
        line = week.line_of(self.request.GET.get("who"))
        if line is None:
            line = next((one for one in week.lines if any(c.day == day and c.pips for c in one.cells)), None)
        if line is None:
            return None
        cell = next((cell for cell in line.cells if cell.day == day), None)
        slots = weeks.day_slots(self.request.actor, week.clinic, line.practitioner, day)
        now = datetime.now(ZoneInfo(week.clinic.time_zone))
        rows = booked_rows(self.request.actor, slots)
        past = [row for row in rows if row[0].end <= now]
        ahead = rows[len(past) :]
        if not ahead:
            past, ahead = [], rows
        return {
            "line": line,
            "cell": cell,
            "earlier": past,
            "rows": ahead[:SHOWN_TIMES],
            "later": ahead[SHOWN_TIMES:],
            "minutes": int((slots[0].end - slots[0].start).total_seconds() // 60) if slots else 0,
            "schedule": next((slot.schedule for slot in slots if slot.schedule), None),
        }


def back(request: HttpRequest) -> str:
    """The week that the form was sent from."""
    return safe_next(request, reverse("clinics:schedule"))


class PublishView(SignedInMixin, View):
    """Publish the drafts of a week."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        clinic = clinic_in(request, weeks.own_clinics(request.actor))
        if clinic is None:
            raise NotFound
        monday = monday_of(day_in(request.POST.get("week"), today_at(clinic.time_zone)))
        count = publish_slots(
            request.actor,
            clinic_id=clinic.pk,
            first_day=monday,
            last_day=monday + timedelta(days=6),
            practitioner_ids=ids(request.POST.getlist("who")) or None,
        )
        message = ngettext("%(count)d slot published", "%(count)d slots published", count) % {"count": count}
        return go(request, back(request), message=message)


class ReopenView(SignedInMixin, View):
    """Open closed slots again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        count = reopen_slots(request.actor, slot_ids=ids(request.POST.getlist("slot")))
        message = ngettext("%(count)d slot opened", "%(count)d slots opened", count) % {"count": count}
        return go(request, back(request), message=message)


class PlannerFormView(SignedInMixin, ServiceFormMixin, FormView):
    """A form of those who plan. What stands in the way is listed on the same page."""

    clinic: Clinic | None = None
    #: Whether the free times may be closed while the booked ones wait.
    may_keep = False

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.in_the_way: list[tuple[Slot, list[Occupant]]] = []
        # The button that says so stands on the page only after the bookings in the way were listed.
        self.keep_booked = "keep_booked" in request.POST

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        slot_administration_policy.require(request.actor, "create")
        self.clinic = self.chosen_clinic()
        if self.clinic is None:
            raise NotFound

    def chosen_clinic(self) -> Clinic | None:
        """The clinic that the form is about."""
        return clinic_in(self.request, weeks.own_clinics(self.request.actor))

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"clinic": self.clinic}

    def get_initial(self) -> dict[str, Any]:
        return {name: value for name, value in self.request.GET.items() if name != "clinic"}

    def perform(self, form) -> HttpResponse | None:
        try:
            return self.work(form)
        except StrandedBookings as error:
            named = [row["slot"] for row in error.extra["slots"]]
            self.in_the_way = booked_rows(self.request.actor, weeks.slots_named(self.request.actor, named))
            raise

    def work(self, form) -> HttpResponse | None:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "clinic": self.clinic,
            "in_the_way": self.in_the_way,
            "keep": self.may_keep,
            "back": safe_next(self.request, reverse("clinics:schedule")),
        }

    def get_success_url(self) -> str:
        return back(self.request)

    def after(self, day: date, practitioner: Practitioner) -> str:
        """Where one goes on: to those who are to be moved, where the booked times were kept; else to the week."""
        moving = self.keep_booked and moving_url(self.request.actor, self.clinic.pk, practitioner.pk)
        return moving or self.week_url(day, practitioner)

    def week_url(self, day: date, practitioner: Practitioner) -> str:
        """The schedule at that day and person, among the people of one specialty."""
        known = {row.code for row in weeks.specialties_at(self.clinic)}
        specialty = next((code for code in practitioner.specialties if code in known), "all")
        query = {
            "clinic": self.clinic.pk,
            "day": day.isoformat(),
            "who": practitioner.pk,
            "specialty": specialty,
        }
        return f"{reverse('clinics:schedule')}?{urlencode(query)}"


class CloseView(PlannerFormView):
    """Close a part of somebody's day."""

    template_name = "clinics/close_time.html"
    form_class = CloseForm
    may_keep = True

    def work(self, form) -> HttpResponse:
        data = form.cleaned_data
        zone = ZoneInfo(self.clinic.time_zone)
        count = block_slots(
            self.request.actor,
            practitioner_id=data["practitioner"].pk,
            starts=datetime.combine(data["day"], data["starts"], zone),
            ends=datetime.combine(data["day"], data["ends"], zone),
            reason=data["comment"] or data["reason"],
            keep_booked=self.keep_booked,
        )
        message = ngettext("%(count)d slot closed", "%(count)d slots closed", count) % {"count": count}
        return go(self.request, self.after(data["day"], data["practitioner"]), message=message)


class LeaveView(PlannerFormView):
    """Days on which somebody does not see patients."""

    template_name = "clinics/leave.html"
    form_class = LeaveForm
    may_keep = True

    def work(self, form) -> HttpResponse:
        data = form.cleaned_data
        add_exception(
            self.request.actor,
            practitioner_id=data["practitioner"].pk,
            clinic_id=self.clinic.pk,
            first_day=data["first_day"],
            last_day=data["last_day"],
            reason=data["reason"],
            comment=data["comment"],
            keep_booked=self.keep_booked,
        )
        url = self.after(data["first_day"], data["practitioner"])
        return go(self.request, url, message=_("These days are closed for booking"))


class LeaveRemoveView(SignedInMixin, View):
    """Take days without reception back."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        count = remove_exception(request.actor, exception_id=pk)
        message = ngettext("%(count)d slot opened", "%(count)d slots opened", count) % {"count": count}
        return go(request, back(request), message=message)

"""What is done to many times in one go: a pattern once more, days off closed for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.forms.schedule import CopyForm, DaysOffForm
from clinics.occupants import moving_url
from clinics.selectors.calendar import today_at
from clinics.selectors.days_off import days_off_ahead
from clinics.selectors.schedules import pattern
from clinics.services.closing import close_days
from clinics.services.copying import copy_schedule, look_at_copy
from clinics.views.patterns import patterns_url
from clinics.views.schedule import PlannerFormView
from cluster_portal.web.mixins import go

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from clinics.models import Schedule
    from clinics.services.copying import Copy

#: How many times in the way are named on the page.
SHOWN = 12


class PatternCopyView(PlannerFormView):
    """A pattern for other weeks, another person, room or service. What it comes to is shown before it is made."""

    template_name = "clinics/pattern_copy.html"
    form_class = CopyForm
    schedule: Schedule | None = None
    copy: Copy | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.schedule = pattern(request.actor, kwargs["pk"])
        super().look_up(request, **kwargs)

    def chosen_clinic(self) -> Any:
        return self.schedule.service.clinic

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "schedule": self.schedule,
            "today": today_at(self.clinic.time_zone),
        }

    def work(self, form: CopyForm) -> HttpResponse:
        arguments = {"schedule_id": self.schedule.pk, "data": form.values()}
        if "make" not in self.request.POST:
            self.copy = look_at_copy(self.request.actor, **arguments)
            return self.render_to_response(self.get_context_data(form=form))
        copy_schedule(self.request.actor, leave_out="leave_out" in self.request.POST, **arguments)
        message = _("The pattern is copied. Its times are drafts until you publish them.")
        return go(self.request, patterns_url(self.clinic.pk), message=message)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "schedule": self.schedule,
            "back": patterns_url(self.clinic.pk),
            "copy": self.copy,
            "clashes": self.copy.clashes[:SHOWN] if self.copy else [],
        }


class DaysOffView(PlannerFormView):
    """The days off ahead, and what stands on them: closed for everybody in one go."""

    template_name = "clinics/days_off.html"
    form_class = DaysOffForm
    may_keep = True

    def get_form_kwargs(self) -> dict[str, Any]:
        self.days = days_off_ahead(self.clinic)
        arguments = super().get_form_kwargs() | {"offered": [row.day for row in self.days]}
        del arguments["clinic"]
        return arguments

    def get_initial(self) -> dict[str, Any]:
        return {"days": [row.day.isoformat() for row in self.days if row.times]}

    def work(self, form: DaysOffForm) -> HttpResponse:
        data = form.cleaned_data
        count = close_days(
            self.request.actor, clinic_id=self.clinic.pk, days=data["all"], comment=data["comment"],
            keep_booked=self.keep_booked,
        )  # fmt: skip
        message = ngettext("%(count)d slot closed", "%(count)d slots closed", count) % {"count": count}
        moving = self.keep_booked and moving_url(self.request.actor, self.clinic.pk, None)
        return go(self.request, moving or patterns_url(self.clinic.pk), message=message)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        chosen = context["form"]["days"].value() or []
        rows = [(row, row.day.isoformat() in chosen) for row in self.days]
        return context | {"days": rows, "back": patterns_url(self.clinic.pk)}

"""Weekly patterns: list, make, change, publish, end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from clinics.forms.schedule import EndForm, PatternForm
from clinics.policies import slot_administration_policy
from clinics.selectors.calendar import today_at
from clinics.selectors.schedules import closures_at, exceptions_at, pattern, patterns_at
from clinics.selectors.week import own_clinics, specialties_at
from clinics.services.schedules import create_schedule, end_schedule, publish_schedule, update_schedule
from clinics.views.schedule import PlannerFormView, chosen_specialty, clinic_in
from cluster_portal.reports.exports import control
from cluster_portal.web.mixins import SignedInMixin, go

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from clinics.models import Schedule


def patterns_url(clinic_id: Any) -> str:
    """The list of a clinic's patterns."""
    return f"{reverse('clinics:schedule_patterns')}?{urlencode({'clinic': clinic_id})}"


class PatternListView(SignedInMixin, TemplateView):
    """Who sees patients when, and who is away."""

    template_name = "clinics/patterns.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        clinics = own_clinics(actor)
        clinic = clinic_in(self.request, clinics)
        context = super().get_context_data(**kwargs) | {"clinics": clinics, "clinic": clinic}
        if clinic is not None:
            specialties = specialties_at(clinic)
            specialty = chosen_specialty(self.request, specialties)
            context |= {
                "patterns": patterns_at(actor, clinic, specialty),
                "specialties": specialties,
                "specialty": specialty,
                "exceptions": exceptions_at(actor, clinic),
                "closures": closures_at(actor, clinic),
                "may_plan": slot_administration_policy.may(actor, "create"),
                "export": control(
                    actor, "clinics.patterns", QueryDict(), clinic=clinic.pk, specialty=specialty
                ),
            }
        return context


class PatternFormView(PlannerFormView):
    """A pattern as a form; without a key, a new one."""

    template_name = "clinics/pattern.html"
    form_class = PatternForm
    schedule: Schedule | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if "pk" in kwargs:
            self.schedule = pattern(request.actor, kwargs["pk"])
        super().look_up(request, **kwargs)

    def chosen_clinic(self) -> Any:
        return self.schedule.service.clinic if self.schedule else super().chosen_clinic()

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "schedule": self.schedule,
            "today": today_at(self.clinic.time_zone),
        }

    def work(self, form: PatternForm) -> HttpResponse:
        arguments = {"data": form.values(), "hours": form.cleaned_data["hours"]}
        if self.schedule:
            update_schedule(self.request.actor, schedule_id=self.schedule.pk, **arguments)
            message = _("Saved. New times are drafts until you publish them.")
        else:
            create_schedule(self.request.actor, **arguments)
            message = _("The pattern is made. Its times are drafts until you publish them.")
        return go(self.request, patterns_url(self.clinic.pk), message=message)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"schedule": self.schedule, "back": patterns_url(self.clinic.pk)}


class PatternPublishView(SignedInMixin, View):
    """Publish a pattern: what stands as drafts now, and later weeks as they come."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        clinic_id = pattern(request.actor, pk).service.clinic_id
        count = publish_schedule(request.actor, schedule_id=pk)
        message = ngettext("%(count)d slot published", "%(count)d slots published", count) % {"count": count}
        return go(request, patterns_url(clinic_id), message=message)


class PatternEndView(PlannerFormView):
    """Let a pattern end with a day."""

    template_name = "clinics/pattern_end.html"
    form_class = EndForm
    schedule: Schedule | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.schedule = pattern(request.actor, kwargs["pk"])
        super().look_up(request, **kwargs)

    def chosen_clinic(self) -> Any:
        return self.schedule.service.clinic

    def get_form_kwargs(self) -> dict[str, Any]:
        arguments = super().get_form_kwargs()
        del arguments["clinic"]
        return arguments

    def work(self, form: EndForm) -> HttpResponse:
        end_schedule(self.request.actor, schedule_id=self.schedule.pk, last_day=form.cleaned_data["last_day"])
        return go(self.request, patterns_url(self.clinic.pk), message=_("The pattern has an end now"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"schedule": self.schedule, "back": patterns_url(self.clinic.pk)}

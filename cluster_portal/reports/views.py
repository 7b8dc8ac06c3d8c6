"""The pages of reports: the catalogue, asking for one, letting it come by itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from cluster_portal.common.errors import Forbidden, NotFound, PortalError
from cluster_portal.reports import base
from cluster_portal.reports.exports import Export
from cluster_portal.reports.forms import FormatForm, ScheduleForm
from cluster_portal.reports.selectors import ORDER, runs_of, schedules_of
from cluster_portal.reports.services.asking import find_report, run_report
from cluster_portal.reports.services.schedules import create_schedule, switch_schedule
from cluster_portal.web.forms import add_error
from cluster_portal.web.mixins import PAGE_ERRORS, SignedInMixin, go
from cluster_portal.web.pagination import page_of

if TYPE_CHECKING:
    import uuid

    from django.forms import BaseForm
    from django.http import HttpRequest, HttpResponse

    from cluster_portal.jobs.models import Job


class Catalogue(SignedInMixin, TemplateView):
    """The reports that the person may run, by group."""

    template_name = "reports/catalogue.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = base.catalogue(self.request.actor)
        groups = [
            (base.GROUPS[group], list(reports))
            for group, reports in groupby(found, lambda report: report.group)
        ]
        return super().get_context_data(groups=groups, **kwargs)


class _ReportForms(SignedInMixin, TemplateView, ABC):
    """A report's parameters and what is asked beside them, in one form."""

    success_message: Any = None

    @cached_property
    def report(self) -> base.Report:
        report = find_report(self.request.actor, self.kwargs["code"])
        if not report.listed:
            # A list is asked for where it stands, with its own filters.
            raise NotFound
        return report

    def build(self, data: Any = None) -> list[BaseForm]:
        """The forms of the page, the report's own first."""
        # A report asked for once more comes with its parameters in the address.
        given = {
            name: value
            for name, value in self.request.GET.items()
            if name in self.report.parameters.base_fields
        }
        own = self.report.parameters(data, actor=self.request.actor, initial=given)
        return [own, FormatForm(data, report=self.report)]

    def parameters(self) -> dict[str, Any]:
        """The report's parameters as they were sent."""
        names = self.report.parameters.base_fields
        return {name: self.request.POST[name] for name in names if self.request.POST.get(name)}

    @abstractmethod
    def perform(self, forms: list[BaseForm]) -> HttpResponse:
        """Do what was asked for with the valid forms of `build`. Raises the services' errors."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        forms = self.build(request.POST)
        # Each of them is asked, so that the page shows all that is wrong at once.
        if sum(form.is_valid() for form in forms) == len(forms):
            try:
                return self.perform(forms)
            except PAGE_ERRORS:
                raise
            except PortalError as error:
                add_error(next((form for form in forms if error.field in form.fields), forms[0]), error)
        return self.render_to_response(self.get_context_data(forms=forms), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("forms", self.build())
        return super().get_context_data(report=self.report, **kwargs)


class ReportPage(_ReportForms):
    """Ask for a report; its latest files and its schedules stand beside."""

    template_name = "reports/report.html"

    def perform(self, forms: list[BaseForm]) -> HttpResponse:
        job = run_report(
            self.request.actor,
            code=self.report.code,
            parameters=self.parameters(),
            file_format=forms[1].cleaned_data["file_format"],
        )
        return go(self.request, "jobs:detail", job.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        runs = list(runs_of(actor, self.report.code)[:5])
        for job in runs:
            job.words = described(self.report, actor, job)
        schedules = list(schedules_of(actor, self.report.code)[:20]) if actor.user_id else []
        return super().get_context_data(runs=runs, schedules=schedules, **kwargs)


class ScheduleReport(_ReportForms):
    """Let a report come by itself."""

    template_name = "reports/schedule.html"

    def build(self, data: Any = None) -> list[BaseForm]:
        forms = super().build(data)
        if self.request.actor.organization_id is None:
            raise Forbidden
        return [*forms, ScheduleForm(data, actor=self.request.actor)]

    def perform(self, forms: list[BaseForm]) -> HttpResponse:
        create_schedule(
            self.request.actor,
            code=self.report.code,
            parameters=self.parameters(),
            file_format=forms[1].cleaned_data["file_format"],
            **forms[2].cleaned_data,
        )
        return go(self.request, "reports:schedules", message=_("The report will come by itself."))


class ExportList(SignedInMixin, View):
    """The file of a list: its own address stands behind ours, what it filters and in which order."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        export = find_report(request.actor, code)
        if not isinstance(export, Export):
            raise NotFound
        job = run_report(
            request.actor,
            code=code,
            parameters=export.asked(request.actor, request.GET),
            file_format=request.POST.get("file_format", ""),
        )
        return go(request, "jobs:detail", job.pk)


class ScheduleList(SignedInMixin, TemplateView):
    """The person's schedules."""

    template_name = "reports/schedules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = page_of(self.request, schedules_of(self.request.actor), ORDER)
        for schedule in page:
            report = base.report_of(schedule.report)
            schedule.title = report.title if report else schedule.report
            schedule.words = report.subtitle(self.request.actor, schedule.parameters) if report else ""
        return super().get_context_data(page=page, **kwargs)


class SwitchSchedule(SignedInMixin, View):
    """Stop a schedule or let it go on."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        on = request.POST.get("on") == "1"
        switch_schedule(request.actor, schedule_id=pk, on=on)
        text = _("The report comes by itself again.") if on else _("The report no longer comes by itself.")
        return go(request, "reports:schedules", message=text)


def described(report: base.Report, actor: Any, job: Job) -> str:
    """What a run was asked for, in words."""
    return report.subtitle(actor, job.params.get("parameters", {}))

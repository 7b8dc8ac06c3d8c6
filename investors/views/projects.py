"""Projects: pages for everybody, forms for the land office, figures from the companies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import TemplateView, View

from clinics.errors import LikelyDuplicate
from clinics.selectors.cluster import current_cluster
from cluster_portal.common.errors import NotFound
from cluster_portal.web.acts import Act, ReasonForm, StepMixin
from cluster_portal.web.mixins import SignedInMixin, go
from cluster_portal.web.pagination import page_of
from investors import oc4ids
from investors.forms import projects as forms
from investors.policies.projects import project_policy
from investors.selectors import openings
from investors.selectors import projects as selectors
from investors.selectors.chain import chain_from
from investors.services import buildings
from investors.services import projects as services
from investors.views.base import FormPage

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from investors.models import Project, ProjectFigure, ProjectFunding, ProjectMilestone

ACTS = {
    "prepare": Act(
        services.prepare_project, pgettext_lazy("project", "Begin preparation"), "file-text",
        gettext_lazy("The project is being designed."), done=gettext_lazy("Saved"),
    ),
    "implement": Act(
        services.implement_project, pgettext_lazy("project", "Begin implementation"), "flag",
        gettext_lazy("The project is being built."), done=gettext_lazy("Saved"),
    ),
    "deliver": Act(
        services.deliver_project, pgettext_lazy("project", "Hand over"), "building",
        gettext_lazy("It is built, and is being handed over and equipped."), done=gettext_lazy("Saved"),
    ),
    "open": Act(
        buildings.open_building, pgettext_lazy("project", "Building opened"), "building-hospital",
        gettext_lazy("The plots are shown as built and the cluster office is told. This cannot be undone."),
        form=forms.OpeningForm, done=pgettext_lazy("project", "The building is open"),
    ),
    "complete": Act(
        services.complete_project, pgettext_lazy("project", "Complete"), "circle-check",
        gettext_lazy("Everything is done. This cannot be undone."), form=forms.CompleteForm,
        done=gettext_lazy("Saved"),
    ),
    "cancel": Act(
        services.cancel_project, pgettext_lazy("project", "Cancel the project"), "circle-x",
        gettext_lazy("Everybody reads the reason. This cannot be undone."), form=ReasonForm, danger=True,
        done=gettext_lazy("Saved"),
    ),
}  # fmt: skip
MILESTONE_ACTS = {
    "meet": Act(
        services.meet_milestone, pgettext_lazy("milestone", "Reached"), "circle-check",
        gettext_lazy("Its day is not moved any more."), form=forms.MetForm, done=gettext_lazy("Saved"),
    ),
    "move": Act(
        services.move_milestone, pgettext_lazy("milestone", "Move the day"), "calendar-event",
        gettext_lazy("The old day stays on record, with the reason."), form=forms.MoveForm, warns=True,
        done=gettext_lazy("Saved"),
    ),
}  # fmt: skip
TONES = {
    "identification": "submitted", "preparation": "submitted", "implementation": "booked", "completion": "booked",
    "completed": "good", "cancelled": "neutral",
}  # fmt: skip
MILESTONE_TONES = {"scheduled": "submitted", "met": "good", "notMet": "danger"}


def line(project: Project) -> dict[str, Any]:
    """A project with how far it has come."""
    return {
        "project": project, "tone": TONES[project.state], "money": selectors.money_of(project),
        "jobs": selectors.jobs_of(project), "plots": selectors.plots_of(project),
    }  # fmt: skip


class ProjectsView(TemplateView):
    """What is built on the cluster's land."""

    template_name = "investors/projects/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        bar = forms.ProjectFilter(self.request.GET)
        bar.is_valid()
        asked = selectors.ProjectsAsked(
            state=bar.cleaned_data.get("state", ""), direction=bar.cleaned_data.get("direction", ""),
            late=bar.cleaned_data.get("late", False),
        )  # fmt: skip
        page = page_of(self.request, selectors.projects(actor, asked), selectors.ORDER)
        page.items = [line(one) for one in page.items]
        return super().get_context_data(
            **kwargs,
            filter=bar,
            narrowed=bool(asked),
            page=page,
            may_write=project_policy.may(actor, "create"),
        )


class Oc4idsView(View):
    """Projects by the Open Contracting for Infrastructure Data Standard: one, or all that everybody may read.

    The standard has no package without a project: where none is published there is nothing here either.
    """

    def get(self, request: HttpRequest, pk: uuid.UUID | None = None) -> JsonResponse:
        found = [selectors.published_project(pk)] if pk else list(selectors.published_projects())
        if not found:
            raise NotFound
        answer = oc4ids.package(found, current_cluster(), request.path, selectors.today())
        return JsonResponse(answer, json_dumps_params={"ensure_ascii": False, "indent": 1})


class ProjectView(TemplateView):
    """One project."""

    template_name = "investors/projects/project.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor, day = self.request.actor, selectors.today()
        found = selectors.project_file(actor, pk)
        project = found.project
        milestones = [
            {"row": one, "state": (state := one.state_on(day)).label, "tone": MILESTONE_TONES[state.value]}
            for one in found.milestones
        ]
        return super().get_context_data(
            **kwargs, **line(project), found=found, milestones=milestones, writes=found.keeps and project.is_open,
            acts=[(name, ACTS[name]) for name in found.actions],
            chains=[chain_from(actor, plot, project.agreement, here=project) for plot in found.plots],
        )  # fmt: skip


class _ProjectPage(FormPage):
    """A form about a project with which the reader does `action`."""

    template_name, action = "investors/projects/form.html", "keep"
    project: Project | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.project = selectors.project_to(request.actor, self.action, kwargs["pk"])

    @property
    def back(self) -> str:
        if self.project is None:
            return reverse("investors:projects")
        return reverse("investors:project", args=[self.project.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, project=self.project)


class ProjectFormView(_ProjectPage):
    """Begin a project (perhaps from the agreement of the address), or correct one."""

    form_class = forms.ProjectForm

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if "pk" in kwargs:
            super().look_up(request, **kwargs)
        else:
            project_policy.require(request.actor, "create")

    @property
    def title(self) -> Any:
        return gettext_lazy("Correct the project") if self.project else gettext_lazy("New project")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.project, "actor": self.request.actor}

    def get_initial(self) -> dict[str, Any]:
        if self.project:
            return {}
        return selectors.begun_from(self.request.actor, self.request.GET.get("agreement", ""))

    def perform(self, form: forms.ProjectForm) -> HttpResponse:
        actor, data = self.request.actor, form.values()
        if self.project:
            services.update_project(actor, project_id=self.project.pk, data=data)
        else:
            agreement = form.cleaned_data["agreement"].pk
            self.project = services.begin_project(actor, agreement_id=agreement, data=data)
        return self.done()


class StepView(StepMixin, _ProjectPage):
    """A step by the state table."""

    acts, key = ACTS, "project_id"


class OpenView(StepView):
    """The building opens, and what is in it becomes a clinic of the registry."""

    template_name = "investors/projects/open.html"
    #: What on record may be the clinic that is being entered.
    candidates: tuple[dict[str, Any], ...] = ()

    def get_form_kwargs(self) -> dict[str, Any]:
        opening = openings.opening_of(self.request.actor, self.project)
        return super().get_form_kwargs() | {"opening": opening}

    def perform(self, form: forms.OpeningForm) -> HttpResponse:
        try:
            buildings.open_building(
                self.request.actor, project_id=self.project.pk, **form.said(),
                confirmed_distinct="distinct" in self.request.POST,
            )  # fmt: skip
        except LikelyDuplicate as found:
            self.candidates = found.extra["candidates"]
            raise
        return self.done(self.act.done)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, candidates=self.candidates)


class _RowFormView(_ProjectPage):
    """Add a row to a project by its service."""

    service: Any

    def perform(self, form: Any) -> HttpResponse:
        type(self).service(self.request.actor, project_id=self.project.pk, data=form.values())
        return self.done()


class MilestoneFormView(_RowFormView):
    """Plan a milestone."""

    form_class, title = forms.MilestoneForm, pgettext_lazy("project", "New milestone")
    service = staticmethod(services.add_milestone)


class FigureFormView(_RowFormView):
    """Tell what was made."""

    form_class, title, action = forms.FigureForm, pgettext_lazy("project", "Money and jobs made"), "report"
    service = staticmethod(services.report_figure)


class FundingFormView(_RowFormView):
    """Say who pays."""

    form_class, title = forms.FundingForm, pgettext_lazy("project", "Source of funding")
    service = staticmethod(services.add_funding)


class FundingEditView(_ProjectPage):
    """Correct who pays, or how much."""

    form_class, title = forms.FundingForm, pgettext_lazy("project", "Source of funding")
    funding: ProjectFunding

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.funding = selectors.funding_to_keep(request.actor, kwargs["pk"])
        self.project = self.funding.project

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.funding}

    def perform(self, form: forms.FundingForm) -> HttpResponse:
        services.update_funding(self.request.actor, funding_id=self.funding.pk, data=form.values())
        return self.done()


class FigureRejectView(_ProjectPage):
    """What the company told goes away, and it reads why."""

    form_class, title = ReasonForm, pgettext_lazy("project", "Reject the figures")
    figure: ProjectFigure

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.figure = selectors.figure_to_check(request.actor, kwargs["pk"])
        self.project = self.figure.project

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        note = _("The company reads the reason and tells the figures anew.")
        return super().get_context_data(**kwargs, note=note, submit=pgettext_lazy("figure", "Reject"))

    def perform(self, form: ReasonForm) -> HttpResponse:
        services.reject_figure(self.request.actor, figure_id=self.figure.pk, **form.cleaned_data)
        return self.done()


class _MilestonePage(_ProjectPage):
    milestone: ProjectMilestone

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.milestone = selectors.milestone_to_keep(request.actor, kwargs["pk"])
        self.project = self.milestone.project

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, milestone=self.milestone)


class MilestoneEditView(_MilestonePage):
    """Call a milestone otherwise."""

    form_class, title = forms.MilestoneTitleForm, pgettext_lazy("project", "Correct the milestone")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.milestone}

    def perform(self, form: forms.MilestoneTitleForm) -> HttpResponse:
        services.update_milestone(self.request.actor, milestone_id=self.milestone.pk, data=form.values())
        return self.done()


class MilestoneStepView(StepMixin, _MilestonePage):
    """Reached, or moved to another day."""

    acts, key = MILESTONE_ACTS, "milestone_id"


class _RowStepView(SignedInMixin, View):
    """A button beside a row."""

    http_method_names = ["post"]


class FigureConfirmView(_RowStepView):
    """What the company told is right."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        figure = services.confirm_figure(request.actor, figure_id=pk)
        return go(request, "investors:project", figure.project_id, message=_("Confirmed."))


class FundingRemoveView(_RowStepView):
    """A source goes away."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        project = services.remove_funding(request.actor, funding_id=pk)
        return go(request, "investors:project", project, message=_("Removed."))

"""Projects for programs: what is built on the cluster's land, how far it has come, who pays, and the land office's
acts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from clinics.states import ClinicType
from cluster_portal.api.filters import DayFilter, FlagFilter, MomentFilter
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    TranslatedField,
    Translations,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from investors.api.companies import ReasonBody
from investors.models import Project, ProjectMilestone
from investors.policies.projects import figure_policy, funding_policy, milestone_policy, project_policy
from investors.project_states import FundingKind, MilestoneState, ProjectState
from investors.selectors import projects as selectors
from investors.services import buildings
from investors.services import projects as services
from investors.states import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor


class ProjectChanges(InputSerializer):
    """What is corrected of a project; fields that are not sent stay as they are."""

    title = Translations(250)
    description = Translations(3000, required=False, allow_blank=True)
    direction = serializers.ChoiceField(Direction.choices, required=False)
    investment_pledged = serializers.DecimalField(
        max_digits=15, decimal_places=2, min_value=0, required=False
    )
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, help_text="ISO 4217")
    jobs_pledged = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)


class ProjectInput(ProjectChanges):
    """A project under an agreement; what is pledged is that of its interest where nothing is sent."""

    agreement = serializers.UUIDField()


class OpeningBody(InputSerializer):
    """When the building opened and what is in it. With `type` and the names a clinic of the resident is entered in the
    registry as planned; `clinic` names one that stands there already; neither: it is no clinic.
    """

    opened_on = serializers.DateField(required=False, allow_null=True)
    plots = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=20, required=False, source="plot_ids"
    )
    clinic = serializers.UUIDField(required=False, allow_null=True, source="clinic_id")
    type = serializers.ChoiceField(ClinicType.choices, required=False)
    name = Translations(300, required=False)
    short_name = Translations(120, required=False)
    city = Translations(120, required=False)
    address = Translations(300, required=False)
    confirmed_distinct = serializers.BooleanField(required=False)


class CompleteBody(InputSerializer):
    completed_on = serializers.DateField(required=False, allow_null=True)


class ProjectSerializer(OutputSerializer):
    """A project with the links of its chain: plots, tender, agreement, resident, clinic. `investment` and `jobs` are
    those of the last figure that the land office confirmed, as of `counted_on`.
    """

    id = serializers.UUIDField()
    number = serializers.CharField()
    title = TranslatedField()
    direction = serializers.ChoiceField(Direction.choices)
    state = serializers.ChoiceField(ProjectState.choices)
    plots = serializers.SerializerMethodField()
    tender = serializers.UUIDField(source="agreement.tender_id", allow_null=True)
    agreement = serializers.UUIDField(source="agreement_id")
    resident = serializers.UUIDField(source="agreement.investor_id")
    clinic = serializers.UUIDField(source="clinic_id", allow_null=True)
    currency = serializers.CharField()
    investment_pledged = serializers.DecimalField(max_digits=15, decimal_places=2)
    investment = serializers.DecimalField(max_digits=15, decimal_places=2, source="made", allow_null=True)
    jobs_pledged = serializers.IntegerField()
    jobs = serializers.IntegerField(allow_null=True)
    counted_on = serializers.DateField(allow_null=True)
    opened_on = serializers.DateField(allow_null=True)
    completed_on = serializers.DateField(allow_null=True)
    reason = serializers.CharField()
    updated_at = DateTimeField()

    def get_plots(self, project: Project) -> list[str]:
        return [str(plot.pk) for plot in selectors.plots_of(project)]


class ProjectDetailSerializer(ProjectSerializer):
    description = TranslatedField()
    available_actions = AvailableActionsField()


class ProjectFilter(filters.FilterSet):
    """Filters of projects."""

    state = filters.MultipleChoiceFilter(choices=ProjectState.choices)
    direction = filters.MultipleChoiceFilter(choices=Direction.choices)
    agreement = filters.UUIDFilter(field_name="agreement_id")
    resident = filters.UUIDFilter(field_name="agreement__investor_id")
    tender = filters.UUIDFilter(field_name="agreement__tender_id")
    plot = filters.UUIDFilter(field_name="agreement__given__plot")
    clinic = filters.UUIDFilter(field_name="clinic_id")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Project
        fields: list[str] = []


class ProjectViewSet(PolicyViewSet):
    """What residents build: everybody reads it, the land office keeps it."""

    required_scope = "investors"
    policy = project_policy
    selector = staticmethod(selectors.projects)
    serializer_class = ProjectDetailSerializer
    list_serializer_class = ProjectSerializer
    filterset_class = ProjectFilter

    def available_actions(self, actor: Actor, obj: Project) -> Iterable[str]:
        return selectors.actions_on(actor, obj)

    @extend_schema(request=ProjectInput, responses={201: ProjectDetailSerializer})
    def create(self, request: Request) -> Response:
        """Put a project on record."""
        project_policy.require(self.actor, "create")
        data: dict[str, Any] = self.validated(ProjectInput)
        project = services.begin_project(self.actor, agreement_id=data.pop("agreement"), data=data)
        return self.respond(self.find(project.pk), status=201)

    @extend_schema(request=ProjectChanges)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a project that goes on."""
        self.call(services.update_project, "project_id", data=self.validated(ProjectChanges, partial=True))
        return self.respond(self.find(pk))

    @extend_schema(request=OpeningBody)
    @action(detail=True, methods=["post"])
    def open(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The building opens: its plots are built, a clinic of the registry begins. Sending it again changes
        nothing.
        """
        data: dict[str, Any] = self.validated(OpeningBody)
        named = ("opened_on", "plot_ids", "clinic_id", "confirmed_distinct")
        said = {name: data.pop(name) for name in named if name in data}
        self.call(buildings.open_building, "project_id", data=data or None, **said)
        return self.respond(self.find(self.kwargs["pk"]))

    prepare = action_endpoint("prepare", services.prepare_project, key="project_id")
    implement = action_endpoint("implement", services.implement_project, key="project_id")
    deliver = action_endpoint("deliver", services.deliver_project, key="project_id")
    complete = action_endpoint("complete", services.complete_project, key="project_id", body=CompleteBody)
    cancel = action_endpoint("cancel", services.cancel_project, key="project_id", body=ReasonBody)


class MilestoneChanges(InputSerializer):
    """What a milestone is called; its day is moved by `move`, with a reason."""

    title = Translations(250)


class MilestoneInput(MilestoneChanges):
    """What is to be reached in a project, and by when."""

    project = serializers.UUIDField()
    due_on = serializers.DateField()


class MetBody(InputSerializer):
    met_on = serializers.DateField(required=False, allow_null=True)


class MoveBody(ReasonBody):
    due_on = serializers.DateField()


class MilestoneMoveSerializer(OutputSerializer):
    was = serializers.DateField()
    becomes = serializers.DateField()
    reason = serializers.CharField()


class MilestoneSerializer(OutputSerializer):
    """A milestone; `state` is told by its days: `notMet` once the day has passed."""

    id = serializers.UUIDField()
    project = serializers.UUIDField(source="project_id")
    title = TranslatedField()
    due_on = serializers.DateField()
    met_on = serializers.DateField(allow_null=True)
    state = serializers.SerializerMethodField()
    moves = MilestoneMoveSerializer(many=True, source="moves.all")
    updated_at = DateTimeField()

    def get_state(self, milestone: ProjectMilestone) -> MilestoneState:
        return milestone.state_on(selectors.today())


class MilestoneDetailSerializer(MilestoneSerializer):
    available_actions = AvailableActionsField()


class MilestoneFilter(filters.FilterSet):
    """Filters of milestones."""

    project = filters.UUIDFilter(field_name="project_id")
    met = FlagFilter(field_name="met_on", lookup_expr="isnull", exclude=True)
    due_before = DayFilter(field_name="due_on", lookup_expr="lt")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = ProjectMilestone
        fields: list[str] = []


class MilestoneViewSet(PolicyViewSet):
    """What projects are to reach by when."""

    required_scope = "investors"
    policy = milestone_policy
    selector = staticmethod(selectors.milestones)
    serializer_class = MilestoneDetailSerializer
    list_serializer_class = MilestoneSerializer
    filterset_class = MilestoneFilter

    def available_actions(self, actor: Actor, obj: ProjectMilestone) -> Iterable[str]:
        return selectors.milestone_actions(actor, obj)

    @extend_schema(request=MilestoneInput, responses={201: MilestoneDetailSerializer})
    def create(self, request: Request) -> Response:
        """Plan a milestone."""
        project_policy.require(self.actor, "create")
        data: dict[str, Any] = self.validated(MilestoneInput)
        milestone = services.add_milestone(self.actor, project_id=data.pop("project"), data=data)
        return self.respond(self.find(milestone.pk), status=201)

    @extend_schema(request=MilestoneChanges)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Call it otherwise."""
        data = self.validated(MilestoneChanges, partial=True)
        self.call(services.update_milestone, "milestone_id", data=data)
        return self.respond(self.find(pk))

    meet = action_endpoint("meet", services.meet_milestone, key="milestone_id", body=MetBody)
    move = action_endpoint("move", services.move_milestone, key="milestone_id", body=MoveBody)


class FigureInput(InputSerializer):
    """What was made from the beginning of a project up to a day."""

    project = serializers.UUIDField()
    counted_on = serializers.DateField()
    investment = serializers.DecimalField(max_digits=15, decimal_places=2, min_value=0)
    jobs = serializers.IntegerField(min_value=0, max_value=1_000_000)
    source = serializers.CharField(max_length=300)


class FigureSerializer(OutputSerializer):
    """What was made up to a day; `confirmed_at` is null until the land office has checked it."""

    id = serializers.UUIDField()
    project = serializers.UUIDField(source="project_id")
    counted_on = serializers.DateField()
    investment = serializers.DecimalField(max_digits=15, decimal_places=2)
    jobs = serializers.IntegerField()
    source = serializers.CharField()
    confirmed_at = DateTimeField(allow_null=True)
    updated_at = DateTimeField()


class RowFilter(filters.FilterSet):
    """Of which project."""

    project = filters.UUIDFilter(field_name="project_id")


class FigureViewSet(PolicyViewSet):
    """Money and jobs made, as companies tell and the land office confirms."""

    required_scope = "investors"
    policy = figure_policy
    serializer_class = FigureSerializer
    filterset_class = RowFilter

    @extend_schema(request=FigureInput, responses={201: FigureSerializer})
    def create(self, request: Request) -> Response:
        """Tell what was made."""
        data: dict[str, Any] = self.validated(FigureInput)
        figure = services.report_figure(self.actor, project_id=data.pop("project"), data=data)
        return self.respond(self.find(figure.pk), status=201)

    confirm = action_endpoint("confirm", services.confirm_figure, key="figure_id")

    @extend_schema(request=ReasonBody, responses={204: None})
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take away what was not confirmed; the company reads why."""
        self.call(services.reject_figure, "figure_id", **self.validated(ReasonBody))
        return Response(status=204)


class FundingChanges(InputSerializer):
    """Who pays how much, in the project's currency."""

    kind = serializers.ChoiceField(FundingKind.choices)
    organization = serializers.CharField(max_length=200)
    amount = serializers.DecimalField(max_digits=15, decimal_places=2, min_value=1)


class FundingInput(FundingChanges):
    """A source of a project's money."""

    project = serializers.UUIDField()


class FundingSerializer(OutputSerializer):
    id = serializers.UUIDField()
    project = serializers.UUIDField(source="project_id")
    kind = serializers.ChoiceField(FundingKind.choices)
    organization = serializers.CharField()
    amount = serializers.DecimalField(max_digits=15, decimal_places=2)
    updated_at = DateTimeField()


class FundingViewSet(PolicyViewSet):
    """Who pays for projects."""

    required_scope = "investors"
    policy = funding_policy
    serializer_class = FundingSerializer
    filterset_class = RowFilter

    @extend_schema(request=FundingInput, responses={201: FundingSerializer})
    def create(self, request: Request) -> Response:
        """Name a source."""
        project_policy.require(self.actor, "create")
        data: dict[str, Any] = self.validated(FundingInput)
        funding = services.add_funding(self.actor, project_id=data.pop("project"), data=data)
        return self.respond(self.find(funding.pk), status=201)

    @extend_schema(request=FundingChanges)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a source."""
        data = self.validated(FundingChanges, partial=True)
        self.call(services.update_funding, "funding_id", data=data)
        return self.respond(self.find(pk))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a source away."""
        self.call(services.remove_funding, "funding_id")
        return Response(status=204)

"""Programmes and intakes for programs: what is offered, and until when one nominates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

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
from training.api.learning import IntakeLearning
from training.api.specialists import OrganizationReference
from training.models import Intake, Programme
from training.policies import intake_policy, programme_policy
from training.selectors import programmes as selectors
from training.services import programmes as services
from training.states import Format, Grade, IntakeState, PaperKind, Payer, ProgrammeState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor


class ProgrammeChange(InputSerializer):
    """What is written of a programme; fields that are not sent stay as they are."""

    title = Translations(200)
    summary = Translations(400, required=False, allow_blank=True)
    goals = Translations(required=False, allow_blank=True, help_text=_("a line for each"))
    host = Translations(300)
    host_organization = OrganizationReference(required=False, allow_null=True)
    country = serializers.CharField(max_length=2, help_text=_("ISO 3166-1, two letters"))
    city = Translations(120)
    format = serializers.ChoiceField(Format.choices)
    audience = serializers.ListField(child=serializers.ChoiceField(Grade.choices), required=False)
    specialties = serializers.ListField(child=serializers.CharField(max_length=40), required=False)
    language = serializers.CharField(max_length=3)
    is_interpreted = serializers.BooleanField(required=False)
    hours = serializers.IntegerField(min_value=1, max_value=4000)
    credits = serializers.IntegerField(min_value=0, max_value=4000, required=False)
    cost = serializers.DecimalField(12, 2, min_value=0, required=False, allow_null=True)
    payer = serializers.ChoiceField(Payer.choices, required=False)
    required_papers = serializers.ListField(child=serializers.ChoiceField(PaperKind.choices), required=False)
    presence_share = serializers.IntegerField(
        min_value=0,
        max_value=100,
        required=False,
        help_text=_("per cent of the checks that a certificate asks for"),
    )
    presence_minutes = serializers.IntegerField(min_value=0, max_value=180000, required=False)
    is_assessed = serializers.BooleanField(required=False, help_text=_("with a final assessment"))


class IntakeChange(InputSerializer):
    """Dates, seats and limits of an intake."""

    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    place = Translations(200, required=False, allow_blank=True)
    time_zone = serializers.CharField(max_length=40)
    seats = serializers.IntegerField(min_value=1, max_value=1000)
    per_organization = serializers.IntegerField(min_value=1, max_value=1000, required=False, allow_null=True)
    nominate_by = DateTimeField()


class CancelBody(InputSerializer):
    reason = serializers.CharField(max_length=300)


class ProgrammeSerializer(OutputSerializer):
    """What one can be sent to learn. Hours are academic ones of 45 minutes; the cost is in the cluster's currency."""

    id = serializers.UUIDField()
    title = TranslatedField()
    summary = TranslatedField()
    goals = TranslatedField()
    host = TranslatedField()
    host_organization = serializers.UUIDField(source="host_organization_id", allow_null=True)
    country = serializers.CharField()
    city = TranslatedField()
    format = serializers.ChoiceField(Format.choices)
    audience = serializers.ListField(child=serializers.CharField())
    specialties = serializers.ListField(child=serializers.CharField())
    language = serializers.CharField()
    is_interpreted = serializers.BooleanField()
    hours = serializers.IntegerField()
    credits = serializers.IntegerField()
    cost = serializers.DecimalField(12, 2, allow_null=True)
    payer = serializers.ChoiceField(Payer.choices)
    required_papers = serializers.ListField(child=serializers.CharField())
    presence_share = serializers.IntegerField()
    presence_minutes = serializers.IntegerField()
    is_assessed = serializers.BooleanField()
    state = serializers.ChoiceField(ProgrammeState.choices)
    updated_at = DateTimeField()


class ProgrammeDetailSerializer(ProgrammeSerializer):
    available_actions = AvailableActionsField()


class IntakeSerializer(OutputSerializer):
    """A programme on certain days. `taken` seats are held by nominations."""

    id = serializers.UUIDField()
    programme = serializers.UUIDField(source="programme_id")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    place = TranslatedField()
    time_zone = serializers.CharField()
    seats = serializers.IntegerField()
    taken = serializers.IntegerField()
    per_organization = serializers.IntegerField(allow_null=True)
    nominate_by = DateTimeField()
    state = serializers.ChoiceField(IntakeState.choices)
    cancel_reason = serializers.CharField()
    updated_at = DateTimeField()


class IntakeDetailSerializer(IntakeSerializer):
    available_actions = AvailableActionsField()


class SessionSerializer(OutputSerializer):
    """A line of an intake's agenda."""

    id = serializers.UUIDField()
    starts = DateTimeField()
    ends = DateTimeField()
    title = TranslatedField()
    teacher = serializers.CharField()
    room = serializers.CharField()
    is_break = serializers.BooleanField()


class ProgrammeFilter(filters.FilterSet):
    """Filters of programmes."""

    format = filters.MultipleChoiceFilter(choices=Format.choices)
    country = filters.CharFilter(max_length=2)
    language = filters.CharFilter(max_length=3)
    state = filters.MultipleChoiceFilter(choices=ProgrammeState.choices)
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Programme
        fields: list[str] = []


class IntakeFilter(filters.FilterSet):
    """Filters of intakes. `accepts=true`: those for which somebody can be nominated now."""

    programme = filters.UUIDFilter(field_name="programme_id")
    state = filters.MultipleChoiceFilter(choices=IntakeState.choices)
    accepts = FlagFilter(method="filter_accepting", label=_("one can nominate now"))
    starts_from = DayFilter(field_name="starts_on", lookup_expr="gte")
    starts_to = DayFilter(field_name="starts_on", lookup_expr="lte")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Intake
        fields: list[str] = []

    def filter_accepting(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(selectors.accepting()) if value else queryset.exclude(selectors.accepting())


class ProgrammeViewSet(PolicyViewSet):
    """Programmes; drafts are the offices' own, and the training office writes all of them."""

    required_scope = "training"
    policy = programme_policy
    selector = staticmethod(selectors.visible_programmes)
    serializer_class = ProgrammeDetailSerializer
    list_serializer_class = ProgrammeSerializer
    filterset_class = ProgrammeFilter

    def available_actions(self, actor: Actor, obj: Programme) -> Iterable[str]:
        return selectors.programme_actions(actor, obj)

    @extend_schema(request=ProgrammeChange, responses={201: ProgrammeDetailSerializer})
    def create(self, request: Request) -> Response:
        """Write a programme, as a draft."""
        programme = services.add_programme(self.actor, data=self.validated(ProgrammeChange))
        return self.respond(self.find(programme.pk), status=201)

    @extend_schema(request=ProgrammeChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a programme."""
        self.call(
            services.update_programme, "programme_id", data=self.validated(ProgrammeChange, partial=True)
        )
        return self.respond(self.find(pk))

    publish = action_endpoint("publish", services.publish_programme, key="programme_id")
    archive = action_endpoint("archive", services.archive_programme, key="programme_id")

    @extend_schema(request=IntakeChange, responses={201: IntakeDetailSerializer})
    @action(detail=True, methods=["post"])
    def intakes(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Plan an intake of the programme."""
        intake = self.call(services.add_intake, "programme_id", data=self.validated(IntakeChange))
        return Response(IntakeSerializer(intake).data, status=201)


class IntakeViewSet(IntakeLearning, PolicyViewSet):
    """Intakes of programmes; those that are only planned are the offices' own."""

    required_scope = "training"
    policy = intake_policy
    selector = staticmethod(selectors.visible_intakes)
    serializer_class = IntakeDetailSerializer
    list_serializer_class = IntakeSerializer
    filterset_class = IntakeFilter

    def available_actions(self, actor: Actor, obj: Intake) -> Iterable[str]:
        return selectors.intake_actions(actor, obj)

    @extend_schema(request=IntakeChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change an intake that is ahead."""
        self.call(services.update_intake, "intake_id", data=self.validated(IntakeChange, partial=True))
        return self.respond(self.find(pk))

    open = action_endpoint("open", services.open_intake, key="intake_id")
    close = action_endpoint("close", services.close_intake, key="intake_id")
    start = action_endpoint("start", services.start_intake, key="intake_id")
    finish = action_endpoint("finish", services.finish_intake, key="intake_id")
    cancel = action_endpoint("cancel", services.cancel_intake, key="intake_id", body=CancelBody)

    @extend_schema(responses=SessionSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def sessions(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The agenda of an intake, by time."""
        rows = self.find(self.kwargs["pk"]).sessions.order_by("starts", "id")
        return Response(SessionSerializer(rows, many=True).data)

"""The roadmap for programs: everybody reads what is published, the cluster office writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cluster_portal.api.filters import FlagFilter, MomentFilter
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
from investors.models import RoadmapItem
from investors.policies.roadmap import roadmap_policy
from investors.selectors import facilities
from investors.selectors import roadmap as selectors
from investors.services import roadmap as services
from investors.states import ROADMAP, Funding, RoadmapSection, RoadmapState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor


class RoadmapCorrection(InputSerializer):
    """What is corrected of an item; its planned end is moved by `postpone` alone. `needs` is for what it waits."""

    title = Translations(250)
    section = serializers.ChoiceField(RoadmapSection.choices)
    owner = serializers.PrimaryKeyRelatedField(queryset=selectors.owners())
    post = serializers.CharField(max_length=200)
    begins_on = serializers.DateField()
    funding = serializers.ListField(
        child=serializers.ChoiceField(Funding.choices), required=False, max_length=len(Funding)
    )
    is_public = serializers.BooleanField(required=False)
    needs = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=200)


class RoadmapInput(RoadmapCorrection):
    """A new item."""

    ends_on = serializers.DateField()


class PostponeBody(ReasonBody):
    ends_on = serializers.DateField()


class RoadmapMoveSerializer(OutputSerializer):
    """The planned end was moved, and why."""

    was = serializers.DateField()
    becomes = serializers.DateField()
    reason = serializers.CharField()
    created_at = DateTimeField()


class RoadmapSerializer(OutputSerializer):
    """What is done by whom until when. `is_late` is what the calendar says today; `needs` is for what it waits."""

    id = serializers.UUIDField()
    title = TranslatedField()
    section = serializers.ChoiceField(RoadmapSection.choices)
    owner = serializers.UUIDField(source="owner_id")
    post = serializers.CharField()
    begins_on = serializers.DateField()
    ends_on = serializers.DateField()
    started_on = serializers.DateField(allow_null=True)
    finished_on = serializers.DateField(allow_null=True)
    state = serializers.ChoiceField(RoadmapState.choices)
    is_late = serializers.BooleanField(source="late")
    reason = serializers.CharField()
    funding = serializers.ListField(child=serializers.ChoiceField(Funding.choices))
    is_public = serializers.BooleanField()
    needs = serializers.SerializerMethodField()
    updated_at = DateTimeField()

    def get_needs(self, item: RoadmapItem) -> list[str]:
        return [str(one.pk) for one in item.awaited]


class RoadmapDetailSerializer(RoadmapSerializer):
    """An item with how its end was moved, the last move first."""

    moves = serializers.SerializerMethodField()
    available_actions = AvailableActionsField()

    @extend_schema_field(RoadmapMoveSerializer(many=True))
    def get_moves(self, item: RoadmapItem) -> list[dict[str, Any]]:
        return RoadmapMoveSerializer(selectors.moves_of(item), many=True, context=self.context).data


class FacilitiesYearSerializer(OutputSerializer):
    """`opened` in the year; at its end `whole` are open, `planned` with those that are to open, `promised` due."""

    year = serializers.IntegerField()
    opened = serializers.IntegerField(allow_null=True)
    whole = serializers.IntegerField(allow_null=True)
    planned = serializers.IntegerField(allow_null=True)
    promised = serializers.IntegerField(allow_null=True)


class FacilitiesSerializer(OutputSerializer):
    """Sites of the registry that are marked as new objects of the programme, against what was promised.

    `coming` are being built or planned, `unscheduled` of them without a day that is still to come; `undated` of those
    open have no day of opening on record.
    """

    promised = serializers.IntegerField(source="value")
    since = serializers.DateField()
    due = serializers.DateField(allow_null=True)
    opened = serializers.IntegerField()
    coming = serializers.IntegerField()
    undated = serializers.IntegerField()
    unscheduled = serializers.IntegerField()
    years = FacilitiesYearSerializer(many=True)


class RoadmapFiguresSerializer(OutputSerializer):
    """The state of the roadmap; dropped items are not counted. `facilities` is null where nothing was promised."""

    whole = serializers.IntegerField()
    done = serializers.IntegerField()
    late = serializers.IntegerField()
    facilities = FacilitiesSerializer(allow_null=True)


class RoadmapFilter(filters.FilterSet):
    """Filters of the roadmap."""

    section = filters.MultipleChoiceFilter(choices=RoadmapSection.choices)
    state = filters.MultipleChoiceFilter(choices=RoadmapState.choices)
    owner = filters.UUIDFilter(field_name="owner_id")
    is_late = FlagFilter(field_name="late")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = RoadmapItem
        fields: list[str] = []


def _rows(actor: Actor) -> QuerySet[RoadmapItem]:
    return selectors.roadmap(actor, selectors.RoadmapAsked())


class RoadmapViewSet(PolicyViewSet):
    """The roadmap of the cluster: the office plans and moves it on, everybody reads what is published."""

    required_scope = "investors"
    policy = roadmap_policy
    selector = staticmethod(_rows)
    serializer_class = RoadmapDetailSerializer
    list_serializer_class = RoadmapSerializer
    filterset_class = RoadmapFilter

    def available_actions(self, actor: Actor, obj: RoadmapItem) -> Iterable[str]:
        return ROADMAP.available(obj.state, roadmap_policy.sides(actor, obj))

    @extend_schema(request=RoadmapInput, responses={201: RoadmapDetailSerializer})
    def create(self, request: Request) -> Response:
        """Put an item on the roadmap."""
        roadmap_policy.require(self.actor, "create")
        data: dict[str, Any] = self.validated(RoadmapInput)
        item = services.plan_item(self.actor, needs=data.pop("needs", ()), data=data)
        return self.respond(self.find(item.pk), status=201)

    @extend_schema(request=RoadmapCorrection)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct an item; without `needs` it goes on waiting for what it waits for."""
        data = self.validated(RoadmapCorrection, partial=True)
        self.call(services.correct_item, "item_id", needs=data.pop("needs", None), data=data)
        return self.respond(self.find(pk))

    @extend_schema(responses={200: RoadmapFiguresSerializer}, filters=False)
    @action(detail=False, pagination_class=None)
    def figures(self, request: Request) -> Response:
        """How far the roadmap has come, and how many facilities are open of those promised."""
        found = selectors.figures(self.actor)
        told = {"whole": found.whole, "done": found.done, "late": found.late}
        told["facilities"] = facilities.facilities(self.actor)
        return Response(RoadmapFiguresSerializer(told, context=self.get_serializer_context()).data)

    start = action_endpoint("start", services.start_item, key="item_id")
    finish = action_endpoint("finish", services.finish_item, key="item_id")
    postpone = action_endpoint("postpone", services.postpone_item, key="item_id", body=PostponeBody)
    drop = action_endpoint("drop", services.drop_item, key="item_id", body=ReasonBody)

"""The evaluation of opened bids for programs: who judges, declared conflicts, marks, ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from investors.api.companies import ReasonBody
from investors.api.tenders import CriterionSerializer, PlaceSerializer
from investors.models import Evaluator
from investors.policies import evaluator_policy
from investors.selectors import evaluation as selectors
from investors.services import evaluation as services
from investors.states import BEST_MARK, EvaluatorState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor


class EvaluatorInput(InputSerializer):
    tender = serializers.UUIDField()
    email = serializers.EmailField(
        help_text=_("of somebody who has an account; nobody of a company that bids")
    )


class EvaluatorSerializer(OutputSerializer):
    """Somebody who judges the bids of a tender. `reason` is why it is no longer so: the declared conflict, or what the
    land office says.
    """

    id = serializers.UUIDField()
    tender = serializers.UUIDField(source="tender_id")
    name = serializers.CharField()
    state = serializers.ChoiceField(EvaluatorState.choices)
    declared_at = DateTimeField(allow_null=True)
    finished_at = DateTimeField(allow_null=True)
    reason = serializers.CharField()
    updated_at = DateTimeField()


class EvaluatorDetailSerializer(EvaluatorSerializer):
    available_actions = AvailableActionsField()


class MarkInput(InputSerializer):
    bid = serializers.UUIDField()
    criterion = serializers.UUIDField()
    value = serializers.DecimalField(max_digits=4, decimal_places=1, min_value=0, max_value=BEST_MARK)
    comment = serializers.CharField(max_length=500, required=False, allow_blank=True)


class MarksInput(InputSerializer):
    """Marks from 0 to 100, some or all of those that are owed. What is wrong with one stands at `bid:criterion`."""

    marks = MarkInput(many=True)


class FinishBody(InputSerializer):
    """The last marks, if any are still to be given."""

    marks = MarkInput(many=True, required=False)


class MarkSerializer(OutputSerializer):
    bid = serializers.UUIDField(source="bid_id")
    criterion = serializers.UUIDField(source="criterion_id")
    value = serializers.DecimalField(max_digits=4, decimal_places=1)
    comment = serializers.CharField()


class OwedCriterionSerializer(CriterionSerializer):
    id = serializers.UUIDField()


class JudgedBidSerializer(OutputSerializer):
    id = serializers.UUIDField()
    investor = serializers.UUIDField(source="investor_id")
    eligibility = serializers.SerializerMethodField()
    offer = serializers.SerializerMethodField()

    def get_eligibility(self, bid: Any) -> dict[str, Any]:
        return bid.said["eligibility"]

    def get_offer(self, bid: Any) -> dict[str, Any]:
        return bid.said["offer"]


class SheetSerializer(OutputSerializer):
    """An evaluator's task. Before the declaration only `companies`; then the admitted `bids` with what they say, and
    the `criteria` by which marks are owed (the others are computed); `ranking` once everybody has finished.
    """

    companies = serializers.ListField(child=serializers.CharField())
    bids = JudgedBidSerializer(many=True)
    criteria = OwedCriterionSerializer(many=True, source="owed")
    marks = serializers.SerializerMethodField()
    ranking = serializers.SerializerMethodField()

    @extend_schema_field(MarkSerializer(many=True))
    def get_marks(self, sheet: Any) -> list[Any]:
        return MarkSerializer(sheet.marks.values(), many=True).data

    @extend_schema_field(PlaceSerializer(many=True))
    def get_ranking(self, sheet: Any) -> list[Any]:
        return PlaceSerializer([place for place, _bid in sheet.places], many=True).data


class EvaluatorFilter(filters.FilterSet):
    """Filters of evaluators."""

    tender = filters.UUIDFilter(field_name="tender_id")
    state = filters.MultipleChoiceFilter(choices=EvaluatorState.choices)

    class Meta:
        model = Evaluator
        fields: list[str] = []


class EvaluatorViewSet(PolicyViewSet):
    """Who judges the bids of tenders: a person's own tasks, and to the offices everybody's."""

    required_scope = "tenders"
    policy = evaluator_policy
    selector = staticmethod(selectors.visible_evaluators)
    serializer_class = EvaluatorDetailSerializer
    list_serializer_class = EvaluatorSerializer
    filterset_class = EvaluatorFilter

    def available_actions(self, actor: Actor, obj: Evaluator) -> Iterable[str]:
        return selectors.actions_on(actor, obj)

    @extend_schema(request=EvaluatorInput, responses={201: EvaluatorDetailSerializer})
    def create(self, request: Request) -> Response:
        """Ask somebody to judge the bids of a tender."""
        data: dict[str, Any] = self.validated(EvaluatorInput)
        named = services.name_evaluator(self.actor, tender_id=data["tender"], email=data["email"])
        return self.respond(self.find(named.pk), status=201)

    declare = action_endpoint("declare", services.declare_no_conflict, key="evaluator_id")
    recuse = action_endpoint("recuse", services.declare_conflict, key="evaluator_id", body=ReasonBody)
    exclude = action_endpoint("exclude", services.exclude_evaluator, key="evaluator_id", body=ReasonBody)

    @extend_schema(methods=["get"], request=None, responses=MarkSerializer(many=True), filters=False)
    @extend_schema(methods=["post"], request=MarksInput, responses=EvaluatorDetailSerializer)
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def marks(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The marks that one may see: the own ones, and everybody's once all have finished. POST keeps own marks; those
        that are not sent stay.
        """
        evaluator = self.find(self.kwargs["pk"])
        if request.method == "POST":
            marks = _by_pair(self.validated(MarksInput)["marks"])
            self.call(services.save_marks, "evaluator_id", marks=marks)
            return self.respond(self.find(evaluator.pk))
        return Response(MarkSerializer(selectors.marks_of(self.actor, evaluator), many=True).data)

    @extend_schema(request=FinishBody)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Fix the own marks: they are not changed any more. Every one that is owed has to be there."""
        marks = _by_pair(self.validated(FinishBody).get("marks", ()))
        self.call(services.finish_marks, "evaluator_id", marks=marks)
        return self.respond(self.find(self.kwargs["pk"]))

    @extend_schema(request=None, responses=SheetSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def sheet(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What the evaluator has to judge; nobody else reads it here."""
        return Response(SheetSerializer(selectors.sheet_of(self.actor, self.kwargs["pk"])).data)


def _by_pair(marks: Iterable[dict[str, Any]]) -> dict[tuple[Any, Any], dict[str, Any]]:
    """The marks as the services take them."""
    return {(one.pop("bid"), one.pop("criterion")): one for one in marks}

"""Tenders for programs: what is offered on what terms until when, what was said before, and the land office's acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cluster_portal.api.filters import MomentFilter
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    TranslatedField,
    Translations,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from investors.api.documents import TenderDocumentSerializer, documents_endpoints
from investors.api.plots import WithdrawBody
from investors.models import Tender
from investors.policies import tender_policy
from investors.selectors import evaluation
from investors.selectors import plots as land
from investors.selectors import tenders as selectors
from investors.services import awards, details, tenders
from investors.states import Figure, TenderState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor


class CriterionInput(InputSerializer):
    """What bids are judged by; the weights sum to 100."""

    name = Translations(200)
    weight = serializers.IntegerField(min_value=1, max_value=100)
    figure = serializers.ChoiceField(
        Figure.choices, required=False, allow_blank=True, help_text=_("the mark is computed from this figure")
    )


class CriterionSerializer(OutputSerializer):
    name = TranslatedField()
    weight = serializers.IntegerField()
    figure = serializers.CharField()


class TermsInput(InputSerializer):
    """The terms of a tender; fields that are not sent stay as they are."""

    title = Translations(200)
    terms = Translations(20_000)
    guarantee = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, help_text=_("in the cluster's currency")
    )
    questions_from = DateTimeField()
    questions_until = DateTimeField()
    bids_until = DateTimeField()
    opening_at = DateTimeField()
    evaluation_until = DateTimeField()
    standstill_days = serializers.IntegerField(min_value=1, max_value=90, required=False)
    criteria = CriterionInput(many=True, required=False)


class TenderInput(TermsInput):
    """What is entered of a draft."""

    plots = serializers.PrimaryKeyRelatedField(queryset=land.plots_on_record(), many=True, required=False)


class TermsChange(TermsInput):
    """New terms of a published tender, with the reason."""

    reason_ru = serializers.CharField(max_length=300)
    reason_en = serializers.CharField(max_length=300)
    reason_kk = serializers.CharField(max_length=300, required=False, allow_blank=True)


class AwardBody(InputSerializer):
    """Why the bid wins; published."""

    reasons_ru = serializers.CharField(max_length=2000)
    reasons_en = serializers.CharField(max_length=2000)
    reasons_kk = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class TenderSerializer(OutputSerializer):
    """A tender. `phase` is the state by the clock; `version` counts what was published, 0 in a draft."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    title = TranslatedField()
    guarantee = serializers.DecimalField(max_digits=14, decimal_places=2)
    plots = serializers.SerializerMethodField()
    questions_from = DateTimeField()
    questions_until = DateTimeField()
    bids_until = DateTimeField()
    opening_at = DateTimeField()
    evaluation_until = DateTimeField()
    standstill_days = serializers.IntegerField()
    state = serializers.SerializerMethodField()
    version = serializers.IntegerField()
    published_at = DateTimeField(allow_null=True)
    end_reason = serializers.CharField()
    updated_at = DateTimeField()

    def get_plots(self, tender: Tender) -> list[str]:
        return [str(plot.pk) for plot in tender.plots.all()]

    def get_state(self, tender: Tender) -> TenderState:
        return tender.phase(timezone.now())


class TenderDetailSerializer(TenderSerializer):
    terms = TranslatedField()
    criteria = CriterionSerializer(many=True, source="criteria.all")
    available_actions = AvailableActionsField()


class VersionSerializer(OutputSerializer):
    """What a tender said from a moment on; `said` is all of it."""

    number = serializers.IntegerField()
    published_at = DateTimeField()
    reason = TranslatedField()
    said = serializers.DictField()


class PlaceSerializer(OutputSerializer):
    """The rank of an admitted bid: `total` out of 100, `marks` by the ids of the criteria."""

    bid = serializers.UUIDField()
    rank = serializers.IntegerField()
    total = serializers.DecimalField(max_digits=7, decimal_places=4)
    marks = serializers.DictField(child=serializers.CharField())


class TenderFilter(filters.FilterSet):
    """Filters of tenders; `state` is the recorded one, at most a minute behind the clock."""

    state = filters.MultipleChoiceFilter(choices=TenderState.choices)
    plot = filters.UUIDFilter(field_name="lots__plot")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Tender
        fields: list[str] = []


class TenderViewSet(PolicyViewSet):
    """International tenders of land: everybody's once they were announced; the land office keeps them.

    Two officials open the bids on the pages, in sessions of their own, and nobody by a program: one that knew both
    their codes would be both of them. When it is done `state` is `evaluation` and the bids have their `opened_at`.
    """

    required_scope = "tenders"
    policy = tender_policy
    selector = staticmethod(selectors.visible_tenders)
    serializer_class = TenderDetailSerializer
    list_serializer_class = TenderSerializer
    filterset_class = TenderFilter

    def available_actions(self, actor: Actor, obj: Tender) -> Iterable[str]:
        return selectors.actions_on(actor, obj)

    @extend_schema(request=TenderInput, responses={201: TenderDetailSerializer})
    def create(self, request: Request) -> Response:
        """Draft a tender."""
        tender_policy.require(self.actor, "create")
        tender = tenders.add_tender(self.actor, data=self.validated(TenderInput))
        return self.respond(self.find(tender.pk), status=201)

    @extend_schema(request=TenderInput)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a draft."""
        self.call(tenders.update_tender, "tender_id", data=self.validated(TenderInput, partial=True))
        return self.respond(self.find(pk))

    @extend_schema(request=TermsChange)
    @action(detail=True, methods=["post"], url_path="change-terms")
    def change_terms(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Publish new terms. Bids that are there have to be confirmed again."""
        data = self.validated(TermsChange, partial=True)
        reason = {name: data.pop(name, "") for name in ("reason_ru", "reason_en", "reason_kk")}
        self.call(tenders.change_terms, "tender_id", data=data, **reason)
        return self.respond(self.find(self.kwargs["pk"]))

    @extend_schema(request=AwardBody)
    @action(detail=True, methods=["post"])
    def award(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Award the first in rank, or the next one when the award before has ended."""
        self.call(awards.award_tender, "tender_id", data=self.validated(AwardBody))
        return self.respond(self.find(self.kwargs["pk"]))

    publish = action_endpoint("publish", tenders.publish_tender, key="tender_id")
    complete = action_endpoint("complete", tenders.complete_tender, key="tender_id")
    fail = action_endpoint("fail", tenders.fail_tender, key="tender_id", body=WithdrawBody)
    cancel = action_endpoint("cancel", tenders.cancel_tender, key="tender_id", body=WithdrawBody)

    documents, document = documents_endpoints(
        TenderDocumentSerializer,
        rows=selectors.documents_of,
        add=details.add_tender_document,
        remove=details.remove_tender_document,
        key="tender_id",
    )

    @extend_schema(request=None, responses=VersionSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def versions(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Everything that the tender has said, the latest first."""
        return Response(VersionSerializer(self.find(self.kwargs["pk"]).versions.all(), many=True).data)

    @extend_schema(request=None, responses=PlaceSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def ranking(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The ranks of the admitted bids, for the offices; none before every evaluator has finished."""
        found = evaluation.evaluation_of(self.actor, self.kwargs["pk"])
        return Response(PlaceSerializer([place for place, _bid in found.places], many=True).data)

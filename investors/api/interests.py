"""Interests in plots for programs: a company's own; the offices see all, the land office takes them along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from cluster_portal.api.filters import MomentFilter
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from investors.api.companies import ReasonBody
from investors.models import Interest
from investors.policies import READERS, interest_policy
from investors.selectors import interests as selectors
from investors.services import interests as services
from investors.states import Direction, InterestState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor


class InterestInput(InputSerializer):
    """What a company wants; `plots` are on offer."""

    investor = serializers.UUIDField()
    plots = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=services.MOST_PLOTS)
    direction = serializers.ChoiceField(Direction.choices)
    outline = serializers.CharField(max_length=3000)
    investment = serializers.DecimalField(
        max_digits=15, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    jobs = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False, allow_null=True)


class PlanBody(InputSerializer):
    next_step = serializers.CharField(max_length=300, required=False, allow_blank=True)
    next_on = serializers.DateField(required=False, allow_null=True)


class InterestSerializer(OutputSerializer):
    """An investor's interest in plots; `next_step` and `next_on` are told to the offices only (null for others)."""

    id = serializers.UUIDField()
    investor = serializers.UUIDField(source="investor_id")
    plots = serializers.SerializerMethodField()
    direction = serializers.ChoiceField(Direction.choices)
    outline = serializers.CharField()
    investment = serializers.DecimalField(max_digits=15, decimal_places=2, allow_null=True)
    jobs = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(InterestState.choices)
    next_step = serializers.SerializerMethodField()
    next_on = serializers.SerializerMethodField()
    lost_reason = serializers.CharField()
    created_at = DateTimeField()
    updated_at = DateTimeField()

    def get_plots(self, interest: Interest) -> list[str]:
        return [str(one.plot_id) for one in interest.chosen.all()]

    def get_next_step(self, interest: Interest) -> str | None:
        return interest.next_step if self._is_office() else None

    def get_next_on(self, interest: Interest) -> str | None:
        return interest.next_on.isoformat() if interest.next_on and self._is_office() else None

    def _is_office(self) -> bool:
        return self.context["request"].actor.has(*READERS)


class InterestMoveSerializer(OutputSerializer):
    """An interest came to another stage; `since` is when it had come to the one that it left."""

    was = serializers.ChoiceField(InterestState.choices)
    becomes = serializers.ChoiceField(InterestState.choices)
    reason = serializers.CharField(help_text=_("why it was lost"))
    since = DateTimeField()
    at = DateTimeField(source="created_at")


class InterestDetailSerializer(InterestSerializer):
    moves = InterestMoveSerializer(many=True, source="moves.all")
    available_actions = AvailableActionsField()


class InterestFilter(filters.FilterSet):
    """Filters of interests."""

    state = filters.MultipleChoiceFilter(choices=InterestState.choices)
    investor = filters.UUIDFilter(field_name="investor_id")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Interest
        fields: list[str] = []


def _rows(actor: Actor) -> QuerySet[Interest]:
    return selectors.interests(actor, selectors.InterestsAsked())


class InterestViewSet(PolicyViewSet):
    """Interests in plots: companies tell them, the land office takes them to an agreement."""

    required_scope = "investors"
    policy = interest_policy
    selector = staticmethod(_rows)
    serializer_class = InterestDetailSerializer
    list_serializer_class = InterestSerializer
    filterset_class = InterestFilter

    def available_actions(self, actor: Actor, obj: Interest) -> Iterable[str]:
        return selectors.actions_on(actor, obj)

    @extend_schema(request=InterestInput, responses={201: InterestDetailSerializer})
    def create(self, request: Request) -> Response:
        """Tell the land office what a company wants."""
        interest_policy.require(self.actor, "create")
        data: dict[str, Any] = self.validated(InterestInput)
        interest = services.express_interest(
            self.actor, investor_id=data.pop("investor"), plot_ids=data.pop("plots"), data=data
        )
        return self.respond(self.find(interest.pk), status=201)

    @extend_schema(request=PlanBody)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Say what is done next, and when."""
        self.call(services.plan_interest, "interest_id", data=self.validated(PlanBody, partial=True))
        return self.respond(self.find(pk))

    contact = action_endpoint("contact", services.contact_interest, key="interest_id")
    meet = action_endpoint("meet", services.meet_interest, key="interest_id")
    negotiate = action_endpoint("negotiate", services.negotiate_interest, key="interest_id")
    agree = action_endpoint("agree", services.agree_interest, key="interest_id")
    lose = action_endpoint("lose", services.lose_interest, key="interest_id", body=ReasonBody)
    withdraw = action_endpoint("withdraw", services.withdraw_interest, key="interest_id", body=ReasonBody)

"""Nominations for programs: an employer's system nominates, follows and withdraws; offices and people act in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cluster_portal.api.filters import DayFilter, MomentFilter
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from training.api.learning import NominationLearning
from training.models import Nomination
from training.policies import nomination_policy
from training.selectors import nominations as selectors
from training.services import certificates, offers
from training.services import nominations as services
from training.states import NominationState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor


class NominationCreate(InputSerializer):
    """Whom to nominate for what. An employer endorses it with that."""

    specialist = serializers.UUIDField(source="specialist_id")
    intake = serializers.UUIDField(source="intake_id")
    motivation = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    choice = serializers.IntegerField(min_value=1, max_value=20, required=False, help_text=_("1 is the best"))


class Reason(InputSerializer):
    reason = serializers.CharField(max_length=300)


class NominationSerializer(OutputSerializer):
    """A specialist on the way to a seat in an intake, or in it."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    specialist = serializers.UUIDField(source="specialist_id")
    organization = serializers.UUIDField(source="organization_id")
    intake = serializers.UUIDField(source="intake_id")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    choice = serializers.IntegerField()
    motivation = serializers.CharField()
    state = serializers.ChoiceField(NominationState.choices)
    nominated_at = DateTimeField(allow_null=True)
    waiting_since = DateTimeField(allow_null=True)
    offer_until = DateTimeField(allow_null=True)
    end_reason = serializers.CharField()
    updated_at = DateTimeField()


class NominationDetailSerializer(NominationSerializer):
    available_actions = AvailableActionsField()


class NominationStepSerializer(OutputSerializer):
    """A step of a nomination."""

    at = DateTimeField()
    action = serializers.CharField()
    from_state = serializers.CharField()
    to_state = serializers.ChoiceField(NominationState.choices)
    reason = serializers.CharField()


class NominationFilter(filters.FilterSet):
    """Filters of nominations."""

    specialist = filters.UUIDFilter(field_name="specialist_id")
    organization = filters.UUIDFilter(field_name="organization_id")
    intake = filters.UUIDFilter(field_name="intake_id")
    state = filters.MultipleChoiceFilter(choices=NominationState.choices)
    starts_from = DayFilter(field_name="starts_on", lookup_expr="gte")
    starts_to = DayFilter(field_name="starts_on", lookup_expr="lte")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Nomination
        fields: list[str] = []


class NominationViewSet(NominationLearning, PolicyViewSet):
    """Your organisation's nominations; the training office sees all of them, a person the own ones."""

    required_scope = "training"
    policy = nomination_policy
    selector = staticmethod(selectors.visible_nominations)
    serializer_class = NominationDetailSerializer
    list_serializer_class = NominationSerializer
    filterset_class = NominationFilter

    def available_actions(self, actor: Actor, obj: Nomination) -> Iterable[str]:
        return selectors.available_actions(actor, obj)

    @extend_schema(request=NominationCreate, responses={201: NominationDetailSerializer})
    def create(self, request: Request) -> Response:
        """Nominate a specialist for an intake."""
        nomination = services.nominate_specialist(self.actor, **self.validated(NominationCreate))
        return self.respond(self.find(nomination.pk), status=201)

    nominate = action_endpoint("nominate", services.put_forward, key="nomination_id")
    endorse = action_endpoint("endorse", services.endorse_nomination, key="nomination_id")
    shortlist = action_endpoint("shortlist", services.shortlist_nomination, key="nomination_id")
    offer = action_endpoint("offer", offers.offer_seat, key="nomination_id")
    wait = action_endpoint("wait", services.waitlist_nomination, key="nomination_id")
    accept = action_endpoint("accept", offers.accept_offer, key="nomination_id")
    decline = action_endpoint("decline", offers.decline_offer, key="nomination_id", body=Reason)
    confirm = action_endpoint("confirm", services.confirm_nomination, key="nomination_id")
    begin = action_endpoint("begin", services.begin_nomination, key="nomination_id")
    complete = action_endpoint("complete", services.complete_nomination, key="nomination_id")
    certify = action_endpoint("certify", certificates.certify_nomination, key="nomination_id")
    revoke = action_endpoint("revoke", certificates.revoke_certificate, key="nomination_id", body=Reason)
    fall_short = action_endpoint("fall_short", services.fail_nomination, key="nomination_id", body=Reason)
    reject = action_endpoint("reject", services.reject_nomination, key="nomination_id", body=Reason)
    withdraw = action_endpoint("withdraw", offers.withdraw_nomination, key="nomination_id", body=Reason)

    @extend_schema(responses=NominationStepSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def history(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The steps of a nomination, the latest first."""
        found = selectors.told(self.actor, self.kwargs["pk"])
        return Response(NominationStepSerializer(found.steps, many=True).data)

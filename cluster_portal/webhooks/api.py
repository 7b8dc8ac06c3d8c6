"""Webhooks for programs: making one, its messages, having one sent again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import django_filters as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cluster_portal.api.permissions import SIGNED_IN
from cluster_portal.api.renderers import dumps
from cluster_portal.api.serializers import DateTimeField, EmptySerializer, InputSerializer, OutputSerializer
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from cluster_portal.webhooks.models import Delivery
from cluster_portal.webhooks.policies import delivery_policy, subscription_policy
from cluster_portal.webhooks.selectors import deliveries_of, subscriptions_of
from cluster_portal.webhooks.services import subscriptions as services
from cluster_portal.webhooks.states import DELIVERY, OWNER, DeliveryState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor

ORDER = ("-created_at", "-id")


class WebhookInput(InputSerializer):
    """Where to, and which events (`referrals.updated`): a resource of the feed with what became of a row.

    A person names the `program` whose webhook it is; a program's is its own.
    """

    url = serializers.CharField(max_length=500)
    events = serializers.ListField(
        child=serializers.CharField(max_length=60), allow_empty=False, max_length=200
    )
    program = serializers.UUIDField(required=False, source="program_id")


class WebhookChange(InputSerializer):
    """Another address, other events, and whether it goes on. What changed meanwhile is told when it does."""

    url = serializers.CharField(max_length=500, required=False)
    events = serializers.ListField(
        child=serializers.CharField(max_length=60), allow_empty=False, max_length=200, required=False
    )
    is_enabled = serializers.BooleanField(required=False, source="on")


class WebhookSerializer(OutputSerializer):
    """A webhook. `failures`: rounds without success in a row; before `rests_until` nothing more is tried."""

    id = serializers.UUIDField()
    program = serializers.UUIDField(source="client_id")
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    is_enabled = serializers.BooleanField()
    failures = serializers.IntegerField()
    rests_until = DateTimeField(allow_null=True)
    created_at = DateTimeField()


class NewWebhookSerializer(WebhookSerializer):
    """A webhook with its secret, which is shown this once: an answer given again for its Idempotency-Key has null."""

    secret = serializers.SerializerMethodField()

    def get_secret(self, _row: object) -> str | None:
        return self.context["secret"]


class ResentSerializer(OutputSerializer):
    """How many messages are on their way again."""

    resent = serializers.IntegerField()


class WebhookTrySerializer(OutputSerializer):
    """One try: HTTP's status (none: no answer came) and the beginning of the answer."""

    at = serializers.CharField()
    status = serializers.IntegerField(allow_null=True)
    answer = serializers.CharField(allow_blank=True)


class WebhookDeliverySerializer(OutputSerializer):
    """A message to a webhook. `message` is its `webhook-id`, the same in every try."""

    id = serializers.UUIDField()
    message = serializers.CharField()
    webhook = serializers.UUIDField(source="subscription_id")
    event = serializers.CharField()
    row_id = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    at = DateTimeField()
    state = serializers.ChoiceField(choices=DeliveryState.choices)
    created_at = DateTimeField()
    next_try_at = DateTimeField(allow_null=True)
    tries = WebhookTrySerializer(many=True)
    available_actions = serializers.SerializerMethodField()

    def get_available_actions(self, row: Delivery) -> list[str]:
        return DELIVERY.available(row.state, {OWNER})


@extend_schema(tags=["webhooks"])
class WebhookViewSet(PolicyViewSet):
    """Addresses of your program to which changes are told. People have those of the programs that they keep."""

    required_scope = SIGNED_IN
    policy = subscription_policy
    selector = subscriptions_of
    serializer_class = WebhookSerializer
    ordering = ORDER

    @extend_schema(request=WebhookInput, responses={201: NewWebhookSerializer})
    def create(self, request: Request) -> Response:
        """Subscribe; the answer alone holds the secret."""
        row, secret = services.create_subscription(self.actor, **self.validated(WebhookInput))
        place = self.reverse_action("detail", args=[row.pk])
        return self.with_secret(row, secret, status=201, headers={"Location": place})

    @extend_schema(request=WebhookChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change its address or its events, stop it or let it go on."""
        data = self.validated(WebhookChange)
        return self.respond(self.call(services.change_subscription, "subscription_id", **data))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it with its messages."""
        self.call(services.delete_subscription, "subscription_id")
        return Response(status=204)

    @extend_schema(request=EmptySerializer, responses=NewWebhookSerializer)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        """Another secret; for 24 hours messages are signed with both."""
        self.validated(EmptySerializer)
        return self.with_secret(*self.call(services.rotate_secret, "subscription_id"))

    @extend_schema(request=EmptySerializer, responses=ResentSerializer)
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: str) -> Response:
        """Send all messages that were given up again; `resent` tells how many."""
        self.validated(EmptySerializer)
        resent = self.call(services.resend_given_up, "subscription_id")
        return Response(ResentSerializer({"resent": resent}).data)

    def kept_answer(self, response: Any) -> bytes:
        # The secret is not kept where it could be read.
        said = json.loads(response.content)
        return dumps(said | {"secret": None}) if "secret" in said else response.content

    def with_secret(self, row: object, secret: str, **answer: object) -> Response:
        """The webhook with its secret."""
        context = {**self.get_serializer_context(), "secret": secret}
        return Response(NewWebhookSerializer(row, context=context).data, **answer)


class DeliveryFilter(filters.FilterSet):
    """Of one webhook, in one state."""

    webhook = filters.UUIDFilter(field_name="subscription")
    state = filters.ChoiceFilter(choices=DeliveryState.choices)

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = ()


@extend_schema(tags=["webhooks"])
class DeliveryViewSet(PolicyViewSet):
    """Messages to your webhooks with their tries, latest first; given up ones are kept for 30 days, others for 7."""

    required_scope = SIGNED_IN
    policy = delivery_policy
    selector = deliveries_of
    serializer_class = WebhookDeliverySerializer
    filterset_class = DeliveryFilter
    ordering = ORDER

    def available_actions(self, actor: Actor, obj: Delivery) -> Iterable[str]:
        return DELIVERY.available(obj.state, {OWNER})

    resend = action_endpoint("resend", services.resend_delivery, key="delivery_id")

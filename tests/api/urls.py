"""The portal's own addresses of the API and a toy resource to try its machinery on."""

from __future__ import annotations

from typing import Any

from django.db import OperationalError
from django.http import Http404
from django.urls import include, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from clinics.models import Organization
from clinics.policies import organization_policy
from cluster_portal.api import urls as api_urls
from cluster_portal.api.permissions import PUBLIC
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
)
from cluster_portal.api.views import ApiView, PolicyViewSet, action_endpoint
from cluster_portal.common.actor import Actor
from cluster_portal.common.errors import Busy, Conflict, Forbidden, Invalid
from cluster_portal.common.service import service


class ItemInput(InputSerializer):
    name = serializers.CharField(max_length=10)
    count = serializers.IntegerField(min_value=0, max_value=100, required=False)
    moment = DateTimeField(required=False)


class OrderInput(InputSerializer):
    items = ItemInput(many=True)
    note = serializers.CharField(required=False)


class ToyOutput(OutputSerializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    phone = serializers.CharField()
    available_actions = AvailableActionsField()
    updated_at = DateTimeField()


@service
def rename(actor: Actor, *, organization_id: Any, phone: str) -> Organization:
    """Write another phone."""
    organization = organization_policy.get(actor, "view", organization_id, lock=True)
    if phone == "busy":
        raise Busy
    if phone == "conflict":
        raise Conflict
    if phone == "crash":
        raise RuntimeError("crash")
    organization.phone = phone
    organization.save()
    return organization


class PhoneInput(InputSerializer):
    phone = serializers.CharField(max_length=40)


class ToyViewSet(PolicyViewSet):
    required_scope = "organizations"
    policy = organization_policy
    serializer_class = ToyOutput
    if_match_required = True

    def available_actions(self, actor: Actor, obj: Organization) -> list[str]:
        return ["call"]

    call_up = action_endpoint("call_up", rename, key="organization_id", body=PhoneInput)

    def create(self, request: Request) -> Response:
        phone = self.validated(PhoneInput)["phone"]
        row = Organization.objects.create(
            name_ru="Новая",
            short_name_ru="Новая",
            ownership="state",
            country="RU",
            status="member",
            phone=phone,
        )
        self.call(rename, organization_id=row.pk, phone=phone)
        return self.respond(self.find(row.pk), status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        self.call(rename, "organization_id", **self.validated(PhoneInput))
        return self.respond(self.find(pk))


class UndeclaredView(ApiView):
    def get(self, request: Request) -> Response:
        return Response({"open": True})


class OpenView(ApiView):
    required_scope = PUBLIC

    def get(self, request: Request) -> Response:
        return Response({"open": True})

    def post(self, request: Request) -> Response:
        order = OrderInput(data=request.data)
        order.is_valid(raise_exception=True)
        return Response(order.validated_data)


class FailingView(ApiView):
    required_scope = PUBLIC
    query_parameters = frozenset({"how"})

    def get(self, request: Request) -> Response:
        raise {
            "404": Http404,
            "403": Forbidden(extra={"hint": "office"}),
            "fields": Invalid({"phone": ["one", "two"], "": ["whole"]}),
            "away": OperationalError("server closed the connection"),
            "crash": RuntimeError("secret text"),
        }[request.query_params["how"]]


router = SimpleRouter()
router.register("toys", ToyViewSet, basename="toys")

urlpatterns = [
    path("", include(api_urls)),
    path("api/v1/", include(router.urls)),
    path("api/v1/undeclared/", UndeclaredView.as_view()),
    path("api/v1/open/", OpenView.as_view()),
    path("api/v1/failing/", FailingView.as_view()),
]

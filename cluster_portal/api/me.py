"""`/api/v1/me/`: who the caller is to the portal."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cluster_portal.api.permissions import SIGNED_IN
from cluster_portal.api.serializers import OutputSerializer
from cluster_portal.api.views import ApiView


class OrganizationReference(OutputSerializer):
    """An organisation by its id and name."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class MeSerializer(OutputSerializer):
    """The actor behind a request."""

    kind = serializers.ChoiceField(choices=["user", "client"])
    id = serializers.UUIDField()
    name = serializers.CharField()
    organization = OrganizationReference(allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())
    scopes = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="null: a person's session, which no scope narrows",
    )
    time_zone = serializers.CharField()
    memberships = OrganizationReference(many=True)


class MeView(ApiView):
    """Who calls, for which organisation, in which roles and with which scopes."""

    required_scope = SIGNED_IN

    @extend_schema(responses=MeSerializer, operation_id="me", tags=["me"])
    def get(self, request: Request) -> Response:
        actor = request.actor
        organization = {"id": actor.organization_id, "name": actor.organization_name}
        return Response(
            {
                "kind": actor.kind,
                "id": actor.client_id or actor.user_id,
                "name": actor.name,
                "organization": organization if actor.organization_id else None,
                "roles": sorted(actor.roles),
                "scopes": None if actor.scopes is None else sorted(actor.scopes),
                "time_zone": actor.time_zone,
                "memberships": [{"id": key, "name": name} for key, name in actor.memberships],
            }
        )

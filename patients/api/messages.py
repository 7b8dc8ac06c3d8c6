"""The messages of a referral for regional systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cluster_portal.api.serializers import (
    DateTimeField,
    EmptySerializer,
    InputSerializer,
    OutputSerializer,
    ReadSerializer,
)
from patients.models import Message
from patients.selectors.messages import messages_of
from patients.services.messages import read_messages, write_message

if TYPE_CHECKING:
    from rest_framework.request import Request


class MessageSerializer(OutputSerializer):
    """One message; `read_at` is when the other side read it."""

    id = serializers.UUIDField()
    created_at = DateTimeField()
    organization = serializers.UUIDField(source="organization_id")
    addressee = serializers.UUIDField(source="addressee_id")
    author_name = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    read_at = DateTimeField(allow_null=True)


class MessageInput(InputSerializer):
    text = serializers.CharField(max_length=Message.LONGEST, trim_whitespace=True)
    key = serializers.UUIDField(
        required=False, help_text=_("Sent twice with the same key, it is there once.")
    )


class ReferralMessages:
    """Mixed into the referrals' views."""

    @extend_schema(methods=["get"], responses=MessageSerializer(many=True), filters=False)
    @extend_schema(methods=["post"], request=MessageInput, responses={201: MessageSerializer})
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def messages(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What the two clinics wrote, the oldest first. POST writes to the other side."""
        pk = self.kwargs["pk"]
        if request.method == "POST":
            message = write_message(self.actor, referral_id=pk, **self.validated(MessageInput))
            return Response(MessageSerializer(message).data, status=201)
        return Response(MessageSerializer(messages_of(self.find(pk)), many=True).data)

    @extend_schema(request=EmptySerializer, responses=ReadSerializer)
    @action(detail=True, methods=["post"], url_path="messages/read", pagination_class=None)
    def messages_read(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Your organisation has read what was written to it."""
        self.validated(EmptySerializer)
        return Response({"read": read_messages(self.actor, referral_id=self.kwargs["pk"])})

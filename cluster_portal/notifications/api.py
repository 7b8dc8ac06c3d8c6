"""Notices for programs that act as a person, such as a desktop client: the list, and what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cluster_portal.api.filters import FlagFilter
from cluster_portal.api.permissions import SIGNED_IN
from cluster_portal.api.serializers import DateTimeField, EmptySerializer, OutputSerializer, ReadSerializer
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from cluster_portal.notifications.models import Notice
from cluster_portal.notifications.policies import notice_policy
from cluster_portal.notifications.selectors import ORDER, notices_of
from cluster_portal.notifications.services import mark_all_read, open_notice

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request


class NoticeSerializer(OutputSerializer):
    """A notice: `text` in the language that is asked for, `url` the page of this portal that it leads to.

    `organization` is the one in whose affairs it is; it names no patient.
    """

    id = serializers.UUIDField()
    created_at = DateTimeField()
    organization = serializers.UUIDField(source="organization_id", allow_null=True)
    kind = serializers.CharField()
    text = serializers.CharField()
    url = serializers.CharField()
    read_at = DateTimeField(allow_null=True)


class NoticeFilter(filters.FilterSet):
    unread = FlagFilter(method="filter_unread", label=_("not read yet"))

    class Meta:
        model = Notice
        fields: list[str] = []

    def filter_unread(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(read_at__isnull=value)


@extend_schema(tags=["notices"])
class NoticeViewSet(PolicyViewSet):
    """What you were told, latest first, whichever organisation you act for. A program of its own is told nothing."""

    required_scope = SIGNED_IN
    policy = notice_policy
    selector = staticmethod(notices_of)
    serializer_class = NoticeSerializer
    filterset_class = NoticeFilter
    ordering = ORDER

    read = action_endpoint("read", open_notice, key="notice_id")

    @extend_schema(
        operation_id="notices_read_all", request=EmptySerializer, responses=ReadSerializer, filters=False
    )
    @action(detail=False, methods=["post"], url_path="read", url_name="read-all", pagination_class=None)
    def read_all(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All of your notices are read."""
        self.validated(EmptySerializer)
        return Response({"read": mark_all_read(self.actor)})

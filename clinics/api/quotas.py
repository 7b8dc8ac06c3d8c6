"""Quotas by REST: a clinic's own system reads and plans them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from clinics.models import Quota
from clinics.policies import quota_policy
from clinics.services.quotas import set_quota
from clinics.states import Payment
from cluster_portal.api.filters import DayFilter, MomentFilter
from cluster_portal.api.serializers import DateTimeField, InputSerializer, OutputSerializer
from cluster_portal.api.views import PolicyViewSet

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response


class QuotaSerializer(OutputSerializer):
    """How many bookings of a service a payer pays for in a month; null: not limited, as is a month without a quota."""

    id = serializers.UUIDField()
    service = serializers.UUIDField(source="service_id")
    payment = serializers.ChoiceField(Payment.choices)
    month = serializers.DateField(help_text=_("Its first day, by the clinic's calendar."))
    volume = serializers.IntegerField(allow_null=True)
    used = serializers.IntegerField(help_text=_("Bookings that hold, have or have used a place."))
    left = serializers.IntegerField(allow_null=True)
    updated_at = DateTimeField(help_text=_("When the volume was last changed."))


class QuotaInput(InputSerializer):
    service = serializers.UUIDField()
    payment = serializers.ChoiceField(Payment.choices)
    month = serializers.DateField(help_text=_("Any day of it."))
    volume = serializers.IntegerField(min_value=0, max_value=1_000_000, allow_null=True)


class QuotaFilter(filters.FilterSet):
    """Filters of quotas."""

    service = filters.UUIDFilter(field_name="service_id")
    clinic = filters.UUIDFilter(field_name="service__clinic_id")
    payment = filters.MultipleChoiceFilter(choices=Payment.choices)
    month_from = DayFilter(field_name="month", lookup_expr="gte")
    month_to = DayFilter(field_name="month", lookup_expr="lte")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Quota
        fields: list[str] = []


class QuotaViewSet(PolicyViewSet):
    """Quotas of your own organisation; the office sees all."""

    required_scope = "services"
    policy = quota_policy
    serializer_class = QuotaSerializer
    filterset_class = QuotaFilter

    @extend_schema(request=QuotaInput, responses={201: QuotaSerializer})
    def create(self, request: Request) -> Response:
        """Set the volume of a month: a new quota, or another volume of the one that is there. Never below what is
        booked; the same again changes nothing.
        """
        data = self.validated(QuotaInput)
        quota = set_quota(self.actor, service_id=data.pop("service"), **data)
        return self.respond(self.find(quota.pk), status=201)

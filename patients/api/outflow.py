"""The register of patients sent outside the cluster, for regional systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from clinics.states import Payment
from cluster_portal.api.filters import DayFilter, FlagFilter, MomentFilter
from cluster_portal.api.serializers import DateTimeField, InputSerializer, OutputSerializer
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from patients.api.filters import ReasonCodes
from patients.api.serializers import ClinicReference, ServiceTypeReference
from patients.models import Outflow
from patients.policies import outflow_policy
from patients.selectors import outflow as selectors
from patients.services import outflow as services
from patients.states import Currency, ReasonKind

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request


class OutflowChange(InputSerializer):
    """Fields of an entry; those that are not sent stay as they are."""

    source_clinic = ClinicReference(required=False)
    country = serializers.RegexField(
        r"^[A-Z]{2}$", help_text=_("ISO 3166-1; in the cluster's own country `region` says where.")
    )
    region = serializers.CharField(max_length=120, required=False, allow_blank=True)
    clinic_name = serializers.CharField(max_length=200)
    service_type = ServiceTypeReference()
    diagnosis_code = serializers.CharField(max_length=8)
    diagnosis_text = serializers.CharField(max_length=300, required=False, allow_blank=True)
    reason = serializers.CharField(
        max_length=20, help_text=_("Code of a reason of the kind `send_outside` (see `/reasons/`).")
    )
    comment = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    cost = serializers.DecimalField(13, 2, min_value=0, required=False, allow_null=True)
    currency = serializers.ChoiceField(Currency.choices, required=False, allow_blank=True)
    payment = serializers.ChoiceField(Payment.choices)
    sent_on = serializers.DateField()
    decided_by = serializers.CharField(max_length=200)


class OutflowCreate(OutflowChange):
    """A new entry; `referral` where it grew from one of yours that is closed."""

    patient = serializers.UUIDField()
    referral = serializers.UUIDField(required=False, allow_null=True)
    key = serializers.UUIDField(
        required=False, help_text=_("Sent twice with the same key, it is there once.")
    )


class Withdrawal(InputSerializer):
    why = serializers.CharField(max_length=300)


class OutflowSerializer(OutputSerializer):
    """A patient sent outside the cluster.

    `patient`, `referral`, `decided_by` and `comment` are told only to those who sent the patient; the cluster office
    reads null and "".
    """

    id = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient_id", allow_null=True)
    referral = serializers.UUIDField(source="referral_id", allow_null=True)
    source_organization = serializers.UUIDField(source="source_organization_id")
    source_clinic = serializers.UUIDField(source="source_clinic_id")
    country = serializers.CharField()
    region = serializers.CharField()
    clinic_name = serializers.CharField()
    service_type = serializers.CharField(source="service_type_id")
    diagnosis_code = serializers.CharField()
    diagnosis_text = serializers.CharField()
    reason = serializers.CharField()
    comment = serializers.CharField()
    cost = serializers.DecimalField(13, 2, allow_null=True)
    currency = serializers.CharField()
    payment = serializers.ChoiceField(Payment.choices)
    sent_on = serializers.DateField()
    decided_by = serializers.CharField()
    withdrawn_at = DateTimeField(allow_null=True)
    withdrawn_why = serializers.CharField()
    created_at = DateTimeField()
    updated_at = DateTimeField()

    def to_representation(self, outflow: Outflow) -> dict[str, Any]:
        data = super().to_representation(outflow)
        if not outflow_policy.names(self.context["request"].actor, outflow):
            data |= {"patient": None, "referral": None, "comment": "", "decided_by": "", "withdrawn_why": ""}
        return data


class OutflowFilter(filters.FilterSet):
    """Filters of the register."""

    country = filters.CharFilter(field_name="country", max_length=2)
    service_type = filters.CharFilter(field_name="service_type_id", max_length=60)
    reason = ReasonCodes(kind=ReasonKind.OUTFLOW, label=_("code of a reason"))
    payment = filters.MultipleChoiceFilter(choices=Payment.choices)
    patient = filters.UUIDFilter(method="filter_patient", label=_("patient"))
    sent_from = DayFilter(field_name="sent_on", lookup_expr="gte")
    sent_to = DayFilter(field_name="sent_on", lookup_expr="lte")
    withdrawn = FlagFilter(method="filter_withdrawn", label=_("withdrawn entries"))
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Outflow
        fields: list[str] = []

    def filter_patient(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        # Whoever may not know the patient finds nothing by them.
        return queryset.filter(outflow_policy.q(self.request.actor, "name"), patient=value)

    def filter_withdrawn(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(withdrawn_at__isnull=not value)


@extend_schema(tags=["outflow"])
class OutflowViewSet(PolicyViewSet):
    """Patients whom your organisation sent outside the cluster; the office sees all entries, without people."""

    required_scope = "referrals"
    policy = outflow_policy
    selector = staticmethod(selectors.visible_outflows)
    serializer_class = OutflowSerializer
    filterset_class = OutflowFilter
    ordering = ("-id",)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The entry; reading whose it is is journalled."""
        return self.respond(selectors.open_outflow(self.actor, self.kwargs["pk"], purpose="api"))

    @extend_schema(request=OutflowCreate, responses={201: OutflowSerializer})
    def create(self, request: Request) -> Response:
        """Enter a patient who is sent outside; 409 while the referral is open or where it has an entry."""
        data = self.validated(OutflowCreate)
        outflow = services.record_outflow(
            self.actor,
            patient_id=data.pop("patient"),
            referral_id=data.pop("referral", None),
            key=data.pop("key", None),
            data=data,
        )
        return self.respond(self.find(outflow.pk), status=201)

    @extend_schema(request=OutflowChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change some fields of an entry that was not withdrawn."""
        self.call(services.update_outflow, "outflow_id", data=self.validated(OutflowChange, partial=True))
        return self.respond(self.find(pk))

    withdraw = action_endpoint("withdraw", services.withdraw_outflow, key="outflow_id", body=Withdrawal)

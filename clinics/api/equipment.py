"""The register of equipment for programs: read and kept, moved step by step, the service log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from clinics.models import Equipment
from clinics.policies import clinic_policy, equipment_policy, equipment_type_policy, room_policy
from clinics.selectors.equipment import available_actions, log_of, visible_equipment
from clinics.services import equipment as services
from clinics.states import EquipmentState, Funding, UpkeepKind
from cluster_portal.api.filters import DayFilter, MomentFilter, WholeFilter
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    TranslatedField,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor


@extend_schema_field(OpenApiTypes.UUID)
class _ClinicReference(serializers.PrimaryKeyRelatedField):
    """The id of a clinic of the registry."""

    def get_queryset(self) -> QuerySet:
        return clinic_policy.queryset(self.context["request"].actor)


@extend_schema_field(OpenApiTypes.UUID)
class _RoomReference(serializers.PrimaryKeyRelatedField):
    """The id of a room."""

    def get_queryset(self) -> QuerySet:
        return room_policy.queryset(self.context["request"].actor)


@extend_schema_field(OpenApiTypes.STR)
class _TypeReference(serializers.PrimaryKeyRelatedField):
    """The code of a type of the dictionary."""

    def get_queryset(self) -> QuerySet:
        return equipment_type_policy.queryset(self.context["request"].actor)


class EquipmentChange(InputSerializer):
    """What is on record of a unit; fields that are not sent stay as they are. The state is changed by actions alone."""

    clinic = _ClinicReference()
    type = _TypeReference()
    inventory_number = serializers.CharField(max_length=40)
    room = _RoomReference(required=False, allow_null=True)
    place = serializers.CharField(
        max_length=40,
        required=False,
        allow_blank=True,
        help_text=_("In words, where it stands in no room on record"),
    )
    model = serializers.CharField(max_length=160, required=False, allow_blank=True)
    maker = serializers.CharField(max_length=160, required=False, allow_blank=True)
    country = serializers.RegexField(
        r"^([A-Z]{2})?$", required=False, allow_blank=True, help_text=_("ISO 3166-1, two letters")
    )
    serial = serializers.CharField(max_length=80, required=False, allow_blank=True)
    programme_year = serializers.IntegerField(min_value=1990, max_value=2100, required=False, allow_null=True)
    funding = serializers.ChoiceField(Funding.choices, required=False, allow_blank=True)
    warranty_until = serializers.DateField(required=False, allow_null=True)
    ordered_on = serializers.DateField(required=False, allow_null=True)
    delivered_on = serializers.DateField(required=False, allow_null=True)
    commissioned_on = serializers.DateField(required=False, allow_null=True)
    written_off_on = serializers.DateField(required=False, allow_null=True)
    comment = serializers.CharField(max_length=300, required=False, allow_blank=True)


class EquipmentCreate(EquipmentChange):
    """A new unit as it stands today."""

    state = serializers.ChoiceField(EquipmentState.choices, default=EquipmentState.PLANNED)


class Step(InputSerializer):
    on = serializers.DateField(
        required=False, allow_null=True, help_text=_("The day of the step; today without it.")
    )
    comment = serializers.CharField(max_length=300, required=False, allow_blank=True)


class Fault(InputSerializer):
    comment = serializers.CharField(max_length=300, required=False, allow_blank=True)
    expected_until = serializers.DateField(
        required=False, allow_null=True, help_text=_("Last day of the repair, where one knows.")
    )


class Forecast(InputSerializer):
    expected_until = serializers.DateField(allow_null=True)


class Remark(InputSerializer):
    comment = serializers.CharField(max_length=300, required=False, allow_blank=True)


class UpkeepInput(InputSerializer):
    kind = serializers.ChoiceField(UpkeepKind.choices)
    done_on = serializers.DateField(required=False)
    done_by = serializers.CharField(max_length=200, required=False)
    cost = serializers.DecimalField(13, 2, min_value=0, required=False, allow_null=True)
    comment = serializers.CharField(max_length=300, required=False, allow_blank=True)


class UpkeepSerializer(OutputSerializer):
    """A line of the service log. The cost is in the cluster's currency."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(UpkeepKind.choices)
    done_on = serializers.DateField()
    done_by = serializers.CharField()
    cost = serializers.DecimalField(13, 2, allow_null=True)
    comment = serializers.CharField()
    created_at = DateTimeField()


class EquipmentSerializer(OutputSerializer):
    """One unit of equipment, from the plan to the write-off."""

    id = serializers.UUIDField()
    organization = serializers.UUIDField(source="organization_id")
    clinic = serializers.UUIDField(source="clinic_id")
    room = serializers.UUIDField(source="room_id", allow_null=True)
    room_number = serializers.CharField(source="room.number", default="")
    place = serializers.CharField()
    type = serializers.CharField(source="type_id")
    type_name = serializers.CharField(source="type.name")
    model = serializers.CharField()
    maker = serializers.CharField()
    country = serializers.CharField()
    serial = serializers.CharField()
    inventory_number = serializers.CharField()
    state = serializers.ChoiceField(EquipmentState.choices)
    programme_year = serializers.IntegerField(allow_null=True)
    funding = serializers.CharField()
    warranty_until = serializers.DateField(allow_null=True)
    ordered_on = serializers.DateField(allow_null=True)
    delivered_on = serializers.DateField(allow_null=True)
    commissioned_on = serializers.DateField(allow_null=True)
    written_off_on = serializers.DateField(allow_null=True)
    comment = serializers.CharField()
    updated_at = DateTimeField()


class EquipmentDetailSerializer(EquipmentSerializer):
    available_actions = AvailableActionsField()


class EquipmentTypeSerializer(OutputSerializer):
    """A line of the dictionary of equipment."""

    code = serializers.CharField()
    name = serializers.CharField()
    names = TranslatedField(source="name")
    is_active = serializers.BooleanField()


class EquipmentFilter(filters.FilterSet):
    """Filters of equipment."""

    q = filters.CharFilter(method="filter_words", label=_("words of model, maker, numbers"), max_length=100)
    organization = filters.UUIDFilter(field_name="organization_id")
    clinic = filters.UUIDFilter(field_name="clinic_id")
    type = filters.CharFilter(field_name="type_id", max_length=40)
    state = filters.MultipleChoiceFilter(choices=EquipmentState.choices)
    funding = filters.MultipleChoiceFilter(choices=Funding.choices)
    programme_year = WholeFilter(min_value=1990, max_value=2100)
    inventory_number = filters.CharFilter(max_length=40)
    warranty_from = DayFilter(field_name="warranty_until", lookup_expr="gte")
    warranty_to = DayFilter(field_name="warranty_until", lookup_expr="lte")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Equipment
        fields: list[str] = []

    def filter_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        for word in value.lower().replace("ё", "е").split():
            queryset = queryset.filter(search_text__contains=word)
        return queryset


@extend_schema(tags=["equipment"])
class EquipmentTypeViewSet(PolicyViewSet):
    """The cluster's dictionary of equipment."""

    required_scope = "clinics"
    policy = equipment_type_policy
    serializer_class = EquipmentTypeSerializer
    ordering = ("code",)
    lookup_field = "code"


@extend_schema(tags=["equipment"])
class EquipmentViewSet(PolicyViewSet):
    """Your organisation's equipment; the cluster office sees and keeps all of it."""

    required_scope = "clinics"
    policy = equipment_policy
    selector = staticmethod(visible_equipment)
    serializer_class = EquipmentDetailSerializer
    list_serializer_class = EquipmentSerializer
    filterset_class = EquipmentFilter

    def available_actions(self, actor: Actor, obj: Equipment) -> Iterable[str]:
        return available_actions(actor, obj)

    @extend_schema(request=EquipmentCreate, responses={201: EquipmentDetailSerializer})
    def create(self, request: Request) -> Response:
        """Enter a unit, planned or as far as it has come."""
        data = self.validated(EquipmentCreate)
        unit = services.add_equipment(self.actor, state=data.pop("state"), data=data)
        return self.respond(self.find(unit.pk), status=201)

    @extend_schema(request=EquipmentChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct what is on record of a unit."""
        self.call(
            services.update_equipment, "equipment_id", data=self.validated(EquipmentChange, partial=True)
        )
        return self.respond(self.find(pk))

    order = action_endpoint("order", services.order_equipment, key="equipment_id", body=Step)
    deliver = action_endpoint("deliver", services.deliver_equipment, key="equipment_id", body=Step)
    commission = action_endpoint("commission", services.commission_equipment, key="equipment_id", body=Step)
    report_fault = action_endpoint("report_fault", services.report_fault, key="equipment_id", body=Fault)
    expect_return = action_endpoint(
        "expect_return", services.expect_return, key="equipment_id", body=Forecast
    )
    return_to_work = action_endpoint(
        "return_to_work", services.return_to_work, key="equipment_id", body=Remark
    )
    write_off = action_endpoint("write_off", services.write_off_equipment, key="equipment_id", body=Step)

    @extend_schema(request=None, responses=UpkeepSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], url_path="service-log", pagination_class=None)
    def service_log(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What was done to the unit, the latest first: up to 500 lines."""
        return Response(UpkeepSerializer(log_of(self.find(self.kwargs["pk"])), many=True).data)

    @extend_schema(request=UpkeepInput, responses={201: UpkeepSerializer})
    @service_log.mapping.post
    def note_service(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write a line of the service log."""
        line = self.call(services.record_upkeep, "equipment_id", data=self.validated(UpkeepInput))
        return Response(UpkeepSerializer(line).data, status=201)

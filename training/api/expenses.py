"""What intakes cost, for programs: lines of a budget with their receipts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from clinics.api.licences import ScanInput, ScanSerializer
from cluster_portal.api.files import SCANNER_AWAY, content_of
from cluster_portal.api.filters import FlagFilter, MomentFilter
from cluster_portal.api.serializers import DateTimeField, InputSerializer, OutputSerializer
from cluster_portal.api.views import PolicyViewSet
from cluster_portal.files.responses import download
from training.models import Expense
from training.policies import expense_policy, nomination_policy
from training.services import expenses as services
from training.states import ExpenseKind

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import FileResponse
    from rest_framework.request import Request

_RECEIPT = "receipts/(?P<receipt>[^/.]+)"


class ReceiptSerializer(ScanSerializer):
    """A receipt; `sha256` and `size` are of what is given out."""


@extend_schema_field(OpenApiTypes.UUID)
class NominationReference(serializers.PrimaryKeyRelatedField):
    """The id of a nomination of the intake."""

    def get_queryset(self) -> QuerySet:
        return nomination_policy.queryset(self.context["request"].actor)


class ExpenseSerializer(OutputSerializer):
    """A line of an intake's budget, in the cluster's currency."""

    id = serializers.UUIDField()
    intake = serializers.UUIDField(source="intake_id")
    nomination = serializers.UUIDField(source="nomination_id", allow_null=True)
    kind = serializers.ChoiceField(ExpenseKind.choices)
    title = serializers.CharField()
    planned = serializers.DecimalField(12, 2)
    spent = serializers.DecimalField(12, 2, allow_null=True)
    spent_on = serializers.DateField(allow_null=True)
    updated_at = DateTimeField()


class ExpenseChange(InputSerializer):
    """A line of a budget; without `nomination` it is of the whole intake."""

    nomination = NominationReference(required=False, allow_null=True)
    kind = serializers.ChoiceField(ExpenseKind.choices)
    title = serializers.CharField(max_length=200)
    planned = serializers.DecimalField(12, 2, min_value=0, required=False)
    spent = serializers.DecimalField(12, 2, min_value=0, required=False, allow_null=True)
    spent_on = serializers.DateField(required=False, allow_null=True)


class ExpenseFilter(filters.FilterSet):
    """Filters of expenses."""

    intake = filters.UUIDFilter(field_name="intake_id")
    nomination = filters.UUIDFilter(field_name="nomination_id")
    kind = filters.MultipleChoiceFilter(choices=ExpenseKind.choices)
    spent = FlagFilter(field_name="spent", lookup_expr="isnull", exclude=True)
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Expense
        fields: list[str] = []


class ExpenseViewSet(PolicyViewSet):
    """What intakes cost, for both offices. A line is added at its intake: `POST /intakes/{id}/expenses/`."""

    required_scope = "training"
    policy = expense_policy
    serializer_class = ExpenseSerializer
    filterset_class = ExpenseFilter

    @extend_schema(request=ExpenseChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a line: what was planned, or what was spent of it and when."""
        self.call(services.update_expense, "expense_id", data=self.validated(ExpenseChange, partial=True))
        return self.respond(self.find(pk))

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take a line out of the budget that was only planned; what is spent stays (409)."""
        self.call(services.remove_expense, "expense_id")
        return Response(status=204)

    @extend_schema(methods=["get"], responses=ReceiptSerializer(many=True), filters=False)
    @extend_schema(
        methods=["post"],
        request={"multipart/form-data": ScanInput},
        responses={201: ReceiptSerializer, **SCANNER_AWAY},
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None, parser_classes=[MultiPartParser])
    def receipts(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Its receipts. POST adds one: it is checked, and looked at by the virus scanner."""
        expense = self.find(self.kwargs["pk"])
        if request.method == "POST":
            upload = self.validated(ScanInput)["file"]
            made = services.attach_receipt(self.actor, expense_id=expense.pk, upload=upload)
            place = self.reverse_action("receipt", args=[expense.pk, made.pk])
            return Response(ReceiptSerializer(made).data, status=201, headers={"Location": place})
        rows = expense.receipts.order_by("created_at", "id")
        return Response(ReceiptSerializer(rows, many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("receipt", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses=content_of(),
        filters=False,
    )
    @action(detail=True, methods=["get"], url_path=_RECEIPT, url_name="receipt", pagination_class=None)
    def receipt(self, request: Request, *args: Any, **kwargs: Any) -> FileResponse:
        """The content, as a download; journalled."""
        expense = self.find(self.kwargs["pk"])
        receipt = services.take_receipt(self.actor, expense_id=expense.pk, receipt_id=self.kwargs["receipt"])
        return download(receipt)

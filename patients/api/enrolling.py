"""Many patients at once, as a system that joins the cluster brings them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from cluster_portal.api.exceptions import handle
from cluster_portal.api.serializers import InputSerializer, OutputSerializer, ProblemSerializer
from cluster_portal.common.errors import PortalError
from patients.api.serializers import PatientCreate, plain
from patients.policies import patient_policy
from patients.services.patients import register_patient

if TYPE_CHECKING:
    from rest_framework.request import Request

#: The most patients of one request.
AT_MOST = 500


def registration(data: dict[str, Any]) -> dict[str, Any]:
    """A checked `PatientCreate` as `register_patient` takes it."""
    fields = plain(data)
    return {
        "ignore_similar": fields.pop("ignore_similar"), "numbers": fields.pop("numbers"), "data": fields,
    }  # fmt: skip


class _Rows(InputSerializer):
    """The rows as they came: each is checked by itself, so that one mistake stops no other."""

    patients = serializers.ListField(child=serializers.DictField(), allow_empty=False, max_length=AT_MOST)


class PatientRows(InputSerializer):
    """Up to 500 patients, each as `POST patients/` takes it."""

    patients = PatientCreate(many=True, allow_empty=False, max_length=AT_MOST)


class PatientOutcome(OutputSerializer):
    """What became of a row: `status` is what `POST patients/` would have answered, `problem` why nobody is there."""

    index = serializers.IntegerField(help_text=_("place in what was sent, from 0"))
    status = serializers.IntegerField()
    patient = serializers.UUIDField(allow_null=True)
    problem = ProblemSerializer(allow_null=True)


class PatientBulk:
    """Mixin of the patients' views."""

    @extend_schema(request=PatientRows, responses={207: PatientOutcome(many=True)}, filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def bulk(self, request: Request) -> Response:
        """Register many patients. Each row stands for itself, and the answer says what became of each.

        With an Idempotency-Key a repeated request gets the stored answer, and nobody is registered twice.
        """
        patient_policy.require(self.actor, "create")
        rows = self.validated(_Rows)["patients"]
        return Response([self._enrol(index, row) for index, row in enumerate(rows)], status=207)

    def _enrol(self, index: int, row: dict[str, Any]) -> dict[str, Any]:
        try:
            # A savepoint of its own where a key holds the whole request in one transaction.
            with transaction.atomic():
                checked = PatientCreate(data=row, context=self.get_serializer_context())
                checked.is_valid(raise_exception=True)
                patient = register_patient(self.actor, **registration(checked.validated_data))
        except (PortalError, ValidationError) as error:
            problem = handle(error, {}).data
            return {"index": index, "status": problem["status"], "patient": None, "problem": problem}
        return {"index": index, "status": 201, "patient": patient.pk, "problem": None}

"""Targets of training for programs: what was planned and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from clinics.states import Ownership
from cluster_portal.api.serializers import (
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    TranslatedField,
    Translations,
)
from cluster_portal.api.views import PolicyViewSet
from training.api.specialists import SpecialtyReference
from training.models import TrainingTarget
from training.policies import target_policy
from training.selectors.targets import reach_of
from training.services import targets as services
from training.states import Where

if TYPE_CHECKING:
    from rest_framework.request import Request


class TargetChange(InputSerializer):
    """What is entered of a target; empty `where`, `country`, `specialty` and `ownership` narrow nothing."""

    title = Translations(200)
    people = serializers.IntegerField(min_value=1, max_value=100_000)
    first_year = serializers.IntegerField(min_value=2000, max_value=2100)
    last_year = serializers.IntegerField(min_value=2000, max_value=2100)
    where = serializers.ChoiceField(Where.choices, required=False, allow_blank=True)
    country = serializers.CharField(max_length=2, required=False, allow_blank=True)
    specialty = SpecialtyReference(required=False, allow_null=True)
    ownership = serializers.ChoiceField(Ownership.choices, required=False, allow_blank=True)
    source = serializers.CharField(max_length=300, required=False, allow_blank=True)
    position = serializers.IntegerField(min_value=0, max_value=32767, required=False)


class FiguresSerializer(OutputSerializer):
    """People, each once, at the furthest that they have come; the forecast at the pace of the last twelve months."""

    completed = serializers.IntegerField(source="figures.completed")
    in_progress = serializers.IntegerField(source="figures.in_progress")
    confirmed = serializers.IntegerField(source="figures.confirmed")
    forecast = serializers.IntegerField()


class TargetSerializer(OutputSerializer):
    """So many people in programmes that begin in those years; empty fields narrow nothing."""

    id = serializers.UUIDField()
    title = TranslatedField()
    people = serializers.IntegerField()
    first_year = serializers.IntegerField()
    last_year = serializers.IntegerField()
    where = serializers.CharField()
    country = serializers.CharField()
    specialty = serializers.CharField(source="specialty_id", allow_null=True)
    ownership = serializers.CharField()
    source = serializers.CharField()
    updated_at = DateTimeField()


class TargetDetailSerializer(TargetSerializer):
    reached = serializers.SerializerMethodField()

    @extend_schema_field(FiguresSerializer)
    def get_reached(self, target: TrainingTarget) -> dict[str, int]:
        return FiguresSerializer(reach_of(target)).data


class TargetViewSet(PolicyViewSet):
    """How many people are to learn something by when, for both offices."""

    required_scope = "training"
    policy = target_policy
    serializer_class = TargetDetailSerializer
    list_serializer_class = TargetSerializer

    @extend_schema(request=TargetChange, responses={201: TargetDetailSerializer})
    def create(self, request: Request) -> Response:
        """Set a target."""
        target = services.add_target(self.actor, data=self.validated(TargetChange))
        return self.respond(self.find(target.pk), status=201)

    @extend_schema(request=TargetChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a target."""
        self.call(services.update_target, "target_id", data=self.validated(TargetChange, partial=True))
        return self.respond(self.find(pk))

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Close a target: it is not counted any more."""
        self.call(services.remove_target, "target_id")
        return Response(status=204)

"""Targets of training for programs: what was planned and how far it is."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cluster_portal.api.serializers import DateTimeField, OutputSerializer, TranslatedField
from cluster_portal.api.views import PolicyViewSet
from training.models import TrainingTarget
from training.policies import target_policy
from training.selectors.targets import reach_of


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

"""What the API takes in and gives out of consents."""

from __future__ import annotations

from rest_framework import serializers

from cluster_portal.api.serializers import InputSerializer, OutputSerializer
from patients.states import ConsentKind


class ConsentCreate(InputSerializer):
    kind = serializers.ChoiceField(ConsentKind.choices)
    given_on = serializers.DateField()
    paper = serializers.CharField(max_length=200, required=False, allow_blank=True)
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False, allow_blank=True)


class ConsentWithdrawal(InputSerializer):
    """When the patient took the consent back; today where it is not said."""

    withdrawn_on = serializers.DateField(required=False)


class ConsentSerializer(OutputSerializer):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(ConsentKind.choices)
    organization = serializers.UUIDField(source="organization_id")
    country = serializers.CharField()
    given_on = serializers.DateField()
    paper = serializers.CharField()
    withdrawn_on = serializers.DateField(allow_null=True)

"""Proposals to merge two records of one person, for regional systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cluster_portal.api.serializers import DateTimeField, InputSerializer, OutputSerializer
from patients.models import MergeProposal
from patients.selectors.merging import proposals_of
from patients.services.proposals import propose_merge
from patients.states import ProposalState

if TYPE_CHECKING:
    from rest_framework.request import Request


class ProposalCreate(InputSerializer):
    other = serializers.UUIDField(source="other_id")
    comment = serializers.CharField(max_length=MergeProposal.LONGEST)


class ProposalSerializer(OutputSerializer):
    """Your organisation's word that two records are one person, and what the cluster office decided."""

    id = serializers.UUIDField()
    first = serializers.UUIDField(source="pair.first_id")
    second = serializers.UUIDField(source="pair.second_id")
    comment = serializers.CharField()
    author_name = serializers.CharField()
    state = serializers.ChoiceField(ProposalState.choices)
    answer = serializers.CharField()
    created_at = DateTimeField()
    answered_at = DateTimeField(allow_null=True)


class PatientProposals:
    """Mixed into the patients' views."""

    @extend_schema(methods=["get"], responses=ProposalSerializer(many=True), filters=False)
    @extend_schema(methods=["post"], request=ProposalCreate, responses={201: ProposalSerializer})
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def merge_proposals(self, request: Request, pk: str) -> Response:
        """What your organisation has proposed; propose to merge with an `other` record. 409 `already_proposed` while
        the office has not answered.
        """
        patient = self.find(pk)
        if request.method == "POST":
            made = propose_merge(self.actor, patient_id=patient.pk, **self.validated(ProposalCreate))
            return Response(ProposalSerializer(made).data, status=201)
        return Response(ProposalSerializer(proposals_of(self.actor, patient), many=True).data)

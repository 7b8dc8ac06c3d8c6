"""Specialists for programs: an employer's system keeps the files of its own people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from clinics.policies import organization_policy
from cluster_portal.api.filters import DayFilter, MomentFilter
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from training.api.nominations import NominationSerializer
from training.models import Specialist
from training.policies import specialist_policy
from training.selectors import specialists as selectors
from training.selectors.nominations import undecided
from training.services import specialists as services
from training.services.preferences import rank_nominations
from training.states import Grade, Level, PaperKind, SpecialistState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor


@extend_schema_field(OpenApiTypes.STR)
class SpecialtyReference(serializers.PrimaryKeyRelatedField):
    """The code of a specialty of the dictionary."""

    def get_queryset(self) -> QuerySet:
        return selectors.specialties()


@extend_schema_field(OpenApiTypes.UUID)
class OrganizationReference(serializers.PrimaryKeyRelatedField):
    """The id of an organisation of the registry."""

    def get_queryset(self) -> QuerySet:
        return organization_policy.queryset(self.context["request"].actor)


class SpecialistChange(InputSerializer):
    """What is on record of a specialist; fields that are not sent stay as they are."""

    family = serializers.CharField(max_length=100)
    given = serializers.CharField(max_length=100)
    patronymic = serializers.CharField(max_length=100, required=False, allow_blank=True)
    name_latin = serializers.CharField(max_length=200, required=False, allow_blank=True)
    grade = serializers.ChoiceField(Grade.choices, required=False)
    position = serializers.CharField(max_length=200)
    specialty = SpecialtyReference()
    languages = serializers.DictField(
        child=serializers.ChoiceField(Level.choices), required=False,
        help_text=_("ISO 639 code of a language → its level by the CEFR"),
    )  # fmt: skip
    cme_number = serializers.CharField(max_length=40, required=False, allow_blank=True)
    accredited_until = serializers.DateField(required=False, allow_null=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)


class SpecialistCreate(SpecialistChange):
    """A new specialist of your organisation; the training office names another one."""

    organization = OrganizationReference(required=False)


class LeaveBody(InputSerializer):
    reason = serializers.CharField(max_length=300)
    on = serializers.DateField(required=False, allow_null=True)


class PaperInput(InputSerializer):
    """A paper of a specialist."""

    kind = serializers.ChoiceField(PaperKind.choices)
    number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    country = serializers.CharField(
        max_length=2, required=False, allow_blank=True, help_text=_("ISO 3166-1, two letters")
    )
    issued_on = serializers.DateField(required=False, allow_null=True)
    valid_until = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class Preferences(InputSerializer):
    """Nominations that are not decided, the most wanted first; those that are left out follow as they were."""

    order = serializers.ListField(child=serializers.UUIDField(), max_length=100)


class PaperSerializer(OutputSerializer):
    """A paper of a specialist; `valid_until` is its last day."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(PaperKind.choices)
    number = serializers.CharField()
    country = serializers.CharField()
    issued_on = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    note = serializers.CharField()


class SpecialistSerializer(OutputSerializer):
    """Somebody who may be sent to learn."""

    id = serializers.UUIDField()
    organization = serializers.UUIDField(source="organization_id")
    family = serializers.CharField()
    given = serializers.CharField()
    patronymic = serializers.CharField()
    name_latin = serializers.CharField()
    grade = serializers.ChoiceField(Grade.choices)
    position = serializers.CharField()
    specialty = serializers.CharField(source="specialty_id")
    languages = serializers.DictField(child=serializers.CharField())
    cme_number = serializers.CharField()
    accredited_until = serializers.DateField(allow_null=True)
    email = serializers.CharField()
    phone = serializers.CharField()
    state = serializers.ChoiceField(SpecialistState.choices)
    left_on = serializers.DateField(allow_null=True)
    updated_at = DateTimeField()


class SpecialistDetailSerializer(SpecialistSerializer):
    available_actions = AvailableActionsField()


class SpecialistFilter(filters.FilterSet):
    """Filters of specialists."""

    q = filters.CharFilter(method="filter_words", label=_("words of name, position, number"), max_length=100)
    organization = filters.UUIDFilter(field_name="organization_id")
    specialty = filters.CharFilter(field_name="specialty_id", max_length=40)
    grade = filters.MultipleChoiceFilter(choices=Grade.choices)
    state = filters.MultipleChoiceFilter(choices=SpecialistState.choices)
    cme_number = filters.CharFilter(max_length=40)
    accredited_to = DayFilter(field_name="accredited_until", lookup_expr="lte")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Specialist
        fields: list[str] = []

    def filter_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return selectors.with_words(queryset, value)


class SpecialistViewSet(PolicyViewSet):
    """Your organisation's specialists; the training office keeps all of them, a person sees the own file."""

    required_scope = "training"
    policy = specialist_policy
    selector = staticmethod(selectors.visible_specialists)
    serializer_class = SpecialistDetailSerializer
    list_serializer_class = SpecialistSerializer
    filterset_class = SpecialistFilter

    def available_actions(self, actor: Actor, obj: Specialist) -> Iterable[str]:
        return selectors.available_actions(actor, obj)

    @extend_schema(request=SpecialistCreate, responses={201: SpecialistDetailSerializer})
    def create(self, request: Request) -> Response:
        """Enter a specialist."""
        data = self.validated(SpecialistCreate)
        organization = data.pop("organization", None)
        person = services.add_specialist(self.actor, data=data, organization=organization)
        return self.respond(self.find(person.pk), status=201)

    @extend_schema(request=SpecialistChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct what is on record of a specialist."""
        self.call(
            services.update_specialist, "specialist_id", data=self.validated(SpecialistChange, partial=True)
        )
        return self.respond(self.find(pk))

    leave = action_endpoint("leave", services.leave_specialist, key="specialist_id", body=LeaveBody)
    return_ = action_endpoint("return_", services.return_specialist, key="specialist_id", url_path="return")

    @extend_schema(request=None, responses=PaperSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def papers(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The specialist's papers."""
        file = selectors.personal_file(self.actor, self.kwargs["pk"])
        return Response(PaperSerializer(file.papers, many=True).data)

    @extend_schema(request=PaperInput, responses={201: PaperSerializer})
    @papers.mapping.post
    def note_paper(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Note a paper of the specialist."""
        paper = self.call(services.add_paper, "specialist_id", data=self.validated(PaperInput))
        return Response(PaperSerializer(paper).data, status=201)

    @extend_schema(request=None, responses=NominationSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def preferences(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The nominations of the specialist that are not decided, the most wanted first."""
        person = selectors.specialist_to_nominate(self.actor, self.kwargs["pk"])
        return Response(NominationSerializer(undecided(person), many=True).data)

    @extend_schema(request=Preferences, responses=NominationSerializer(many=True))
    @preferences.mapping.post
    def rank(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say which of them are wanted most. Where two overlap, a seat in the better one is waited for."""
        ranked = self.call(rank_nominations, "specialist_id", **self.validated(Preferences))
        return Response(NominationSerializer(ranked, many=True).data)

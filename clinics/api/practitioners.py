"""Who sees patients, by REST: every member reads it; managers, the office, a clinic's own program write."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from clinics import policies
from clinics.api.filters import PractitionerFilter
from clinics.api.serializers import texts
from clinics.services import practitioners as services
from cluster_portal.api.serializers import DateTimeField, InputSerializer, OutputSerializer, Translations
from cluster_portal.api.views import PolicyViewSet, action_endpoint

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor

_ONE = r"qualifications/(?P<qualification>[^/.]+)"
_ID = OpenApiParameter("qualification", OpenApiTypes.UUID, "path", description="the qualification's id")


class QualificationSerializer(OutputSerializer):
    """A paper by which somebody is qualified in a specialty (FHIR Practitioner.qualification)."""

    id = serializers.UUIDField()
    specialty = serializers.CharField(source="specialty_id")
    document = serializers.CharField()
    number = serializers.CharField()
    country = serializers.CharField(help_text="ISO 3166-1, two letters")
    institution = serializers.CharField()
    year = serializers.IntegerField()
    valid_until = serializers.DateField(allow_null=True)


class PractitionerSerializer(OutputSerializer):
    """Somebody who sees patients (FHIR Practitioner with PractitionerRole)."""

    id = serializers.UUIDField()
    organization = serializers.UUIDField(source="organization_id")
    clinics = serializers.SerializerMethodField()
    family = serializers.CharField()
    given = serializers.CharField()
    patronymic = serializers.CharField()
    name_latin = serializers.CharField()
    position = serializers.CharField()
    specialties = texts()
    languages = texts()
    qualification = serializers.CharField(help_text="as the public page says it")
    qualifications = QualificationSerializer(many=True)
    by_permit = serializers.BooleanField(
        help_text="sees patients on the days of a permit (`permits/`) and of the clinic's special regime alone"
    )
    is_active = serializers.BooleanField()
    left_on = serializers.DateField(allow_null=True, help_text="the last day at work")
    updated_at = DateTimeField()

    def get_clinics(self, person) -> list[uuid.UUID]:
        return [clinic.pk for clinic in person.clinics.all()]


class PractitionerChange(InputSerializer):
    """What may be said of somebody; `clinics` are all at which they work."""

    family = serializers.CharField(max_length=100)
    given = serializers.CharField(max_length=100)
    patronymic = serializers.CharField(max_length=100, required=False, allow_blank=True)
    name_latin = serializers.CharField(max_length=200, required=False, allow_blank=True)
    position = Translations(200)
    specialties = serializers.ListField(child=serializers.CharField(max_length=40), max_length=200)
    languages = serializers.ListField(
        child=serializers.CharField(max_length=3), required=False, max_length=40
    )
    qualification = Translations(300, required=False, allow_blank=True)
    by_permit = serializers.BooleanField(required=False)
    clinics = serializers.ListField(child=serializers.UUIDField(), max_length=200)


class PractitionerInput(PractitionerChange):
    """Somebody to enter."""

    organization = serializers.UUIDField()


class Dismissal(InputSerializer):
    """With `keep_booked` booked times after the last day stay until their patients are moved."""

    last_day = serializers.DateField()
    keep_booked = serializers.BooleanField(required=False, default=False)


class QualificationInput(InputSerializer):
    specialty = serializers.CharField(max_length=40)
    document = serializers.CharField(max_length=120)
    number = serializers.CharField(max_length=60)
    country = serializers.RegexField(r"^[A-Z]{2}$", help_text="ISO 3166-1, two letters")
    institution = serializers.CharField(max_length=200)
    year = serializers.IntegerField(min_value=1940, max_value=2100)
    valid_until = serializers.DateField(required=False, allow_null=True)


class PractitionerViewSet(PolicyViewSet):
    """Who sees patients where."""

    required_scope = "practitioners"
    policy = policies.practitioner_policy
    serializer_class = PractitionerSerializer
    filterset_class = PractitionerFilter

    @staticmethod
    def selector(actor: Actor) -> QuerySet:
        return policies.practitioner_policy.queryset(actor).prefetch_related("clinics", "qualifications")

    @extend_schema(request=PractitionerInput, responses={201: PractitionerSerializer})
    def create(self, request: Request) -> Response:
        """Enter somebody, as the organisation's manager, as the office, or as its own program."""
        data = self.validated(PractitionerInput)
        made = services.create_practitioner(
            self.actor, organization_id=data.pop("organization"), clinic_ids=data.pop("clinics"), data=data
        )
        return self.respond(self.find(made.pk), status=201)

    @extend_schema(request=PractitionerChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change somebody's record."""
        data = self.validated(PractitionerChange, partial=True)
        self.call(
            services.update_practitioner, "practitioner_id", clinic_ids=data.pop("clinics", None), data=data
        )
        return self.respond(self.find(pk))

    dismiss = action_endpoint("dismiss", services.dismiss_practitioner, key="practitioner_id", body=Dismissal)
    take_back = action_endpoint("take_back", services.take_back, key="practitioner_id")

    @extend_schema(request=QualificationInput, responses={201: QualificationSerializer})
    @action(detail=True, methods=["post"], url_path="qualifications", url_name="qualifications")
    def add_qualification(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Enter a paper by which they are qualified."""
        made = self.call(
            services.add_qualification, "practitioner_id", data=self.validated(QualificationInput)
        )
        return Response(QualificationSerializer(made).data, status=201)

    @extend_schema(parameters=[_ID], responses={204: None}, request=None)
    @action(detail=True, methods=["delete"], url_path=_ONE, url_name="qualification")
    def remove_qualification(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take away what was entered by mistake; the journal keeps it."""
        self.call(
            services.remove_qualification,
            "practitioner_id",
            qualification_id=self.kwargs["qualification"],
        )
        return Response(status=204)

"""Licences and accreditations by REST: every member reads them; managers, the office, a clinic's own program write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from clinics import policies
from clinics.models import Accreditation, Licence
from clinics.selectors import credentials as selectors
from clinics.selectors.validity import in_force_on
from clinics.services import licences as services
from clinics.states import Jurisdiction, LicenceStatus, Scheme
from cluster_portal.api.files import SCANNER_AWAY, StoredFileSerializer, UploadField, content_of
from cluster_portal.api.filters import DayFilter, MomentFilter
from cluster_portal.api.serializers import DateTimeField, InputSerializer, OutputSerializer
from cluster_portal.api.views import PolicyViewSet
from cluster_portal.files.responses import download

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import FileResponse
    from rest_framework.request import Request


_SCAN = r"scans/(?P<scan>[^/.]+)"
_SCAN_ID = OpenApiParameter("scan", OpenApiTypes.UUID, "path", description=_("The scan's id."))


class CredentialSerializer(OutputSerializer):
    """All days are the clinic's own, the last ones inclusive; null is without an end.

    `status` is `suspended` from the entry of a suspension until it is resumed; it holds from `suspended_from` to
    `suspended_to`.
    """

    id = serializers.UUIDField()
    clinic = serializers.UUIDField(source="clinic_id")
    number = serializers.CharField()
    authority = serializers.CharField()
    country = serializers.CharField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)
    status = serializers.ChoiceField(LicenceStatus.choices)
    suspended_from = serializers.DateField(allow_null=True)
    suspended_to = serializers.DateField(allow_null=True)
    renews = serializers.UUIDField(source="renews_id", allow_null=True)
    renewed_by = serializers.SerializerMethodField()
    updated_at = DateTimeField()

    def get_renewed_by(self, credential: Any) -> str | None:
        return str(credential.renewal.pk) if selectors.is_renewed(credential) else None


class LicenceSerializer(CredentialSerializer):
    """Permission for specialties at one site."""

    jurisdiction = serializers.ChoiceField(Jurisdiction.choices)
    activities = serializers.ListField(child=serializers.CharField())


class AccreditationSerializer(CredentialSerializer):
    """What an independent body attests of a site."""

    scheme = serializers.ChoiceField(Scheme.choices)
    scope = serializers.CharField()


class Renewal(InputSerializer):
    """What follows: number and days anew, the rest as it was unless it is named."""

    number = serializers.CharField(max_length=60)
    authority = serializers.CharField(max_length=200, required=False)
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False, help_text=_("ISO 3166-1, two letters"))
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True, required=False)


class LicenceRenewal(Renewal):
    jurisdiction = serializers.ChoiceField(Jurisdiction.choices, required=False)
    activities = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, max_length=200
    )


class LicenceInput(LicenceRenewal):
    """A licence to enter."""

    clinic = serializers.UUIDField()
    authority = serializers.CharField(max_length=200)
    country = serializers.RegexField(r"^[A-Z]{2}$", help_text=_("ISO 3166-1, two letters"))
    activities = serializers.ListField(child=serializers.CharField(max_length=40), max_length=200)


class AccreditationRenewal(Renewal):
    scheme = serializers.ChoiceField(Scheme.choices, required=False)
    scope = serializers.CharField(max_length=200, required=False, allow_blank=True)


class AccreditationInput(AccreditationRenewal):
    """An accreditation to enter."""

    clinic = serializers.UUIDField()
    authority = serializers.CharField(max_length=200)
    country = serializers.RegexField(r"^[A-Z]{2}$", help_text=_("ISO 3166-1, two letters"))
    scheme = serializers.ChoiceField(Scheme.choices)


class Suspension(InputSerializer):
    """`last_day` is inclusive; without it the suspension holds until it is resumed."""

    first_day = serializers.DateField()
    last_day = serializers.DateField(required=False, allow_null=True)
    reason = serializers.CharField(max_length=300)


class Resumption(InputSerializer):
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


class Cancellation(InputSerializer):
    reason = serializers.CharField(max_length=300)


class ScanSerializer(StoredFileSerializer):
    """A scan; `sha256` and `size` are of what is given out."""

    created_at = DateTimeField()


class ScanInput(InputSerializer):
    file = UploadField()


class CredentialFilter(filters.FilterSet):
    """What both kinds are narrowed by."""

    clinic = filters.UUIDFilter(field_name="clinic_id")
    status = filters.MultipleChoiceFilter(choices=LicenceStatus.choices)
    valid_on = DayFilter(method="filter_valid", label=_("valid on this day"))
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    def filter_valid(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(in_force_on(value))


class LicenceFilter(CredentialFilter):
    """Filters of licences."""

    activity = filters.CharFilter(method="filter_activity", label=_("code of a specialty"), max_length=40)

    class Meta:
        model = Licence
        fields: list[str] = []

    def filter_activity(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(activities__contains=[value])


class AccreditationFilter(CredentialFilter):
    """Filters of accreditations."""

    scheme = filters.MultipleChoiceFilter(choices=Scheme.choices)

    class Meta:
        model = Accreditation
        fields: list[str] = []


class CredentialViewSet(PolicyViewSet):
    """What both kinds have in common."""

    required_scope = "licences"
    kind: ClassVar[str]
    input_class: ClassVar[type[InputSerializer]]
    renewal_class: ClassVar[type[InputSerializer]]

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("renewal")

    def create(self, request: Request) -> Response:
        """Enter one, as its clinic's manager, as the office, or as the clinic's own program."""
        data = self.validated(self.input_class)
        made = services.add_credential(self.actor, kind=self.kind, clinic_id=data.pop("clinic"), data=data)
        return self.respond(self.find(made.pk), status=201)

    def _act(self, service: Any, body: type[InputSerializer]) -> Response:
        self.call(service, "credential_id", kind=self.kind, **self.validated(body))
        return self.respond(self.find(self.kwargs["pk"]))

    def _renew(self) -> Response:
        data = self.validated(self.renewal_class)
        made = self.call(services.renew_credential, "credential_id", kind=self.kind, data=data)
        return self.respond(self.find(made.pk), status=201)

    @extend_schema(request=Suspension)
    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Suspend it on some days. What it alone covers takes no bookings then; what is booked stays booked."""
        return self._act(services.suspend_credential, Suspension)

    @extend_schema(request=Resumption)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End the suspension: in force again from today on."""
        return self._act(services.resume_credential, Resumption)

    @extend_schema(request=Cancellation)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """It was taken away or given up: it covers no day any more. This cannot be undone."""
        return self._act(services.cancel_credential, Cancellation)

    suspend.if_match = resume.if_match = cancel.if_match = True

    @extend_schema(methods=["get"], responses=ScanSerializer(many=True), filters=False)
    @extend_schema(
        methods=["post"],
        request={"multipart/form-data": ScanInput},
        responses={201: ScanSerializer, **SCANNER_AWAY},
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None, parser_classes=[MultiPartParser])
    def scans(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Its scans. POST adds one: it is checked, and looked at by the virus scanner."""
        if request.method == "POST":
            made = services.attach_scan(
                self.actor,
                kind=self.kind,
                credential_id=self.kwargs["pk"],
                scan=self.validated(ScanInput)["file"],
            )
            return Response(ScanSerializer(made).data, status=201)
        rows = self.find(self.kwargs["pk"]).scans.order_by("created_at", "id")
        return Response(ScanSerializer(rows, many=True).data)

    @extend_schema(
        methods=["get"],
        parameters=[_SCAN_ID],
        responses=content_of(),
        filters=False,
    )
    @extend_schema(methods=["delete"], parameters=[_SCAN_ID], responses={204: None})
    @action(detail=True, methods=["get", "delete"], url_path=_SCAN, url_name="scan", pagination_class=None)
    def scan(self, request: Request, *args: Any, **kwargs: Any) -> FileResponse | Response:
        """The content, as a download; journalled. DELETE takes a wrong one away."""
        at = {"kind": self.kind, "credential_id": self.kwargs["pk"], "scan_id": self.kwargs["scan"]}
        if request.method == "DELETE":
            services.remove_scan(self.actor, **at)
            return Response(status=204)
        return download(services.take_scan(self.actor, **at))


class LicenceViewSet(CredentialViewSet):
    """What each site may do, and until when."""

    policy = policies.licence_policy
    serializer_class = LicenceSerializer
    filterset_class = LicenceFilter
    kind, input_class, renewal_class = services.LICENCE, LicenceInput, LicenceRenewal

    @extend_schema(request=LicenceInput, responses={201: LicenceSerializer})
    def create(self, request: Request) -> Response:
        """Enter a licence, as its clinic's manager, as the office, or as the clinic's own program."""
        return super().create(request)

    @extend_schema(request=LicenceRenewal, responses={201: LicenceSerializer})
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Enter the licence that follows this one; both stay on record."""
        return self._renew()

    renew.if_match = True


class AccreditationViewSet(CredentialViewSet):
    """By whom each site is accredited, and until when."""

    policy = policies.accreditation_policy
    serializer_class = AccreditationSerializer
    filterset_class = AccreditationFilter
    kind, input_class, renewal_class = services.ACCREDITATION, AccreditationInput, AccreditationRenewal

    @extend_schema(request=AccreditationInput, responses={201: AccreditationSerializer})
    def create(self, request: Request) -> Response:
        """Enter an accreditation, as its clinic's manager, as the office, or as the clinic's own program."""
        return super().create(request)

    @extend_schema(request=AccreditationRenewal, responses={201: AccreditationSerializer})
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Enter the accreditation that follows this one; both stay on record."""
        return self._renew()

    renew.if_match = True

"""Presence, results and certificates for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cluster_portal.api.filters import DayFilter, FlagFilter, MomentFilter
from cluster_portal.api.renderers import JSONRenderer, PDFRenderer
from cluster_portal.api.serializers import DateTimeField, InputSerializer, OutputSerializer
from cluster_portal.api.views import PolicyViewSet
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.documents.responses import CONTENT_TYPE, pdf_response
from training.api.expenses import ExpenseChange, ExpenseSerializer
from training.models import Certificate
from training.papers.certificate import certificate_sheet
from training.policies import certificate_policy
from training.selectors import certificates as selectors
from training.selectors.learning import budget, checks_of, intake_to_follow
from training.selectors.presence import standing_of
from training.services import learning as services
from training.services.attendance import note_attendance
from training.services.certificates import issue_certificates
from training.services.expenses import add_expense
from training.states import AssessmentKind, Way

if TYPE_CHECKING:
    from django.http import HttpResponse
    from rest_framework.request import Request


class AttendanceChange(InputSerializer):
    """Nominations that were at a session, and those that were not; the others stay as they are."""

    session = serializers.UUIDField(source="session_id")
    present = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=1000)
    absent = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=1000)


class AttendanceSerializer(OutputSerializer):
    """A check of presence. `came_at` is empty for who was there from the beginning."""

    nomination = serializers.UUIDField(source="nomination_id")
    session = serializers.UUIDField(source="session_id")
    came_at = DateTimeField(allow_null=True)
    way = serializers.ChoiceField(Way.choices)
    at = DateTimeField()


class DayChange(InputSerializer):
    """A day of an internship."""

    day = serializers.DateField()
    minutes = serializers.IntegerField(min_value=1, max_value=1440)
    text = serializers.CharField(max_length=1000)


class DaySerializer(OutputSerializer):
    """A day of an internship; it counts once the host has confirmed it."""

    id = serializers.UUIDField()
    day = serializers.DateField()
    minutes = serializers.IntegerField()
    text = serializers.CharField()
    confirmed_at = DateTimeField(allow_null=True)
    confirmed_by = serializers.CharField()


class DaysConfirm(InputSerializer):
    entries = serializers.ListField(child=serializers.UUIDField(), max_length=1000)


class AssessmentChange(InputSerializer):
    """What the host says of somebody; said again, it replaces what was said."""

    kind = serializers.ChoiceField(AssessmentKind.choices)
    is_passed = serializers.BooleanField()
    text = serializers.CharField(max_length=2000)
    assessor = serializers.CharField(max_length=200)
    assessed_on = serializers.DateField()


class AssessmentSerializer(OutputSerializer):
    """What the host said of somebody."""

    kind = serializers.ChoiceField(AssessmentKind.choices)
    is_passed = serializers.BooleanField()
    text = serializers.CharField()
    assessor = serializers.CharField()
    assessed_on = serializers.DateField()


class StandingSerializer(OutputSerializer):
    """How far somebody is from a certificate: presence, and what is missing by its code and in words."""

    checks = serializers.IntegerField(source="presence.checks")
    of = serializers.IntegerField(source="presence.of")
    share = serializers.IntegerField(source="presence.share", help_text=_("per cent, rounded down"))
    minutes = serializers.IntegerField(source="presence.minutes")
    share_asked = serializers.IntegerField(source="presence.share_asked")
    minutes_asked = serializers.IntegerField(source="presence.minutes_asked")
    obstacles = serializers.DictField(child=serializers.CharField())


class IssueSerializer(OutputSerializer):
    """The background job that issues certificates."""

    job = serializers.UUIDField()


class CertificateSerializer(OutputSerializer):
    """A certificate. `content` is what was printed, by language where that makes a difference."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    nomination = serializers.UUIDField(source="nomination_id")
    specialist = serializers.UUIDField(source="nomination.specialist_id")
    credits = serializers.IntegerField()
    earned_on = serializers.DateField()
    content = serializers.DictField()
    issued_at = DateTimeField()
    revoked_at = DateTimeField(allow_null=True)
    revoke_reason = serializers.CharField()
    updated_at = DateTimeField()


class CertificateFilter(filters.FilterSet):
    """Filters of certificates."""

    number = filters.CharFilter(max_length=16)
    nomination = filters.UUIDFilter(field_name="nomination_id")
    specialist = filters.UUIDFilter(field_name="nomination__specialist_id")
    intake = filters.UUIDFilter(field_name="nomination__intake_id")
    revoked = FlagFilter(field_name="revoked_at", lookup_expr="isnull", exclude=True)
    earned_from = DayFilter(field_name="earned_on", lookup_expr="gte")
    earned_to = DayFilter(field_name="earned_on", lookup_expr="lte")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Certificate
        fields: list[str] = []


class NominationLearning:
    """Mixin of the nominations' views: how somebody gets on."""

    @extend_schema(responses=StandingSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def standing(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Presence, and what is missing for a certificate."""
        nomination = self.find(self.kwargs["pk"])
        return Response(StandingSerializer(standing_of(nomination.intake, [nomination])[nomination.pk]).data)

    @extend_schema(responses=DaySerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def journal(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The journal of an internship, the latest day first."""
        rows = self.find(self.kwargs["pk"]).journal.order_by("-day")
        return Response(DaySerializer(rows, many=True).data)

    @extend_schema(request=DayChange, responses={201: DaySerializer})
    @journal.mapping.post
    def add_day(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write a day into the journal."""
        entry = self.call(services.write_journal, "nomination_id", data=self.validated(DayChange))
        return Response(DaySerializer(entry).data, status=201)

    @extend_schema(request=DaysConfirm, responses=DaySerializer(many=True), filters=False)
    @action(detail=True, methods=["post"], pagination_class=None, url_path="confirm-journal")
    def confirm_journal(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The host confirms days of the journal; the answer is the whole journal."""
        days = self.validated(DaysConfirm)["entries"]
        self.call(services.confirm_journal, "nomination_id", entry_ids=days)
        return self.journal(request)

    @extend_schema(responses=AssessmentSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def assessments(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What the host said, in the middle and at the end."""
        rows = self.find(self.kwargs["pk"]).assessments.order_by("-kind")
        return Response(AssessmentSerializer(rows, many=True).data)

    @extend_schema(request=AssessmentChange, responses={201: AssessmentSerializer})
    @assessments.mapping.post
    def assess(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Note what the host says of somebody."""
        data = dict(self.validated(AssessmentChange))
        said = self.call(services.assess, "nomination_id", kind=data.pop("kind"), data=data)
        return Response(AssessmentSerializer(said).data, status=201)


class IntakeLearning:
    """Mixin of the intakes' views: presence, expenses, the issue of certificates."""

    @extend_schema(responses=AttendanceSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def attendance(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every check of presence of an intake."""
        rows = checks_of(intake_to_follow(self.actor, self.kwargs["pk"]))
        return Response(AttendanceSerializer(rows, many=True).data)

    @extend_schema(request=AttendanceChange, responses=AttendanceSerializer(many=True))
    @attendance.mapping.post
    def note_attendance(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write down who was at a session of the intake; the answer is every check of the intake."""
        intake = intake_to_follow(self.actor, self.kwargs["pk"])
        data = self.validated(AttendanceChange)
        note_attendance(self.actor, intake_id=intake.pk, **data)
        return Response(AttendanceSerializer(checks_of(intake), many=True).data)

    @extend_schema(responses=ExpenseSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def expenses(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The budget of an intake, line by line."""
        return Response(ExpenseSerializer(budget(self.actor, self.kwargs["pk"]).lines, many=True).data)

    @extend_schema(request=ExpenseChange, responses={201: ExpenseSerializer})
    @expenses.mapping.post
    def add_expense(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a line to the budget of an intake."""
        expense = self.call(add_expense, "intake_id", data=self.validated(ExpenseChange))
        return Response(ExpenseSerializer(expense).data, status=201)

    @extend_schema(request=None, responses={202: IssueSerializer})
    @action(detail=True, methods=["post"], pagination_class=None)
    def certificates(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Issue the certificates of everybody who fulfils what is asked, by a background job."""
        job = self.call(issue_certificates, "intake_id")
        return Response(IssueSerializer({"job": job.pk}).data, status=202)


class CertificateViewSet(PolicyViewSet):
    """Certificates of the nominations that you see. They are issued and revoked by steps of a nomination."""

    required_scope = "training"
    policy = certificate_policy
    selector = staticmethod(selectors.visible_certificates)
    serializer_class = CertificateSerializer
    filterset_class = CertificateFilter

    def known_parameters(self) -> set[str]:
        known = super().known_parameters()
        return known | {"language"} if self.action == "sheet" else known

    @extend_schema(
        responses={(200, CONTENT_TYPE): OpenApiTypes.BINARY}, filters=False,
        parameters=[OpenApiParameter("language", str, enum=LANGUAGES, description=_("Russian where it is not given."))],
    )  # fmt: skip
    @action(detail=True, methods=["get"], renderer_classes=[PDFRenderer, JSONRenderer], pagination_class=None)
    def sheet(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The certificate to print, in one of the portal's languages."""
        certificate = self.find(self.kwargs["pk"])
        language = request.query_params.get("language", "")
        content = certificate_sheet(certificate, language if language in LANGUAGES else "ru")
        return pdf_response(content, certificate.number)

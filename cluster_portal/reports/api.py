"""The reports for programs and people: the catalogue, asking for one, schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.reverse import reverse

from cluster_portal.api.serializers import DateTimeField, InputSerializer, OutputSerializer
from cluster_portal.api.views import ApiViewSet, PolicyViewSet
from cluster_portal.jobs.selectors import actions_of
from cluster_portal.jobs.serializers import JobSerializer
from cluster_portal.reports import base
from cluster_portal.reports.models import Frequency
from cluster_portal.reports.policies import schedule_policy
from cluster_portal.reports.selectors import ORDER, schedules_of
from cluster_portal.reports.services.asking import find_report, run_report
from cluster_portal.reports.services.schedules import create_schedule, switch_schedule
from cluster_portal.reports.writers import formats

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor
    from cluster_portal.jobs.models import Job

FORMATS = sorted(formats())


class ParameterSerializer(OutputSerializer):
    """One parameter of a report."""

    name = serializers.CharField()
    label = serializers.CharField()
    type = serializers.ChoiceField(choices=["text", "date", "integer", "boolean", "choice"])
    required = serializers.BooleanField()
    choices = serializers.ListField(child=serializers.CharField(), allow_null=True)


class ReportSerializer(OutputSerializer):
    """A report and what it asks."""

    code = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    group = serializers.CharField()
    formats = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(child=serializers.CharField())
    parameters = serializers.SerializerMethodField()

    @extend_schema(responses=ParameterSerializer(many=True))
    def get_parameters(self, report: base.Report) -> list[dict[str, Any]]:
        fields = report.form(self.context["view"].actor).fields
        return [_parameter(name, field) for name, field in fields.items()]


def _parameter(name: str, field: forms.Field) -> dict[str, Any]:
    kind = "text"
    for type_, word in (
        (forms.DateField, "date"), (forms.BooleanField, "boolean"),
        (forms.IntegerField, "integer"), (forms.ChoiceField, "choice"),
    ):  # fmt: skip
        if isinstance(field, type_):
            kind = word
    choices = [str(value) for value, _label in field.choices] if kind == "choice" else None
    return {
        "name": name, "label": str(field.label or name), "type": kind, "required": field.required, "choices": choices
    }  # fmt: skip


class RunInput(InputSerializer):
    """What to run."""

    parameters = serializers.DictField(
        child=serializers.CharField(allow_blank=True), required=False, default=dict
    )
    format = serializers.ChoiceField(choices=FORMATS)


class ReportScheduleInput(RunInput):
    """What to run, and when."""

    report = serializers.CharField()
    frequency = serializers.ChoiceField(choices=Frequency.choices)
    weekday = serializers.IntegerField(
        min_value=1, max_value=7, required=False, allow_null=True, help_text="1: Monday"
    )
    day = serializers.IntegerField(min_value=1, max_value=31, required=False, allow_null=True)
    hour = serializers.IntegerField(min_value=0, max_value=23, required=False)
    recipients = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=50)


class ReportScheduleSerializer(OutputSerializer):
    """A report that comes by itself."""

    id = serializers.UUIDField()
    report = serializers.CharField()
    parameters = serializers.JSONField()
    format = serializers.CharField(source="file_format")
    frequency = serializers.ChoiceField(choices=Frequency.choices)
    weekday = serializers.IntegerField(allow_null=True)
    day = serializers.IntegerField(allow_null=True)
    hour = serializers.IntegerField()
    time_zone = serializers.CharField()
    recipients = serializers.ListField(child=serializers.UUIDField())
    is_active = serializers.BooleanField()
    stopped = serializers.CharField(allow_blank=True)
    next_at = DateTimeField()
    last_job_id = serializers.UUIDField(allow_null=True)


class SwitchInput(InputSerializer):
    """Whether it goes on."""

    is_active = serializers.BooleanField()


@extend_schema(tags=["reports"])
class ReportViewSet(ApiViewSet):
    """The reports that you may run."""

    required_scope = "reports"
    serializer_class = ReportSerializer
    lookup_field = "code"
    lookup_value_regex = "[^/]+"
    pagination_class: ClassVar[None] = None

    @extend_schema(responses=ReportSerializer(many=True), filters=False)
    def list(self, request: Request) -> Response:
        """All of them, by group."""
        found = base.catalogue(self.actor)
        return Response(ReportSerializer(found, many=True, context=self.get_serializer_context()).data)

    def retrieve(self, request: Request, code: str) -> Response:
        """One report and its parameters."""
        found = find_report(self.actor, code)
        return Response(ReportSerializer(found, context=self.get_serializer_context()).data)

    @extend_schema(request=RunInput, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def runs(self, request: Request, code: str) -> Response:
        """Ask for the file: 202 with the job; the same question while it runs is the same job."""
        asked = self.validated(RunInput)
        job = run_report(self.actor, code=code, parameters=asked["parameters"], file_format=asked["format"])
        place = reverse("api-jobs-detail", args=[job.pk], request=request)
        data = JobSerializer(job, context=self.get_serializer_context()).data
        return Response(data, status=202, headers={"Location": place, "Retry-After": "1"})

    def available_actions(self, actor: Actor, obj: Job) -> Iterable[str]:
        return actions_of(actor, obj)


@extend_schema(tags=["reports"])
class ScheduleViewSet(PolicyViewSet):
    """Your reports that come by themselves."""

    required_scope = "reports"
    policy = schedule_policy
    selector = schedules_of
    serializer_class = ReportScheduleSerializer
    ordering = ORDER

    @extend_schema(request=ReportScheduleInput, responses={201: ReportScheduleSerializer})
    def create(self, request: Request) -> Response:
        """Set one up. People only: a program asks when it wants."""
        asked = self.validated(ReportScheduleInput)
        schedule = create_schedule(
            self.actor, code=asked.pop("report"), file_format=asked.pop("format"), **asked
        )
        return self.respond(schedule, status=201)

    @extend_schema(request=SwitchInput)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Stop it or let it go on."""
        on = self.validated(SwitchInput)["is_active"]
        return self.respond(self.call(switch_schedule, "schedule_id", on=on))

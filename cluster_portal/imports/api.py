"""Imports for programs and people: what can be taken in, sending a file, asking how far it is, taking it in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from cluster_portal.api.parsers import JSONParser
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
)
from cluster_portal.api.views import ApiViewSet, PolicyViewSet, action_endpoint
from cluster_portal.common.errors import NotFound
from cluster_portal.imports import base
from cluster_portal.imports.files import CONTENT_TYPE, template
from cluster_portal.imports.models import ImportRun
from cluster_portal.imports.policies import import_policy
from cluster_portal.imports.selectors import ORDER, actions_of, findings_of, jobs_of_run, runs_of
from cluster_portal.imports.services.deciding import apply_import, check_import, drop_import
from cluster_portal.imports.services.uploading import find_import, upload_file
from cluster_portal.imports.states import Answer, ImportState, Verdict
from cluster_portal.jobs.files import attachment
from cluster_portal.jobs.services import take_file
from cluster_portal.jobs.states import JobState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import FileResponse
    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor


class ImportColumnSerializer(OutputSerializer):
    """A column that the table may hold."""

    name = serializers.CharField()
    title = serializers.SerializerMethodField()
    required = serializers.BooleanField()
    help = serializers.CharField(allow_blank=True)
    words = serializers.ListField(
        child=serializers.CharField(),
        help_text=_("What may be written where that is a choice; codes may too."),
    )
    example = serializers.CharField(allow_blank=True)

    def get_title(self, column: base.Column) -> str:
        return capfirst(str(column.title))


class ImportKindSerializer(OutputSerializer):
    """A kind of table that can be taken in."""

    code = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    notes = serializers.ListField(child=serializers.CharField())
    columns = ImportColumnSerializer(many=True)


class ImportJobSerializer(OutputSerializer):
    """The work on the file: what runs now, or the last that came to nothing."""

    state = serializers.ChoiceField(choices=JobState.choices)
    percent = serializers.IntegerField(allow_null=True)
    rows = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    error_code = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_blank=True)


class ImportListSerializer(OutputSerializer):
    """A file on its way."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    state = serializers.ChoiceField(choices=ImportState.choices)
    file_name = serializers.CharField()
    size = serializers.IntegerField(help_text=_("Bytes."))
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text=_("Rows by what becomes of them; empty before the check.")
    )
    created_at = DateTimeField()
    checked_at = DateTimeField(allow_null=True)
    applied_at = DateTimeField(allow_null=True)
    file_until = DateTimeField()


class ImportSerializer(ImportListSerializer):
    """Ask again while `job.state` is `queued` or `running`; then `state` says how far it is."""

    sheet = serializers.CharField(allow_blank=True)
    sheets = serializers.ListField(child=serializers.CharField())
    headings = serializers.ListField(child=serializers.CharField(allow_blank=True))
    mapping = serializers.DictField(
        child=serializers.IntegerField(), help_text=_("Places in the file, from 0, by names of columns.")
    )
    problems = serializers.SerializerMethodField(help_text=_("What the mapping still lacks, in words."))
    job = serializers.SerializerMethodField()
    available_actions = AvailableActionsField()

    def get_problems(self, run: ImportRun) -> list[str]:
        kind = base.import_of(run.code)
        return kind.lacking(set(run.mapping)) if kind else []

    @extend_schema(responses=ImportJobSerializer(allow_null=True))
    def get_job(self, run: ImportRun) -> dict[str, Any] | None:
        jobs = jobs_of_run(run)
        job = jobs.active or jobs.failed
        return ImportJobSerializer(job).data if job else None


class ImportFindingSerializer(OutputSerializer):
    """What the check found in a row."""

    line = serializers.IntegerField(help_text=_("The line in the file."))
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    column = serializers.CharField(allow_blank=True)
    value = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    choices = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text=_("Answers beside `new` and `skip`: each a key and its words."),
    )


class MappingField(serializers.DictField):
    """Places by names of columns; in a form it is JSON in a text."""

    child = serializers.IntegerField(min_value=0, max_value=1000)

    def get_value(self, dictionary: Any) -> Any:
        import json

        value = dictionary.get(self.field_name, serializers.empty)
        if isinstance(value, str):
            try:
                return json.loads(value)
            except ValueError:
                return value
        return value


class UploadInput(InputSerializer):
    code = serializers.CharField(help_text=_("The kind of table, see import-kinds."))
    file = serializers.FileField(help_text=_("XLSX or CSV."), allow_empty_file=True, max_length=200)
    sheet = serializers.CharField(required=False, max_length=100)
    mapping = MappingField(
        required=False, help_text=_("Without it the columns are guessed by their headings.")
    )


class CheckInput(InputSerializer):
    mapping = MappingField(required=False)


class ApplyInput(InputSerializer):
    leave_out = serializers.BooleanField(default=False, help_text=_("Leave the refused rows out."))
    answer = serializers.ChoiceField(
        choices=Answer.choices,
        required=False,
        help_text=_("For every row to be confirmed that has none of its own."),
    )
    answers = serializers.DictField(
        child=serializers.CharField(max_length=60), required=False, help_text=_("Answers by line.")
    )


@extend_schema(tags=["imports"])
class ImportKindViewSet(ApiViewSet):
    """The tables that you may send."""

    required_scope = "imports"
    serializer_class = ImportKindSerializer
    lookup_field = "code"
    lookup_value_regex = "[^/]+"
    pagination_class: ClassVar[None] = None

    @extend_schema(responses=ImportKindSerializer(many=True), filters=False)
    def list(self, request: Request) -> Response:
        """All of them, by title."""
        return Response(ImportKindSerializer(base.imports_of(self.actor), many=True).data)

    def retrieve(self, request: Request, code: str) -> Response:
        """One of them and its columns."""
        return Response(ImportKindSerializer(find_import(self.actor, code)).data)

    @extend_schema(responses={(200, CONTENT_TYPE): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def template(self, request: Request, code: str) -> HttpResponse:
        """The empty table with its headings, as XLSX."""
        response = HttpResponse(template(find_import(self.actor, code)), content_type=CONTENT_TYPE)
        response["Content-Disposition"] = f'attachment; filename="{code}.xlsx"'
        return response


@extend_schema(tags=["imports"])
class ImportViewSet(PolicyViewSet):
    """The files that you sent, latest first. A file is kept for a week."""

    required_scope = "imports"
    policy = import_policy
    selector = runs_of
    serializer_class = ImportSerializer
    list_serializer_class = ImportListSerializer
    ordering = ORDER
    parser_classes = [JSONParser, MultiPartParser]

    def available_actions(self, actor: Actor, obj: ImportRun) -> Iterable[str]:
        return actions_of(obj)

    @extend_schema(request={"multipart/form-data": UploadInput}, responses={202: ImportSerializer})
    def create(self, request: Request) -> Response:
        """Send a file: 202, and its check begins at once where the columns are known (else see `problems`)."""
        sent = self.validated(UploadInput)
        run = upload_file(self.actor, code=sent["code"], file=sent["file"], sheet=sent.get("sheet", ""))
        kind = find_import(self.actor, run.code)
        if "mapping" in sent or not kind.lacking(set(run.mapping)):
            run = check_import(self.actor, run_id=run.pk, mapping=sent.get("mapping"))
        place = self.reverse_action("detail", args=[run.pk])
        return self.respond(run, status=202, headers={"Location": place, "Retry-After": "1"})

    check = action_endpoint("check", check_import, key="run_id", body=CheckInput, status=202)
    apply = action_endpoint("apply", apply_import, key="run_id", body=ApplyInput, status=202)
    drop = action_endpoint("drop", drop_import, key="run_id")

    @extend_schema(responses=ImportFindingSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def findings(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What the last check found, line by line: up to 2,000. The file of refused rows has them all."""
        run = self.find(self.kwargs["pk"])
        return Response(ImportFindingSerializer(findings_of(run), many=True).data)

    @extend_schema(responses={(200, CONTENT_TYPE): OpenApiTypes.BINARY}, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def refused(self, request: Request, *args: Any, **kwargs: Any) -> FileResponse:
        """The refused rows as they came, each with its reasons, as XLSX. Each download is journalled."""
        run = self.find(self.kwargs["pk"])
        if run.check_job is None:
            raise NotFound
        return attachment(take_file(self.actor, job_id=run.check_job))

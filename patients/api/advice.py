"""Questions to specialists, for regional systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from cluster_portal.api.files import SCANNER_AWAY, StoredFileSerializer, content_of
from cluster_portal.api.filters import DayFilter, FlagFilter, MomentFilter
from cluster_portal.api.parsers import JSONParser
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    EmptySerializer,
    InputSerializer,
    OutputSerializer,
    ReadSerializer,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from cluster_portal.files.responses import download
from patients.api.attachments import FilesOfRequest
from patients.api.serializers import ClinicReference, Commented, Reasoned, ServiceTypeReference
from patients.models import Advice, AdvicePost
from patients.policies import advice_policy
from patients.selectors import advice as selectors
from patients.services import advice as services
from patients.services.advice_files import (
    answer_with_files,
    ask_again_with_files,
    ask_with_files,
    remove_advice_file,
    take_advice_file,
)
from patients.states import AdviceState

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import FileResponse
    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor

_FILE = OpenApiParameter("file", OpenApiTypes.UUID, "path", description=_("The file's id."))


class AdviceCreate(InputSerializer):
    """A question about a patient of yours to a clinic's `service`, or to any clinic that gives a `service_type`."""

    patient = serializers.UUIDField(source="patient_id")
    service = serializers.UUIDField(source="service_id", required=False)
    service_type = ServiceTypeReference(
        required=False, help_text=_("Instead of `service`: the first clinic that takes the question answers.")
    )
    abroad = serializers.BooleanField(
        required=False, help_text=_("With `service_type`: clinics of other countries may take it too.")
    )
    source_clinic = ClinicReference(required=False)
    diagnosis_code = serializers.CharField(max_length=8)
    diagnosis_text = serializers.CharField(max_length=300, required=False, allow_blank=True)
    question = serializers.CharField(max_length=AdvicePost.LONGEST)
    key = serializers.UUIDField(
        required=False, help_text=_("Sent twice with the same key, it is there once.")
    )


class AdviceCreateWithFiles(AdviceCreate):
    """A question and the examinations and images that belong to it."""

    files = FilesOfRequest()


class AdviceTake(InputSerializer):
    service = serializers.UUIDField(
        source="service_id",
        required=False,
        help_text=_("Which of your services answers; your first one without it."),
    )


class PostInput(InputSerializer):
    text = serializers.CharField(max_length=AdvicePost.LONGEST)
    key = serializers.UUIDField(
        required=False, help_text=_("Sent twice with the same key, it is there once.")
    )


class PostWithFiles(PostInput):
    """What is said and the files that belong to it."""

    files = FilesOfRequest()


class AdviceSerializer(OutputSerializer):
    """A question (FHIR Communication). `due_on` is when it should be answered, in the answering clinic's calendar.

    A question `to_any` clinic has no `service` and no target until one takes it; `patient` is null for those who could.
    """

    id = serializers.UUIDField()
    state = serializers.ChoiceField(AdviceState.choices)
    state_since = DateTimeField()
    available_actions = AvailableActionsField()
    patient = serializers.UUIDField(source="patient_id", allow_null=True)
    to_any = serializers.BooleanField()
    abroad = serializers.BooleanField()
    source_organization = serializers.UUIDField(source="source_organization_id")
    source_clinic = serializers.UUIDField(source="source_clinic_id")
    service = serializers.UUIDField(source="service_id", allow_null=True)
    service_type = serializers.CharField(source="service_type_id")
    target_clinic = serializers.UUIDField(source="target_clinic_id", allow_null=True)
    target_organization = serializers.UUIDField(source="target_organization_id", allow_null=True)
    diagnosis_code = serializers.CharField()
    diagnosis_text = serializers.CharField()
    due_on = serializers.DateField()
    decline_reason = serializers.CharField(
        allow_blank=True, help_text=_("A code of the dictionary `decline_advice`.")
    )
    author_name = serializers.CharField()
    referral = serializers.UUIDField(source="referral_id", allow_null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()

    def to_representation(self, advice: Advice) -> dict[str, Any]:
        data = super().to_representation(advice)
        return (
            data if advice_policy.names(self.context["request"].actor, advice) else data | {"patient": None}
        )


class AdviceFileSerializer(StoredFileSerializer):
    """A file of a question (FHIR DocumentReference). `sha256` and `size` are of what is stored and given out: pictures
    are kept without their metadata.
    """

    created_at = DateTimeField()
    content_type = serializers.CharField()
    author_name = serializers.CharField(allow_blank=True)


class PostSerializer(OutputSerializer):
    """A line of the thread; `action` says what was done with it, `read_at` when the other side read it.

    `reason` is a code of the dictionary `decline_advice` or `give_back_advice`, as the action says.
    """

    id = serializers.UUIDField()
    created_at = DateTimeField()
    action = serializers.CharField()
    organization = serializers.UUIDField(source="organization_id")
    addressee = serializers.UUIDField(source="addressee_id", allow_null=True)
    author_name = serializers.CharField()
    text = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    read_at = DateTimeField(allow_null=True)
    files = AdviceFileSerializer(many=True, source="files.all")


class AdviceFilter(filters.FilterSet):
    """Filters of the lists. `side` is the caller's: what it asked (`out`), is asked (`in`), or may take (`any`)."""

    side = filters.ChoiceFilter(
        method="filter_side", label=_("sent or received"),
        choices=[("out", _("sent")), ("in", _("received")), ("any", _("asked of any clinic"))],
    )  # fmt: skip
    state = filters.MultipleChoiceFilter(choices=AdviceState.choices)
    patient = filters.UUIDFilter(method="filter_patient", label=_("patient"))
    service_type = filters.CharFilter(field_name="service_type_id", max_length=60)
    due_before = DayFilter(field_name="due_on", lookup_expr="lt")
    unread = FlagFilter(method="filter_unread", label=_("has lines that you have not read"))
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Advice
        fields: list[str] = []

    def filter_patient(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        # Whoever is not told the patient finds nothing by them.
        own = self.request.actor.organization_id
        return queryset.filter(Q(source_organization=own) | Q(target_organization=own), patient=value)

    def filter_side(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == "any":
            return queryset.filter(pk__in=selectors.free_questions(self.request.actor).values("pk"))
        side = "source_organization" if value == "out" else "target_organization"
        return queryset.filter(**{side: self.request.actor.organization_id})

    def filter_unread(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        unread = selectors.unread_of(self.request.actor).values("advice")
        return queryset.filter(pk__in=unread) if value else queryset.exclude(pk__in=unread)


@extend_schema(tags=["advice"])
class AdviceViewSet(PolicyViewSet):
    """Questions to specialists without an appointment: those that your organisation asked, or is asked."""

    required_scope = "referrals"
    policy = advice_policy
    selector = staticmethod(selectors.visible_advice)
    serializer_class = AdviceSerializer
    filterset_class = AdviceFilter
    ordering = ("-id",)
    # Of asking; every other action names its own.
    parser_classes = (JSONParser, MultiPartParser)

    def available_actions(self, actor: Actor, obj: Advice) -> list[str]:
        return advice_policy.possible(actor, obj)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The question; opening it is journalled with its patient."""
        return self.respond(selectors.open_advice(self.actor, self.kwargs["pk"], purpose="api"))

    @extend_schema(
        request={"application/json": AdviceCreate, "multipart/form-data": AdviceCreateWithFiles},
        responses={201: AdviceSerializer, **SCANNER_AWAY},
    )
    def create(self, request: Request) -> Response:
        """Ask. 409 `consent_missing` where the patient has not agreed that the data leave your organisation.

        As `multipart/form-data` it takes up to five `files` too: all of it is written, or nothing.
        """
        advice = ask_with_files(self.actor, **self.validated(AdviceCreateWithFiles))
        return self.respond(self.find(advice.pk), status=201)

    take = action_endpoint("take", services.take_advice, key="advice_id", body=AdviceTake)
    answer = action_endpoint(
        "answer", answer_with_files, key="advice_id", body=PostInput, with_files=PostWithFiles
    )
    ask_again = action_endpoint(
        "ask_again", ask_again_with_files, key="advice_id", body=PostInput, with_files=PostWithFiles,
        url_path="ask_again",
    )  # fmt: skip
    decline = action_endpoint("decline", services.decline_advice, key="advice_id", body=Reasoned)
    give_back = action_endpoint(
        "give_back", services.give_back_advice, key="advice_id", body=Reasoned, url_path="give_back"
    )
    close = action_endpoint("close", services.close_advice, key="advice_id", body=Commented)
    convert = action_endpoint("convert", services.convert_advice, key="advice_id")

    @extend_schema(responses=PostSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def posts(self, request: Request, pk: str) -> Response:
        """The thread with its files, the oldest line first. Reading it is journalled."""
        advice = selectors.open_advice(self.actor, pk, purpose="api")
        return Response(PostSerializer(selectors.posts_of(self.actor, advice), many=True).data)

    @extend_schema(request=EmptySerializer, responses=ReadSerializer)
    @action(detail=True, methods=["post"], pagination_class=None, parser_classes=[JSONParser])
    def read(self, request: Request, pk: str) -> Response:
        """Your organisation has read what was written to it."""
        self.validated(EmptySerializer)
        return Response({"read": services.read_advice(self.actor, advice_id=pk)})

    @extend_schema(
        methods=["get"],
        parameters=[_FILE],
        responses=content_of(),
        filters=False,
    )
    @extend_schema(methods=["delete"], parameters=[_FILE], responses={204: None})
    @action(
        detail=True,
        methods=["get", "delete"],
        url_path=r"files/(?P<file>[^/.]+)",
        url_name="file",
        pagination_class=None,
    )
    def file(self, request: Request, *args: Any, **kwargs: Any) -> FileResponse | Response:
        """The content of a file, as a download; journalled. DELETE takes your own side's away until the other side has
        read its line (409); your manager may later too.
        """
        ids = {"advice_id": self.kwargs["pk"], "file_id": self.kwargs["file"]}
        if request.method == "DELETE":
            remove_advice_file(self.actor, **ids)
            return Response(status=204)
        return download(take_advice_file(self.actor, **ids))

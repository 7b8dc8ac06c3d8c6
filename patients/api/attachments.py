"""The files of a referral for regional systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from cluster_portal.api.files import SCANNER_AWAY, StoredFileSerializer, UploadField, content_of
from cluster_portal.api.parsers import JSONParser
from cluster_portal.api.serializers import (
    DateTimeField,
    InputSerializer,
)
from cluster_portal.files.responses import download
from patients.api.serializers import Completion
from patients.policies import attachment_policy
from patients.selectors.attachments import attachments_of, see_attachment
from patients.services.attachments import (
    attach_files,
    complete_with_files,
    remove_attachment,
    take_attachment,
)
from patients.states import FileKind

if TYPE_CHECKING:
    from django.http import FileResponse
    from rest_framework.request import Request

#: Where one file is.
_PATH = r"attachments/(?P<attachment>[^/.]+)"
_ID = OpenApiParameter("attachment", OpenApiTypes.UUID, "path", description=_("The file's id."))


class AttachmentSerializer(StoredFileSerializer):
    """A file of a referral (FHIR DocumentReference). `sha256` and `size` are of what is stored and given out: pictures
    are kept without their metadata. `seen_at` is when the other side first opened it.
    """

    created_at = DateTimeField()
    kind = serializers.ChoiceField(FileKind.choices)
    content_type = serializers.CharField()
    organization = serializers.UUIDField(source="organization_id")
    author_name = serializers.CharField(allow_blank=True)
    seen_at = DateTimeField(allow_null=True)
    removable = serializers.SerializerMethodField()

    def get_removable(self, attachment: Any) -> bool:
        return attachment_policy.is_removable(self.context["request"].actor, attachment)


class AttachmentInput(InputSerializer):
    file = UploadField()
    kind = serializers.ChoiceField(FileKind.choices)


class FilesOfRequest(serializers.ListField):
    """Up to five files of a multipart request; what they may be is checked as they are kept."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("child", UploadField(help_text=None))
        super().__init__(**{"required": False, **kwargs})


class CompletionWithFiles(Completion):
    """The conclusion and the files that belong to it."""

    files = FilesOfRequest()


class ReferralAttachments:
    """Mixed into the referrals' views."""

    @extend_schema(methods=["get"], responses=AttachmentSerializer(many=True), filters=False)
    @extend_schema(
        methods=["post"],
        request={"multipart/form-data": AttachmentInput},
        responses={201: AttachmentSerializer, **SCANNER_AWAY},
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None, parser_classes=[MultiPartParser])
    def attachments(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The files of both sides, the latest first. POST adds one: it is checked, and looked at by the virus scanner.

        What a file is refused for stands in `errors` and, for programs, in `reason`.
        """
        pk = self.kwargs["pk"]
        context = self.get_serializer_context()
        if request.method == "POST":
            asked = self.validated(AttachmentInput)
            [made] = attach_files(
                self.actor, referral_id=pk, uploads=[asked["file"]], kind=asked["kind"], field="file"
            )
            place = self.reverse_action("attachment", args=[pk, made.pk])
            data = AttachmentSerializer(made, context=context).data
            return Response(data, status=201, headers={"Location": place})
        rows = attachments_of(self.actor, self.find(pk).pk)
        return Response(AttachmentSerializer(rows, many=True, context=context).data)

    @extend_schema(methods=["get"], parameters=[_ID], responses=AttachmentSerializer, filters=False)
    @extend_schema(methods=["delete"], parameters=[_ID], responses={204: None})
    @action(
        detail=True, methods=["get", "delete"], url_path=_PATH, url_name="attachment", pagination_class=None
    )
    def attachment(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What is known of one file. DELETE takes it away: your own side's, until the other side has opened it or the
        referral is closed (409); your manager may later too.
        """
        ids = {"referral_id": self.kwargs["pk"], "attachment_id": self.kwargs["attachment"]}
        if request.method == "DELETE":
            remove_attachment(self.actor, **ids)
            return Response(status=204)
        found = see_attachment(self.actor, ids["attachment_id"], ids["referral_id"])
        return Response(AttachmentSerializer(found, context=self.get_serializer_context()).data)

    @extend_schema(
        parameters=[_ID],
        responses=content_of(),
        filters=False,
    )
    @action(
        detail=True,
        methods=["get"],
        url_path=f"{_PATH}/file",
        url_name="attachment-file",
        pagination_class=None,
    )
    def attachment_file(self, request: Request, *args: Any, **kwargs: Any) -> FileResponse:
        """The content, as a download; journalled."""
        ids = {"referral_id": self.kwargs["pk"], "attachment_id": self.kwargs["attachment"]}
        return download(take_attachment(self.actor, **ids))

    @extend_schema(
        request={"application/json": Completion, "multipart/form-data": CompletionWithFiles},
        responses={**SCANNER_AWAY},
    )
    @action(detail=True, methods=["post"], parser_classes=[JSONParser, MultiPartParser])
    def complete(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Close the visit with its conclusion, which the referring side sees at once. As `multipart/form-data` it takes
        up to five `files` of the conclusion too: all of it is written, or nothing.
        """
        data = self.validated(CompletionWithFiles)
        self.call(complete_with_files, "referral_id", **data)
        return self.respond(self.find(self.kwargs["pk"]))

    complete.if_match = True

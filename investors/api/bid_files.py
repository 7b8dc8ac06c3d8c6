"""The files in the envelopes of a bid, for programs."""

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
from cluster_portal.api.serializers import InputSerializer
from cluster_portal.common.errors import NotFound
from cluster_portal.files.responses import streamed
from investors.services import bid_files
from investors.states import EnvelopeKind

if TYPE_CHECKING:
    from django.http import StreamingHttpResponse
    from rest_framework.request import Request

#: Where one file is.
_PATH = r"files/(?P<file>[^/.]+)"
_ID = OpenApiParameter("file", OpenApiTypes.UUID, "path", description=_("The file's id."))


class BidFileSerializer(StoredFileSerializer):
    """A file in an envelope. `sha256` and `size` are of what is given out: pictures are kept without their metadata."""

    envelope = serializers.ChoiceField(EnvelopeKind.choices, source="kind")


class BidFileInput(InputSerializer):
    envelope = serializers.ChoiceField(EnvelopeKind.choices)
    file = UploadField()


class BidFiles:
    """Mixed into the bids' views."""

    @extend_schema(methods=["get"], responses=BidFileSerializer(many=True), filters=False)
    @extend_schema(
        methods=["post"],
        request={"multipart/form-data": BidFileInput},
        responses=SCANNER_AWAY,
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None, parser_classes=[MultiPartParser])
    def files(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The files that one may read: the company all of its own; after the opening those who judge, the second
        envelope's once the bid is admitted. POST adds one while bids are taken; of the same name it replaces the one
        before. It answers the bid with its new digest, and repeats nothing of the file.
        """
        bid = self.find(self.kwargs["pk"])
        if request.method == "POST":
            asked = self.validated(BidFileInput)
            bid_files.attach_files(
                self.actor, bid_id=bid.pk, envelope=asked["envelope"], uploads=[asked["file"]]
            )
            return self.respond(self.find(bid.pk))
        return Response(BidFileSerializer(bid_files.files_of(self.actor, bid), many=True).data)

    @extend_schema(methods=["get"], parameters=[_ID], responses=BidFileSerializer, filters=False)
    @extend_schema(methods=["delete"], parameters=[_ID], responses={204: None})
    @action(detail=True, methods=["get", "delete"], url_path=_PATH, url_name="file", pagination_class=None)
    def file(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What is known of one file. DELETE takes it out of its envelope while bids are taken; the digest changes."""
        found = self._file()
        if request.method == "DELETE":
            bid_files.remove_file(self.actor, file_id=found.id)
            return Response(status=204)
        return Response(BidFileSerializer(found).data)

    @extend_schema(
        parameters=[_ID],
        responses=content_of(),
        filters=False,
    )
    @action(
        detail=True,
        methods=["get"],
        url_path=f"{_PATH}/content",
        url_name="file-content",
        pagination_class=None,
    )
    def file_content(self, request: Request, *args: Any, **kwargs: Any) -> StreamingHttpResponse:
        """The content, as a download."""
        found = bid_files.see_file(self.actor, self._file().id)
        return streamed(found.pieces, found.said)

    def _file(self) -> bid_files.SaidFile:
        """The one of this address. Raises NotFound."""
        readable = bid_files.files_of(self.actor, self.find(self.kwargs["pk"]))
        for one in readable:
            if one.id == self.kwargs["file"]:
                return one
        raise NotFound

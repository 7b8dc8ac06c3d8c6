"""Papers of plots and of tenders for programs: listed, added as `multipart/form-data`, taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from cluster_portal.api.files import SCANNER_AWAY, UploadField
from cluster_portal.api.serializers import (
    InputSerializer,
    OutputSerializer,
    TranslatedField,
    Translations,
)
from cluster_portal.common.errors import NotFound
from investors.states import DocumentKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.request import Request

#: Where one document is.
_PATH = r"documents/(?P<document>[^/.]+)"
_ID = OpenApiParameter("document", OpenApiTypes.UUID, "path", description=_("The document's id."))


class DocumentInput(InputSerializer):
    """A file with what it is."""

    kind = serializers.ChoiceField(DocumentKind.choices)
    title = Translations(200)
    file = UploadField()


class PlotDocumentSerializer(OutputSerializer):
    """A paper or a photograph of a plot; its address is open to everybody who may see the plot."""

    #: The address of the content.
    address = "investors:document"

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(DocumentKind.choices)
    title = TranslatedField()
    name = serializers.CharField()
    size = serializers.IntegerField(help_text=_("bytes"))
    url = serializers.SerializerMethodField()

    def get_url(self, document: Any) -> str:
        return self.context["request"].build_absolute_uri(reverse(self.address, args=[document.pk]))


class TenderDocumentSerializer(PlotDocumentSerializer):
    """A paper of a tender; its address is open to everybody who may see the tender."""

    address = "investors:tender_document"


def documents_endpoints(
    shown: type[OutputSerializer],
    *,
    rows: Callable[..., Any],
    add: Callable[..., Any],
    remove: Callable[..., Any],
    key: str,
) -> tuple[Callable[..., Response], Callable[..., Response]]:
    """`{id}/documents/` and `{id}/documents/{document}/` of a resource; `rows(actor, row)` are those that one sees.

    Assign them to attributes of these names: `documents, document = documents_endpoints(…)`.
    """

    @extend_schema(methods=["get"], request=None, responses=shown(many=True), filters=False)
    @extend_schema(
        methods=["post"],
        request={"multipart/form-data": DocumentInput},
        responses={201: shown, **SCANNER_AWAY},
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None, parser_classes=[MultiPartParser])
    def documents(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The papers and photographs. POST adds one, for everybody who may see what it belongs to."""
        context = self.get_serializer_context()
        if request.method == "POST":
            data = self.validated(DocumentInput)
            made = add(self.actor, **{key: self.kwargs["pk"]}, upload=data.pop("file"), data=data)
            place = self.reverse_action("document", args=[self.kwargs["pk"], made.pk])
            return Response(shown(made, context=context).data, status=201, headers={"Location": place})
        found = rows(self.actor, self.find(self.kwargs["pk"]))
        return Response(shown(found, many=True, context=context).data)

    @extend_schema(methods=["get"], parameters=[_ID], responses=shown, filters=False)
    @extend_schema(methods=["delete"], parameters=[_ID], responses={204: None})
    @action(
        detail=True, methods=["get", "delete"], url_path=_PATH, url_name="document", pagination_class=None
    )
    def document(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What is known of one paper; `url` leads to its content. DELETE takes it away, with its content; the papers of
        a published tender stay.
        """
        found = _one(rows(self.actor, self.find(self.kwargs["pk"])), self.kwargs["document"])
        if request.method == "DELETE":
            remove(self.actor, document_id=found.pk)
            return Response(status=204)
        return Response(shown(found, context=self.get_serializer_context()).data)

    return documents, document


def _one(rows: Any, key: str) -> Any:
    """The row of an address. Raises NotFound."""
    try:
        found = rows.filter(pk=key).first()
    except ValidationError:
        found = None
    if found is None:
        raise NotFound
    return found

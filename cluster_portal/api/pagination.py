"""Pages of lists by key: stable while rows are written, as cheap at the end as at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from cluster_portal.common.errors import Invalid
from cluster_portal.common.keyset import MAX_LIMIT, paginate

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

DEFAULT_LIMIT = 50
TRUE, FALSE = {"true", "1"}, {"false", "0"}


def read_limit(request: Request) -> int:
    """`?limit=`, 1 to 500 (50 where it is not said). Raises Invalid."""
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    limit = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid({"limit": _("A whole number from 1 to 500.")})
    return limit


def read_flag(request: Request, name: str) -> bool:
    """A yes-or-no parameter. Raises Invalid."""
    text = request.query_params.get(name, "false").lower()
    if text not in TRUE | FALSE:
        raise Invalid({name: _("Either true or false.")})
    return text in TRUE


class KeysetPagination(BasePagination):
    """`{"results": […], "next": url, "previous": url}`, and `count` where `?count=true` asks for it.

    The view's `ordering` is the order, ending in a unique column.
    """

    parameters = ("cursor", "limit", "count")

    def paginate_queryset(self, queryset: QuerySet, request: Request, view: Any = None) -> list[Any]:
        limit = read_limit(request)
        self.count = queryset.count() if read_flag(request, "count") else None
        cursor = request.query_params.get("cursor") or None
        self.page = paginate(queryset, order=view.ordering, cursor=cursor, limit=limit)
        self.url = request.build_absolute_uri()
        return self.page.items

    def link(self, cursor: str | None) -> str | None:
        """The address of a neighbour page."""
        return cursor and replace_query_param(self.url, "cursor", cursor)

    def get_paginated_response(self, data: Any) -> Response:
        body = {"results": data, "next": self.link(self.page.next), "previous": self.link(self.page.previous)}
        if self.count is not None:
            body["count"] = self.count
        return Response(body)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": {**address, "description": "Address of the next page, null on the last one."},
                "previous": {**address, "description": "Address of the page before."},
                "count": {
                    "type": "integer",
                    "description": "How many there are in all; only with `count=true`.",
                },
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        def parameter(name: str, schema: dict[str, Any], description: Any) -> dict[str, Any]:
            return {
                "name": name,
                "in": "query",
                "required": False,
                "schema": schema,
                "description": str(description),
            }

        whole = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
        return [
            parameter("cursor", {"type": "string"}, _("From `next` or `previous` of another page.")),
            parameter("limit", whole, _("Rows of a page.")),
            parameter(
                "count", {"type": "boolean", "default": False}, _("Count all rows too (slow on long lists).")
            ),
        ]

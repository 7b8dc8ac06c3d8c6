"""Bases of the API's views: thin, and closed unless they say whom they are for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.http import http_date
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.fields import empty
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from cluster_portal.api import etags, idempotency, throttling
from cluster_portal.api.files import SCANNER_AWAY
from cluster_portal.api.parsers import JSONParser
from cluster_portal.api.serializers import EmptySerializer
from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.common.errors import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from django.db.models import Model, QuerySet
    from rest_framework.request import Request
    from rest_framework.serializers import Serializer

    from cluster_portal.common.actor import Actor
    from cluster_portal.common.policy import Policy


class ApiMixin:
    """What every view of the API has.

    `required_scope` names the resource whose scope is asked for, or `permissions.PUBLIC`/`SIGNED_IN`; without it the
    view refuses everybody. `query_parameters` are the names that the query string may hold beside filters and pages:
    anything else is refused, because a misspelt filter would answer with everything.

    A handler with the attribute `repeatable` does no harm when it is sent twice: it has its own transactions, and
    idempotency keys are not looked at. Where that hangs on what is sent, it is a function of the request.
    """

    required_scope: ClassVar[str | None] = None
    query_parameters: ClassVar[frozenset[str]] = frozenset()
    usage: throttling.Usage | None = None
    #: Since when the resource is outdated, and from when on it may be gone: programs are told by headers (RFC 9745,
    #: RFC 8594), people by the description.
    deprecated_since: ClassVar[datetime | None] = None
    sunset_at: ClassVar[datetime | None] = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if not hasattr(request._request, "actor"):
            request._request.actor = ANONYMOUS
        super().initial(request, *args, **kwargs)
        keyed = request.method == "POST" and idempotency.HEADER in request.headers
        if keyed and not self.is_repeatable(request):
            # DRF takes the handler from here next.
            self.post = partial(idempotency.run, self, self.post)
        self.refuse_unknown_parameters(request)

    def is_repeatable(self, request: Request) -> bool:
        """Whether what was asked for may be done again without harm."""
        rule = getattr(self.post, "repeatable", False)
        return rule(request) if callable(rule) else rule

    def kept_answer(self, response: Any) -> bytes:
        """What of an answer is kept, to be given again for the same Idempotency-Key."""
        return response.content

    def refuse_unknown_parameters(self, request: Request) -> None:
        """Raise Invalid for names in the query string that mean nothing here."""
        known = self.known_parameters()
        if unknown := [name for name in request.query_params if name not in known]:
            raise Invalid(dict.fromkeys(unknown, _("There is no such parameter here.")))

    def known_parameters(self) -> set[str]:
        return set(self.query_parameters)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if self.usage is not None:
            throttling.write_headers(response, self.usage)
        if self.deprecated_since is not None:
            response["Deprecation"] = f"@{int(self.deprecated_since.timestamp())}"
        if self.sunset_at is not None:
            response["Sunset"] = http_date(self.sunset_at.timestamp())
        return response


class ApiView(ApiMixin, APIView):
    """One address with its own handlers."""


class ApiViewSet(ApiMixin, viewsets.GenericViewSet):
    """Base of a resource's views."""

    ordering: ClassVar[tuple[str, ...]] = ("id",)

    @property
    def actor(self) -> Actor:
        return self.request.actor

    def known_parameters(self) -> set[str]:
        known = super().known_parameters()
        if self.action == "list":
            known |= set(self.paginator.parameters if self.paginator else ())
            if filterset := getattr(self, "filterset_class", None):
                known |= set(filterset.base_filters)
        return known

    def refuse_unknown_parameters(self, request: Request) -> None:
        """An empty filter is a mistake too: it would filter nothing, and the list would hold everything."""
        super().refuse_unknown_parameters(request)
        filterset = getattr(self, "filterset_class", None) if self.action == "list" else None
        filters = filterset.base_filters.items() if filterset else ()
        given = request.query_params.getlist
        # Words to look for may be none.
        if blank := [
            name
            for name, one in filters
            if not isinstance(one, CharFilter) and not all(map(str.strip, given(name)))
        ]:
            raise Invalid(dict.fromkeys(blank, _("Give the parameter a value, or leave it out.")))

    def validated(self, serializer: type[Serializer], *, partial: bool = False) -> dict[str, Any]:
        """The body, checked by `serializer`; a `partial` one may leave fields out. Raises DRF's ValidationError.

        REST framework's own `partial` would let the rows within the body leave fields out too.
        """
        checked = serializer(data=self.request.data, context=self.get_serializer_context())
        for field in checked.fields.values() if partial else ():
            field.required, field.default = False, empty
        checked.is_valid(raise_exception=True)
        return checked.validated_data


def rows_named(data: Mapping[str, Any], among: Mapping[str, QuerySet]) -> dict[str, Any]:
    """A checked body with rows in place of their keys; `among`: what each field may name, as the actor sees it.

    Raises Invalid at the first key that is nobody's or not open to the actor.
    """
    found = dict(data)
    for name, rows in among.items():
        if (key := found.get(name)) is not None:
            found[name] = rows.filter(pk=key).first()
            if found[name] is None:
                raise Invalid({name: [NotFound.title]})
    return found


class PolicyViewSet(ApiViewSet):
    """A resource whose rows a policy opens: list and retrieve; writes are `action_endpoint`s and own methods.

    `policy` decides what the actor sees: a row that is not open answers 404. `selector(actor)` may widen the query
    (joins, annotations) and must stay within the policy; the policy's own rows where it is not given.
    `serializer_class` is for the single resource, `list_serializer_class` for lists where they show less.
    """

    policy: ClassVar[Policy]
    selector: ClassVar[Callable[[Actor], QuerySet] | None] = None
    list_serializer_class: ClassVar[type[Serializer] | None] = None
    #: Whether changing the resource needs If-Match (428 without it).
    if_match_required: ClassVar[bool] = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # What hangs on the row (its files, its lines) is looked for by this key too.
        try:
            self.policy.model._meta.pk.to_python(self.kwargs.get(self.lookup_field))
        except ValidationError:
            raise NotFound from None

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return self.policy.model._default_manager.none()
        select = type(self).selector
        return self.policy.queryset(self.actor) if select is None else select(self.actor)

    def get_serializer_class(self) -> type[Serializer]:
        if self.action == "list" and self.list_serializer_class is not None:
            return self.list_serializer_class
        return super().get_serializer_class()

    def available_actions(self, actor: Actor, obj: Model) -> Iterable[str]:
        """The names of the `POST …/{action}/` that this actor may call on `obj` now."""
        return ()

    def find(self, pk: Any) -> Any:
        """The row as it is shown. Raises NotFound where the actor may not see it."""
        return self.policy.get(self.actor, "view", pk, queryset=self.get_queryset())

    def respond(self, obj: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        """The single resource with its ETag; 304 where the reader has it already."""
        data = self.get_serializer(obj).data
        headers = headers or {}
        if hasattr(obj, "updated_at"):
            headers["ETag"] = etags.etag(obj, data)
            if self.request.method in {"GET", "HEAD"} and etags.is_fresh(self.request, headers["ETag"]):
                return Response(status=304, headers=headers)
        if status == 201:
            headers["Location"] = self.reverse_action("detail", args=[obj.pk])
        return Response(data, status=status, headers=headers)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.respond(self.find(self.kwargs[self.lookup_field]))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    def call(self, service: Callable[..., Any], key: str | None = None, /, *, required: bool | None = None,
             **arguments: Any) -> Any:  # fmt: skip
        """Call `service(actor, …)`; with `key` for the row of this address, its version checked under its lock.

        The row is locked before If-Match is compared, so between the comparison and the service's own lock of the
        same row nobody writes. Raises what the service raises, StaleVersion and VersionRequired.
        """
        if key is None:
            return service(self.actor, **arguments)
        pk = self.kwargs[self.lookup_field]
        required = self.if_match_required if required is None else required
        if "If-Match" not in self.request.headers and not required:
            return service(self.actor, **{key: pk}, **arguments)
        with transaction.atomic():
            etags.require_match(
                self.request, self.policy.get(self.actor, "view", pk, lock=True), required=required
            )
            return service(self.actor, **{key: pk}, **arguments)


def action_endpoint(
    name: str,
    service: Callable[..., Any],
    *,
    key: str,
    body: type[Serializer] = EmptySerializer,
    summary: Any = None,
    status: int = 200,
    url_path: str | None = None,
    shown: Callable[[Any], Any] | None = None,
    with_files: type[Serializer] | None = None,
) -> Callable[..., Response]:
    """`POST {id}/{name}/`: the body checked by `body` goes to `service(actor, <key>=id, …)`; answers the resource.

    Assign it to an attribute of the same name: `submit = action_endpoint("submit", submit_referral, key=…)`.
    `shown(result)` is the resource as the service has left it, where the service gives it back whole; without it the
    resource is read again. `with_files` is the body where it may come as `multipart/form-data` too, with files.
    """

    def endpoint(self: PolicyViewSet, request: Request, *args: Any, **kwargs: Any) -> Response:
        result = self.call(service, key, **self.validated(with_files or body))
        obj = self.find(self.kwargs[self.lookup_field]) if shown is None else shown(result)
        return self.respond(obj, status=status)

    endpoint.__name__ = name
    endpoint.__doc__ = service.__doc__
    endpoint.if_match = True
    parsers = [JSONParser, MultiPartParser] if with_files else [JSONParser]
    path = url_path or name.replace("_", "-")
    routed = action(detail=True, methods=["post"], url_path=path, parser_classes=parsers)(endpoint)
    told: dict[str, Any] = {"request": body, "summary": summary and str(summary)}
    if with_files:
        told["request"] = {"application/json": body, "multipart/form-data": with_files}
        told["responses"] = SCANNER_AWAY
    return extend_schema(**told)(routed)

"""How the API describes itself: OpenAPI 3.1 made from the views."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as BaseSchema
from drf_spectacular.plumbing import get_lib_doc_excludes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS
from rest_framework.serializers import TimeField

from cluster_portal.api import scopes
from cluster_portal.api.permissions import PUBLIC, needed_scope
from cluster_portal.api.problems import CONTENT_TYPE, TITLES
from cluster_portal.api.serializers import (
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    ProblemSerializer,
    ReadSerializer,
    StrictMixin,
)
from cluster_portal.common.errors import PortalError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What a programmer has to know before the first request (Markdown).
INTRODUCTION = gettext_lazy(
    "**Signing in.** The cluster office gives your organisation a `client_id` and a `client_secret`. "
    "`POST /oauth/token/` with `grant_type=client_credentials` gives a token for 15 minutes; send it as "
    "`Authorization: Bearer …`. Each operation names its scope.\n\n"
    "**Retries.** Send `Idempotency-Key` with every POST. If the answer was lost, repeat the request as it was: the "
    "work is done once and the stored answer comes back with `Idempotency-Replayed: true`. The same key with another "
    "body is refused with 422, while the first request still runs with 409.\n\n"
    "**Versions.** Single resources carry an `ETag`. Send it back as `If-Match` when you change them: 412 says that "
    "somebody was faster, 428 that the header is missing.\n\n"
    "**Errors** are `application/problem+json` (RFC 9457): `code` is for your program, `detail` for people in the "
    "language of `Accept-Language` (ru, kk, en), `errors` lists the fields. Quote `request_id` when you ask for "
    "help.\n\n"
    "**Lists** come in pages: follow `next`. Unknown fields and parameters are refused.\n\n"
    "**Limits.** `RateLimit-Remaining` says what is left of this minute; after 429 wait for `Retry-After` seconds."
)


#: The same data in the words of others.
OTHER_DOORS = gettext_lazy(
    "**FHIR R4.** The registry, slots, referrals and bookings are at `/fhir/r4/` too, with the same tokens and scopes; "
    "`/fhir/r4/metadata` tells what can be done there."
)


class ClientScheme(OpenApiAuthenticationExtension):
    """Access tokens of programs."""

    target_class = "cluster_portal.api.authentication.ClientAuthentication"
    name = "oauth2"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        flow = {"tokenUrl": "/oauth/token/", "scopes": scopes.describe()}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]]:
        needed = needed_scope(auto_schema.view, auto_schema.method)
        return {self.name: [needed] if needed else []}


class PersonScheme(OpenApiAuthenticationExtension):
    """Sessions of people."""

    target_class = "cluster_portal.api.authentication.PersonAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        text = _("The session of somebody signed in on the pages; changes need the header X-CSRFToken too.")
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": text}


class AutoSchema(BaseSchema):
    """Adds what all views share: the headers of retries and versions, and the problems they may answer."""

    def get_auth(self) -> list[dict[str, Any]]:
        return [{}] if getattr(self.view, "required_scope", None) == PUBLIC else super().get_auth()

    def get_tags(self) -> list[str]:
        scope = getattr(self.view, "required_scope", None)
        return super().get_tags() if scope is None or scope.startswith("*") else [scope]

    def is_deprecated(self) -> bool:
        return getattr(self.view, "deprecated_since", None) is not None or super().is_deprecated()

    def get_description(self) -> str:
        return _for_programs(super().get_description() or "")

    @property
    def _endpoint(self) -> Any:
        return getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)

    def _takes_version(self) -> bool:
        return getattr(self._endpoint, "if_match", False) or self._needs_version()

    def _needs_version(self) -> bool:
        return self.method in {"PUT", "PATCH", "DELETE"} and getattr(self.view, "if_match_required", False)

    def get_override_parameters(self) -> list[Any]:
        parameters = [*super().get_override_parameters()]
        if self.method == "POST":
            text = _(
                "Any text of your own, new for each piece of work. The same key and body give the stored answer "
                "(Idempotency-Replayed: true) for at least 24 hours."
            )
            parameters.append(_header("Idempotency-Key", text))
        if self._takes_version():
            text = _("ETag of the record as you read it; 412 if it has changed since.")
            parameters.append(_header("If-Match", text, required=self._needs_version()))
        if self.method == "GET" and getattr(self.view, "action", None) == "retrieve":
            parameters.append(
                _header("If-None-Match", _("ETag that you hold; 304 if it is still the record."))
            )
        return parameters

    def _problems(self) -> Iterator[int]:
        """The statuses that this operation may answer beside success."""
        yield 400
        if getattr(self.view, "required_scope", None) != PUBLIC:
            yield from (401, 403)
        # What the body of a POST names may be nobody's, or a stranger's, as what an address names.
        if "{" in self.path or self.method == "POST":
            yield 404
        yield 406
        if self.method not in SAFE_METHODS:
            yield 409
        if self.method == "POST":
            yield 422
        if self._takes_version():
            yield 412
        if self.method not in SAFE_METHODS:
            yield from (413, 415)
        if self._needs_version():
            yield 428
        yield from (429, 503)

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        content = {CONTENT_TYPE: {"schema": self.resolve_serializer(ProblemSerializer, "response").ref}}
        for status in self._problems():
            bodies.setdefault(str(status), {"content": content, "description": str(TITLES[status])})
        if self.method == "GET" and getattr(self.view, "action", None) == "retrieve":
            bodies.setdefault("304", {"description": _("Not changed since If-None-Match.")})
        return bodies

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        schema = super()._map_basic_serializer(serializer, direction)
        if isinstance(serializer, StrictMixin):
            schema["additionalProperties"] = False
        return schema

    def _map_serializer_field(
        self, field: Any, direction: Any, bypass_extensions: bool = False
    ) -> dict[str, Any]:
        if isinstance(field, DateTimeField) and direction == "request":
            return {"type": "string", "format": "date-time"}
        if isinstance(field, TimeField):
            # The clinic's own clock: a "time" of JSON Schema (RFC 3339) would have an offset.
            return {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "examples": ["09:30"]}
        return super()._map_serializer_field(field, direction, bypass_extensions)


def our_bases() -> list[type]:
    """Classes whose docstrings speak to us, not to programmers of other systems (a setting of drf-spectacular)."""
    bases = (StrictMixin, InputSerializer, OutputSerializer, ReadSerializer)
    return [*get_lib_doc_excludes(), *bases]


#: "Raises as `that_service`": a name that programs do not know.
_ELSEWHERE = re.compile(r"\b(?:as|what) (?:`\w+`(?: and `\w+`)?|above)(?: raises| does| do)?(?:,? and|,)?\s*")


def _for_programs(text: str) -> str:
    """A docstring in the words of the API: what it raises is named by the `code` that the answer carries."""
    codes = {kind.__name__: kind.code for kind in PortalError.kinds()}

    def told(found: re.Match[str]) -> str:
        words = _ELSEWHERE.sub("", found[0])
        return re.sub(
            r"\b[A-Z]\w+", lambda word: f"`{codes[word[0]]}`" if word[0] in codes else word[0], words
        )

    # To the end of its paragraph: a sentence has words of its own between the names.
    text = re.sub(r"\bRaises\b.*?(?=\n\n|\Z)", told, text, flags=re.DOTALL)
    return re.sub(r"\bRaises\b", "Refused with", re.sub(r"\s*\bRaises\s*\.?(?=\n\n|\Z)", "", text))


def _header(name: str, text: str, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=text, required=required)


def introduce(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """The title and the introduction in the reader's language (a hook of drf-spectacular)."""
    result["info"]["title"] = _("API of the medical cluster")
    result["info"]["description"] = f"{INTRODUCTION}\n\n{OTHER_DOORS}"
    return result


def name_alike(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """What generated clients take names and comments from is the same in each language (a hook of drf-spectacular)."""
    for path in result["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                schema = parameter["schema"]
                # A label of a form would become the name of a class.
                for part in (schema, schema.get("items", {})):
                    part.pop("title", None)
                if parameter["in"] == "path" and parameter.get("description", "").startswith(
                    ("A UUID", "A unique")
                ):
                    # The package's own words, which end with a name in the language of the server.
                    parameter["description"] = _("Id of the record.")
    return result

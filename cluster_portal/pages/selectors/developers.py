"""What the developers' page lists, read from the code itself: errors, events, scopes, limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cluster_portal.api import changes, problems, scopes
from cluster_portal.common.errors import PortalError
from cluster_portal.common.keyset import MAX_LIMIT
from cluster_portal.web import wording


@dataclass(frozen=True, slots=True)
class Failure:
    """A code of `application/problem+json` with its HTTP status and its words."""

    code: str
    status: int
    words: Any


@dataclass(frozen=True, slots=True)
class Told:
    """A resource of whose changes the feed tells: its name there, in words, and the scope that opens it."""

    name: str
    words: str
    scope: str


def failures() -> list[Failure]:
    """Every error that the API may answer, by its status and code. Two classes with one code are one failure."""
    found = {}
    for kind in PortalError.kinds():
        if kind is not PortalError and kind.__module__.split(".")[0] != "tests":
            found.setdefault(kind.code, Failure(kind.code, kind.status, kind.title))
    for status, code in problems.CODES.items():
        found.setdefault(code, Failure(code, status, problems.TITLES[status]))
    found.setdefault("server_error", Failure("server_error", 500, problems.TITLES[500]))
    return sorted(found.values(), key=lambda one: (one.status, one.code))


def events() -> list[Told]:
    """Every resource of whose changes the feed tells, by name."""
    return [
        Told(name, capfirst(source.policy.model._meta.verbose_name_plural), f"{source.scope}:{scopes.READ}")
        for name, source in sorted(changes.sources().items())
    ]


def scope_words() -> list[tuple[str, str]]:
    """Every scope and what it opens."""
    return list(scopes.describe().items())


def limits() -> list[tuple[Any, str]]:
    """What a client may ask for, in figures."""
    megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1_048_576
    lifetime = settings.OAUTH2_PROVIDER["ACCESS_TOKEN_EXPIRE_SECONDS"] // 60
    return [
        (_("Requests of a client in a minute"), wording.number(settings.API_REQUESTS_PER_MINUTE)),
        (_("Requests of an address without a token in a minute"),
         wording.number(settings.API_ANONYMOUS_REQUESTS_PER_MINUTE)),
        (_("Rows of a page"), str(MAX_LIMIT)),
        (_("Body of a request, MB"), wording.number(round(megabytes, 1))),
        (_("An access token lives, minutes"), str(lifetime)),
        (_("An Idempotency-Key is remembered, hours"), "24"),
    ]  # fmt: skip

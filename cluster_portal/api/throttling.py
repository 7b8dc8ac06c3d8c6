"""How many requests a client may send a minute, counted atomically in Redis.

While Redis is away nobody is limited: the limit protects the portal from a program gone wild, not from guessing
(which is counted in the database).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.throttling import BaseThrottle

from cluster_portal.common import redis
from cluster_portal.common.context import request_info

if TYPE_CHECKING:
    from django.http import HttpResponseBase
    from rest_framework.request import Request
    from rest_framework.views import APIView

    from cluster_portal.common.actor import Actor

WINDOW = 60


@dataclass(frozen=True, slots=True)
class Usage:
    """Where a caller stands in the minute that runs."""

    limit: int
    used: int
    reset: int

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


def take(name: str, limit: int) -> Usage | None:
    """Count one request of `name` in this minute. None while Redis is away."""
    now = time.time()
    window = int(now // WINDOW)
    key = f"throttle:{name}:{window}"

    def count() -> int:
        pipe = redis.client().pipeline(transaction=False)
        pipe.incr(key)
        pipe.expire(key, WINDOW * 2)
        return pipe.execute()[0]

    used = redis.attempt(count)
    return None if used is None else Usage(limit, used, max(1, int((window + 1) * WINDOW - now)))


def caller(actor: Actor) -> tuple[str, int]:
    """The counter of this caller and its limit: a client's, a person's, else the address's."""
    if actor.kind == "client":
        return f"client:{actor.client_id}", settings.API_REQUESTS_PER_MINUTE
    if actor.kind == "user":
        return f"user:{actor.user_id}", settings.API_REQUESTS_PER_MINUTE
    return f"ip:{request_info().ip}", settings.API_ANONYMOUS_REQUESTS_PER_MINUTE


def write_headers(response: HttpResponseBase, usage: Usage) -> None:
    """The limit, as the IETF draft says it (RateLimit, RateLimit-Policy) and as older programs read it."""
    response["RateLimit-Policy"] = f'"minute";q={usage.limit};w={WINDOW}'
    response["RateLimit"] = f'"minute";r={usage.remaining};t={usage.reset}'
    response["RateLimit-Limit"] = str(usage.limit)
    response["RateLimit-Remaining"] = str(usage.remaining)
    response["RateLimit-Reset"] = str(usage.reset)


class ClientThrottle(BaseThrottle):
    """DRF's side of it; the view puts the headers on its answer."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        self.usage = take(*caller(request.actor))
        view.usage = self.usage
        return self.usage is None or not self.usage.exceeded

    def wait(self) -> float | None:
        return self.usage.reset if self.usage else None

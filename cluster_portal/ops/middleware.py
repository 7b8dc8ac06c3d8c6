"""The outermost layer of the web: health and metrics, and a line of log for every other request."""

from __future__ import annotations

import hmac
import ipaddress
import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST

from cluster_portal import env

from . import health, metrics

log = logging.getLogger("portal.request")

Next = Callable[[HttpRequest], HttpResponse]


class Queries:
    """Counts and times the statements of one request (an ``execute_wrapper`` of Django)."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - begun


class OperationsMiddleware:
    """Answers ``/health/live``, ``/health/ready`` and ``/metrics`` before anything else may fail.

    A probe asks by address, without session, language or a host name that is allowed, so these paths stand in
    front of every other layer.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.answers: dict[str, Next] = {
            "/health/live": self.live,
            "/health/ready": self.ready,
            "/metrics": self.metrics,
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.answers.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        response = answer(request)
        response["Cache-Control"] = "no-store"
        return response

    def live(self, request: HttpRequest) -> HttpResponse:
        """The process answers; nothing is asked of anybody."""
        return JsonResponse({"status": "live"})

    def ready(self, request: HttpRequest) -> HttpResponse:
        """Whether requests should come here: 200 or 503."""
        ready, what = health.report()
        return JsonResponse(what, status=200 if ready else 503)

    def metrics(self, request: HttpRequest) -> HttpResponse:
        """Numbers for Prometheus, for those who may read them; a 404 for everybody else."""
        if not may_read_metrics(request):
            return HttpResponseNotFound()
        return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


def may_read_metrics(request: HttpRequest) -> bool:
    """With ``METRICS_TOKEN`` its bearer; without one only this machine, and never through a proxy."""
    token = env.str("METRICS_TOKEN")
    if token:
        given = request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ").strip()
        return hmac.compare_digest(given.encode(), token.encode())
    if settings.TRUSTED_PROXIES or "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class RequestLogMiddleware:
    """One line for every request: who (by id), where (the route, not the path), how long, how many statements."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        queries = Queries()
        begun = time.perf_counter()
        with connection.execute_wrapper(queries):
            response = self.get_response(request)
        seconds = time.perf_counter() - begun
        match = request.resolver_match
        route = match.route if match is not None else "(no route)"
        metrics.observe(request.method or "", route, response.status_code, seconds, queries.count)
        actor = getattr(request, "actor", None)
        log.info(
            "request",
            extra={
                "method": request.method,
                "route": route,
                "status": response.status_code,
                "duration_ms": round(seconds * 1000, 1),
                "query_count": queries.count,
                "query_ms": round(queries.seconds * 1000, 1),
                "user_id": _text(getattr(actor, "user_id", None)),
                "client_id": _text(getattr(actor, "client_id", None)),
                "organization_id": _text(getattr(actor, "organization_id", None)),
            },
        )
        return response


def _text(value: object) -> str | None:
    return None if value is None else str(value)

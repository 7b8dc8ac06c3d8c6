"""Numbers for Prometheus at ``/metrics``.

Several web processes write into files below ``PROMETHEUS_MULTIPROC_DIR`` (the front door and the container
set it); whichever of them is asked adds them up.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client import multiprocess as several
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector

from cluster_portal import env

from . import health

REQUESTS = Counter("portal_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "portal_request_seconds",
    "Time to answer a request, seconds.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
QUERIES = Histogram(
    "portal_request_queries",
    "SQL statements of a request.",
    ["method", "route"],
    buckets=(0, 1, 2, 4, 6, 8, 10, 12, 16, 24, 48, 100),
)


class Outbox(Collector):
    """The state of the outbox at the moment of asking."""

    def collect(self) -> Iterator[Metric]:
        try:
            state = health.outbox()
        except DatabaseError:
            return
        yield GaugeMetricFamily("portal_outbox_due", "Messages that are due and not done.", value=state.due)
        yield GaugeMetricFamily(
            "portal_outbox_age_seconds", "Age of the oldest message that is due.", value=state.age_seconds
        )
        yield GaugeMetricFamily(
            "portal_outbox_failed", "Messages given up after all attempts.", value=state.failed
        )


def observe(method: str, route: str, status: int, seconds: float, queries: int) -> None:
    """Count one answered request."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(method, route).observe(seconds)
    QUERIES.labels(method, route).observe(queries)


def exposition() -> bytes:
    """The page that Prometheus reads."""
    registry: CollectorRegistry = REGISTRY
    if env.is_set("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        several.MultiProcessCollector(registry)
        registry.register(Outbox())
        return generate_latest(registry)
    alone = CollectorRegistry()
    alone.register(Outbox())
    return generate_latest(registry) + generate_latest(alone)

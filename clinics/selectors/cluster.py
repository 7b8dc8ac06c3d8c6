"""The one cluster that this portal serves."""

from __future__ import annotations

from time import monotonic

from django.conf import settings

from clinics.models import Cluster

#: How long a process goes on with what it read, in seconds: pages ask on every request, the row changes once a year.
FRESH_SECONDS = 60

_known: tuple[Cluster, float] | None = None


def current_cluster() -> Cluster:
    """The cluster, read at most once a minute by each process.

    Before anybody has described it (a portal started empty) an unsaved one with the site's own name.
    """
    global _known
    if _known and monotonic() - _known[1] < FRESH_SECONDS:
        return _known[0]
    cluster = Cluster.objects.first()
    if cluster is None:
        return Cluster(
            slug="cluster",
            code="CLU",
            name_ru=str(settings.SITE_NAME),
            country="RU",
            time_zone=settings.TIME_ZONE,
        )
    _known = cluster, monotonic()
    return cluster


def forget_cluster(**_kwargs: object) -> None:
    """Read the row again at the next question; connected to the model's signals."""
    global _known
    _known = None

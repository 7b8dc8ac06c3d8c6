"""The one cluster that this portal serves, and what it has promised."""

from __future__ import annotations

from time import monotonic

from django.conf import settings

from clinics.models import Cluster, ClusterTarget

#: How long a process goes on with what it read, in seconds: pages ask on every request, the row changes once a year.
FRESH_SECONDS = 60

_known: tuple[Cluster, float] | None = None
_promised: tuple[list[ClusterTarget], float] | None = None


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


def cluster_targets() -> list[ClusterTarget]:
    """The cluster's promises in their order, read as seldom as the cluster itself."""
    global _promised
    if _promised is None or monotonic() - _promised[1] >= FRESH_SECONDS:
        _promised = list(ClusterTarget.objects.order_by("position", "id")), monotonic()
    return _promised[0]


def forget_cluster(**_kwargs: object) -> None:
    """Read the rows again at the next question; connected to the models' signals."""
    global _known, _promised
    _known = _promised = None

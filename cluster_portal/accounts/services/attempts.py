"""Counting what can be guessed, in the database: atomic under parallel guesses, and there when Redis is not."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from cluster_portal.accounts.models import Attempt

SALT = "accounts.attempts"

# One statement, so of twenty guesses at the same moment exactly `limit` get a number that is within it. The block
# lasts a whole window from the last guess that was let through; guesses that were refused do not prolong it.
TAKE = """
INSERT INTO accounts_attempt AS a (key, count, expires_at)
VALUES (%(key)s, 1, clock_timestamp() + %(window)s)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN a.expires_at <= clock_timestamp() THEN 1 ELSE least(a.count, %(limit)s) + 1 END,
    expires_at = CASE WHEN a.expires_at <= clock_timestamp() OR a.count < %(limit)s
                      THEN excluded.expires_at ELSE a.expires_at END
RETURNING count <= %(limit)s
"""


def _key(name: str) -> str:
    return salted_hmac(SALT, name, algorithm="sha256").hexdigest()


def take(name: str, *, limit: int, window: timedelta) -> bool:
    """Count one try of `name` before it is evaluated. False: there were `limit` within `window`, do not evaluate."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"key": _key(name), "limit": limit, "window": window})
        return cursor.fetchone()[0]


def network(ip: str | None) -> str:
    """The name under which tries from an address count: IPv4 by itself, IPv6 by its /64, which one household has."""
    try:
        address = ip_address(ip or "")
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False).network_address)


def give_back(name: str) -> None:
    """The try that was counted last was right after all and does not count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_attempt SET count = greatest(count - 1, 0) WHERE key = %s", [_key(name)]
        )


def forget(name: str) -> None:
    """Start counting `name` anew."""
    Attempt.objects.filter(key=_key(name)).delete()


def sweep() -> int:
    """Delete what no longer counts. Returns how many rows."""
    return Attempt.objects.filter(expires_at__lt=timezone.now()).delete()[0]

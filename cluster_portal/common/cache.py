"""Django's cache on Redis, which does without when Redis is away: reads miss, writes are dropped.

`add` then answers that the key was free: whoever counts with it (limits of sign-in pages) fails open, and what has
to hold in any case is counted in the database (`accounts.services.attempts`).
"""

from __future__ import annotations

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache

from cluster_portal.common.redis import attempt


class Cache(RedisCache):
    """RedisCache that never raises because of the network."""

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return attempt(lambda: super(Cache, self).add(key, value, timeout, version), True)

    def get(self, key, default=None, version=None):
        return attempt(lambda: super(Cache, self).get(key, default, version), default)

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return attempt(lambda: super(Cache, self).set(key, value, timeout, version))

    def touch(self, key, timeout=DEFAULT_TIMEOUT, version=None):
        return attempt(lambda: super(Cache, self).touch(key, timeout, version), False)

    def delete(self, key, version=None):
        return attempt(lambda: super(Cache, self).delete(key, version), False)

    def get_many(self, keys, version=None):
        return attempt(lambda: super(Cache, self).get_many(keys, version), {})

    def has_key(self, key, version=None):
        return attempt(lambda: super(Cache, self).has_key(key, version), False)

    def set_many(self, data, timeout=DEFAULT_TIMEOUT, version=None):
        return attempt(lambda: super(Cache, self).set_many(data, timeout, version), list(data))

    def delete_many(self, keys, version=None):
        return attempt(lambda: super(Cache, self).delete_many(keys, version))

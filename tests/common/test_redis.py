"""The client of Redis is one for all threads of a process."""

import threading
import time

from cluster_portal.common import redis


def test_threads_that_begin_together_share_one_client(monkeypatch):
    redis._client.cache_clear()
    make, made = redis.redis.Redis.from_url, []

    def slowly(*args, **options):
        time.sleep(0.02)
        made.append(make(*args, **options))
        return made[-1]

    monkeypatch.setattr(redis.redis.Redis, "from_url", slowly)
    together, got = threading.Barrier(8), []

    def begin():
        together.wait(10)
        got.append(redis.client())

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(made) == 1
    assert got == made * 8

"""A plugin of pytest that stands before Django: keeps parallel test processes out of each other's way.

It is loaded by ``addopts`` in pyproject.toml, because a ``conftest.py`` comes after the settings are read.
"""

import os
import sys

from cluster_portal import env

#: Redis numbers its databases; the portal itself uses 0.
REDIS_DATABASES = 16


def _worker_number() -> int:
    """0 for a lone process, 1… for the processes of xdist."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "")
    return int(name.removeprefix("gw")) + 1 if name else 0


def _prepare() -> None:
    if not env.is_set("DATABASE_URL"):
        sys.exit(
            "The tests need PostgreSQL and Redis: run ./portal test [pytest's arguments], "
            'or start ./portal db and then: eval "$(./portal db --env)"'
        )
    number = _worker_number()
    redis = env.str("REDIS_URL", "redis://127.0.0.1:6379/0").rpartition("/")[0]
    os.environ["REDIS_URL"] = f"{redis}/{1 + number % (REDIS_DATABASES - 1)}"
    os.environ["OUTBOX_NUDGE"] = "0"
    os.environ["JOBS_PULSE"] = "0"
    os.environ["PORTAL_DEMO"] = "1"
    os.environ.setdefault("SECRET_KEY", "tests-only-" + "x" * 40)
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    # Playwright's synchronous driver runs an event loop in the test's own thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


_prepare()

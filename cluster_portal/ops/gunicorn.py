"""Gunicorn's configuration: ``gunicorn --config python:cluster_portal.ops.gunicorn cluster_portal.wsgi``.

Two processes of four threads suit two cores; ``WEB_PROCESSES`` and ``WEB_THREADS`` change that. Every thread
may hold one connection of the database, so their product is the portal's share of ``max_connections``.
"""

import shutil
from pathlib import Path
from typing import Any

from prometheus_client import multiprocess

from cluster_portal import env

bind = env.str("WEB_BIND", f"{env.str('HOST', '127.0.0.1')}:{env.int('PORT', 8000)}")
worker_class = "gthread"
workers = env.int("WEB_PROCESSES", 2)
threads = env.int("WEB_THREADS", 4)
# The application is read once and its processes are copies: a start takes half the time, and one that was killed
# is replaced at once.
preload_app = True
timeout = 60
graceful_timeout = 20
keepalive = 15
# A process is replaced now and then, each at another time, so that a slow leak never becomes a fault.
max_requests = 20_000
max_requests_jitter = 2_000
# Its control socket would lie in the home directory, outside the clone, and be shared by several portals.
control_socket_disable = True
# The request's own line is written by the application, with the route and no personal data.
accesslog = None
errorlog = "-"
# Headers of a proxy are read by Django, and only when TRUSTED_PROXIES says that there is one.
forwarded_allow_ips = ""
limit_request_line = 8190


def on_starting(server: Any) -> None:
    """Forget the numbers of the processes of the run before."""
    directory = env.path("PROMETHEUS_MULTIPROC_DIR")
    if directory is not None:
        shutil.rmtree(directory, ignore_errors=True)
        Path(directory).mkdir(parents=True, exist_ok=True)


def child_exit(server: Any, worker: Any) -> None:
    """Give up the gauges of a process that ended."""
    if env.is_set("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)

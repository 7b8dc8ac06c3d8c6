"""The portal's web for a test: a request with the header X-Die has its process killed once its work is committed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from typing import Any

from cluster_portal.wsgi import application as portal


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The answer of the portal, or none at all: not a byte of it leaves a process that dies here."""
    answer = portal(environ, start_response)
    if "HTTP_X_DIE" in environ:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

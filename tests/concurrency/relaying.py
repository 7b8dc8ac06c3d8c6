"""Workers to be killed: `python -m tests.concurrency.relaying` starts one for each line that it reads.

It prints the worker's process id. Forked from a process that has addresses and words at hand, a worker that replaces a
killed one is at work in milliseconds.
"""

import os
import signal
import sys
import time

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import translation  # noqa: E402

from cluster_portal.common import background  # noqa: E402


def work() -> None:
    """Lead messages until killed."""
    while True:
        if not background.relay(limit=10):
            time.sleep(0.02)


if __name__ == "__main__":
    # Whoever is killed is forgotten at once.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    os.setpgid(0, 0)
    reverse("patients:worklists")
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("Referrals")
    for _line in sys.stdin:
        worker = os.fork()
        if not worker:
            work()
        print(worker, flush=True)
    # The test has ended, or was ended: so do all.
    os.killpg(0, signal.SIGKILL)

"""The states of a background job."""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from cluster_portal.common.states import Machine, row

OWNER, WORKER = "owner", "worker"


class JobState(TextChoices):
    QUEUED = "queued", pgettext_lazy("job", "In the queue")
    RUNNING = "running", pgettext_lazy("job", "Running")
    DONE = "done", pgettext_lazy("job", "Done")
    FAILED = "failed", pgettext_lazy("job", "Failed")
    CANCELLED = "cancelled", pgettext_lazy("job", "Cancelled")


ACTIVE = frozenset({JobState.QUEUED, JobState.RUNNING})

_S = JobState
JOB = Machine(
    "state",
    [
        row("claim", _S.QUEUED, _S.RUNNING, WORKER),
        row("finish", _S.RUNNING, _S.DONE, WORKER),
        row("fail", _S.RUNNING, _S.FAILED, WORKER),
        row("give_back", _S.RUNNING, _S.QUEUED, WORKER),
        row("cancel", ACTIVE, _S.CANCELLED, OWNER),
        row("retry", {_S.FAILED, _S.CANCELLED}, _S.QUEUED, OWNER),
    ],
)

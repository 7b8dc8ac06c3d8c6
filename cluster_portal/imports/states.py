"""The states of an import, and what becomes of a row."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.common.states import Machine, row

OWNER, WORKER = "owner", "worker"


class ImportState(TextChoices):
    DRAFT = "draft", pgettext_lazy("import", "Uploaded")
    CHECKED = "checked", pgettext_lazy("import", "Checked")
    APPLIED = "applied", pgettext_lazy("import", "Taken in")
    DROPPED = "dropped", pgettext_lazy("import", "Dropped")


_S = ImportState
#: Whether the file is being checked or taken in at this moment is told by the jobs, so no killed worker leaves a state
#: behind.
IMPORT = Machine(
    "state",
    [
        row("finish_check", _S.DRAFT, _S.CHECKED, WORKER),
        row("check", {_S.DRAFT, _S.CHECKED}, _S.DRAFT, OWNER),
        row("apply", _S.CHECKED, _S.CHECKED, OWNER),
        row("take_in", _S.CHECKED, _S.APPLIED, WORKER),
        row("drop", {_S.DRAFT, _S.CHECKED}, _S.DROPPED, OWNER),
    ],
)


class Verdict(TextChoices):
    """What is to become of a row."""

    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    UNCHANGED = "unchanged", _("unchanged")
    ASKED = "asked", _("to be confirmed")
    REFUSED = "refused", _("refused")
    SKIPPED = "skipped", _("left out")


class Answer(TextChoices):
    """What may be said about rows that look like something on record."""

    NEW = "new", _("They are others: make new records")
    SKIP = "skip", _("Leave these rows out")

"""Vocabulary and state table of projects, by the phases of OC4IDS (open contracting for infrastructure)."""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from cluster_portal.common.states import Machine, row
from investors.states import LAND_OFFICE


class ProjectState(TextChoices):
    """`projectStatus` of OC4IDS; its values are published as they stand."""

    IDENTIFICATION = "identification", pgettext_lazy("project", "identification")
    PREPARATION = "preparation", pgettext_lazy("project", "preparation")
    IMPLEMENTATION = "implementation", pgettext_lazy("project", "implementation")
    COMPLETION = "completion", pgettext_lazy("project", "completion")
    COMPLETED = "completed", pgettext_lazy("project", "completed")
    CANCELLED = "cancelled", pgettext_lazy("project", "cancelled")


class MilestoneState(TextChoices):
    """`status` of a milestone in OCDS: told by its days, never stored."""

    SCHEDULED = "scheduled", pgettext_lazy("milestone", "scheduled")
    MET = "met", pgettext_lazy("milestone", "met")
    NOT_MET = "notMet", pgettext_lazy("milestone", "not met")


class FundingKind(TextChoices):
    """Whose money a project is paid with."""

    FEDERAL = "federal", pgettext_lazy("funding", "federal budget")
    REGIONAL = "regional", pgettext_lazy("funding", "regional budget")
    BANK = "bank", pgettext_lazy("funding", "loan of a bank")
    OWN = "own", pgettext_lazy("funding", "the company's own")
    OTHER = "other", pgettext_lazy("funding", "other sources")


_S = ProjectState
#: What cannot be done before the building is open, and after.
AFTER_OPENING, BEFORE_OPENING = frozenset({"complete"}), frozenset({"open", "cancel"})
#: What still goes on.
OPEN_PROJECT = (_S.IDENTIFICATION, _S.PREPARATION, _S.IMPLEMENTATION, _S.COMPLETION)

PROJECT = Machine(
    "state",
    [
        row("prepare", _S.IDENTIFICATION, _S.PREPARATION, LAND_OFFICE),
        row("implement", _S.PREPARATION, _S.IMPLEMENTATION, LAND_OFFICE),
        row("deliver", _S.IMPLEMENTATION, _S.COMPLETION, LAND_OFFICE),
        # Once: the day of the opening says that it has happened.
        row("open", (_S.IMPLEMENTATION, _S.COMPLETION), _S.COMPLETION, LAND_OFFICE),
        row("complete", _S.COMPLETION, _S.COMPLETED, LAND_OFFICE),
        row("cancel", OPEN_PROJECT, _S.CANCELLED, LAND_OFFICE),
    ],
)

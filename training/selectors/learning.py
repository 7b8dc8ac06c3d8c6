"""How the people of an intake get on: presence, journals, assessments, expenses."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Count

from clinics.selectors.calendar import today_at
from cluster_portal.common.errors import NotFound
from training.models import Assessment, Attendance, Expense, Intake, IntakeSession, JournalEntry, Nomination
from training.policies import (
    expense_policy,
    intake_policy,
    is_employer,
    nomination_policy,
    session_policy,
)
from training.selectors.presence import Standing, standing_of
from training.selectors.programmes import visible_intakes
from training.states import THERE, IntakeState, NominationState

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor


#: A host looks after an intake from its opening on, and so long after its end; its page names so many.
TAUGHT = (IntakeState.OPEN, IntakeState.CLOSED, IntakeState.RUNNING, IntakeState.FINISHED)
LATELY, LINES = timedelta(days=60), 12


@dataclass(frozen=True, slots=True)
class Following:
    """An intake with everybody who is or was there. `ready` is how many get a certificate now."""

    intake: Intake
    sessions: list[IntakeSession]
    people: list[tuple[Nomination, Standing]]
    may_check: bool

    @property
    def ready(self) -> int:
        return sum(
            not standing.obstacles for row, standing in self.people if row.state != NominationState.CERTIFIED
        )

    @property
    def undecided(self) -> int:
        """Those who still learn though the intake is over."""
        over = self.intake.state == "finished"
        return sum(row.state == NominationState.IN_PROGRESS for row, _standing in self.people) if over else 0


def follow(actor: Actor, intake_id: uuid.UUID) -> Following:
    """An intake as its offices and its host follow it. Raises NotFound, Forbidden. Seven queries."""
    intake = intake_to_follow(actor, intake_id)
    rows = intake.nominations.filter(state__in=THERE).select_related("specialist", "organization")
    people = list(rows.order_by("specialist__family", "specialist__given", "pk"))
    standings = standing_of(intake, people)
    sessions = (
        intake.sessions.filter(is_break=False).annotate(present=Count("checks")).order_by("starts", "pk")
    )
    return Following(
        intake=intake,
        sessions=list(sessions),
        people=[(row, standings[row.pk]) for row in people],
        may_check=session_policy.queryset(actor, "check").filter(intake=intake).exists(),
    )


def taught(actor: Actor) -> list[Intake]:
    """What the actor's organisation teaches now, next, and has taught of late, by its first day. One query."""
    if not is_employer(actor):
        return []
    since = today_at(actor.time_zone) - LATELY
    rows = intake_policy.queryset(actor, "follow").filter(
        programme__host_organization=actor.organization_id, state__in=TAUGHT, ends_on__gte=since
    )
    return list(rows.select_related("programme").order_by("starts_on", "pk")[:LINES])


def intake_to_follow(actor: Actor, intake_id: uuid.UUID) -> Intake:
    """An intake that the actor follows. Raises NotFound, Forbidden."""
    return intake_policy.get(actor, "follow", intake_id, queryset=visible_intakes(actor))


def checks_of(intake: Intake) -> list[Attendance]:
    """Every check of presence of an intake, by session."""
    return list(Attendance.objects.filter(session__intake=intake).order_by("session", "pk"))


@dataclass(frozen=True, slots=True)
class Progress:
    """How somebody gets on, and what the reader may do about it."""

    standing: Standing
    journal: list[JournalEntry]
    assessments: dict[str, Assessment]
    may_write: bool
    may_assess: bool
    may_follow: bool

    @property
    def unconfirmed(self) -> bool:
        """Whether a day of the journal waits for the host."""
        return any(row.confirmed_at is None for row in self.journal)


def progress(actor: Actor, nomination: Nomination) -> Progress | None:
    """How somebody gets on whose nomination the actor sees; None before the seat is confirmed. Nine queries."""
    if nomination.state not in THERE:
        return None
    return Progress(
        standing=standing_of(nomination.intake, [nomination])[nomination.pk],
        journal=list(nomination.journal.order_by("-day")),
        assessments={row.kind: row for row in nomination.assessments.all()},
        may_write=nomination_policy.allows(actor, "write_journal", nomination),
        may_assess=nomination_policy.allows(actor, "assess", nomination),
        may_follow=intake_policy.allows(actor, "follow", nomination.intake),
    )


@dataclass(frozen=True, slots=True)
class Budget:
    """The expenses of an intake, with sums in the cluster's currency."""

    intake: Intake
    lines: list[Expense]
    planned: Decimal
    spent: Decimal
    by_kind: list[tuple[str, Decimal, Decimal]]

    @property
    def left(self) -> Decimal:
        """What is planned and not spent; negative where more was spent."""
        return self.planned - self.spent

    @property
    def over(self) -> Decimal:
        """By how much more was spent than is planned."""
        return -self.left


def budget(actor: Actor, intake_id: uuid.UUID) -> Budget:
    """The expenses of an intake, for the offices. Raises Forbidden, NotFound. Three queries."""
    expense_policy.require(actor, "browse")
    intake = intake_policy.get(actor, "view", intake_id, queryset=visible_intakes(actor))
    rows = intake.expenses.select_related("nomination__specialist").prefetch_related("receipts")
    lines = list(rows.order_by("created_at", "pk"))
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for line in lines:
        sums[line.get_kind_display()][0] += line.planned
        sums[line.get_kind_display()][1] += line.spent or 0
    return Budget(
        intake, lines, sum((one[0] for one in sums.values()), Decimal(0)),
        sum((one[1] for one in sums.values()), Decimal(0)), [(kind, *both) for kind, both in sorted(sums.items())],
    )  # fmt: skip


def expense_to_edit(actor: Actor, intake_id: uuid.UUID, expense_id: uuid.UUID | None) -> Expense | None:
    """A line of an intake's budget. Raises NotFound, Forbidden."""
    intake_policy.get(actor, "edit", intake_id)
    if expense_id is None:
        return None
    return expense_policy.get(actor, "edit", expense_id, queryset=Expense.objects.filter(intake=intake_id))


def travellers(intake: Intake) -> list[Nomination]:
    """Those of an intake for whom something may be spent, by name."""
    rows = intake.nominations.filter(state__in=(NominationState.ACCEPTED, *THERE)).select_related(
        "specialist"
    )
    return list(rows.order_by("specialist__family", "specialist__given", "pk"))


def assessment_to_edit(
    actor: Actor, nomination_id: uuid.UUID, kind: str
) -> tuple[Nomination, Assessment | None]:
    """Somebody whom the actor assesses, and what was said. Raises NotFound, Forbidden."""
    rows = Nomination.objects.select_related("specialist", "intake__programme")
    nomination = nomination_policy.get(actor, "assess", nomination_id, queryset=rows)
    return nomination, nomination.assessments.filter(kind=kind).first()


def journal_to_write(
    actor: Actor, nomination_id: uuid.UUID, entry_id: uuid.UUID | None
) -> tuple[Nomination, JournalEntry | None]:
    """Somebody whose journal the actor writes, and a day of it. Raises NotFound, Forbidden."""
    rows = Nomination.objects.select_related("specialist", "intake__programme")
    nomination = nomination_policy.get(actor, "write_journal", nomination_id, queryset=rows)
    entry = nomination.journal.filter(pk=entry_id).first() if entry_id else None
    if entry_id and entry is None:
        raise NotFound
    return nomination, entry

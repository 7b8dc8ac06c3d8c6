"""Sessions as those see them who check presence, and whom they may check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from training.models import Attendance, IntakeSession, Nomination
from training.policies import nomination_policy, session_policy
from training.selectors.rooms import with_halls
from training.states import THERE

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from cluster_portal.common.actor import Actor
    from training.models import Intake

#: One can check in by a code so long before a session; who comes later than that after its beginning was not there for
#: all of it.
EARLY, GRACE = timedelta(minutes=30), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody of a session's list; `check` where they were there."""

    nomination: Nomination
    check: Attendance | None


def session_to_check(actor: Actor, session_id: uuid.UUID) -> IntakeSession:
    """A session whose presence the actor checks. Raises NotFound, and Forbidden for who only reads the agenda."""
    rows = with_halls(IntakeSession.objects.select_related("intake__programme"))
    return session_policy.get(actor, "check", session_id, queryset=rows)


def sheet(session: IntakeSession) -> list[Line]:
    """Everybody with a confirmed seat, by name, and who was there. Two queries."""
    checks = {row.nomination_id: row for row in session.checks.all()}
    rows = session.intake.nominations.filter(state__in=THERE).select_related("specialist", "organization")
    rows = rows.order_by("specialist__family", "specialist__given", "pk")
    return [Line(row, checks.get(row.pk)) for row in rows]


def may_check(actor: Actor, intake: Intake) -> bool:
    """Whether the actor checks presence in the intake."""
    return session_policy.queryset(actor, "check").filter(intake=intake).exists()


def to_check_in(actor: Actor, session_id: uuid.UUID) -> tuple[IntakeSession, Attendance | None, bool]:
    """A session, the actor's check where there is one, and whether the actor has a confirmed seat in its intake.

    Raises NotFound for a session that the actor cannot see.
    """
    rows = with_halls(IntakeSession.objects.select_related("intake__programme"))
    session = session_policy.get(actor, "view", session_id, queryset=rows)
    mine = list(nomination_policy.queryset(actor, "check_in").filter(intake=session.intake))
    return session, session.checks.filter(nomination__in=mine).first(), bool(mine)


def is_open(session: IntakeSession, now: datetime | None = None) -> bool:
    """Whether one can check in by a code now."""
    return session.starts - EARLY <= (now or timezone.now()) <= session.ends


def on_now(actor: Actor, nomination_id: uuid.UUID) -> tuple[Nomination, list[tuple[IntakeSession, bool]]]:
    """Somebody whose own code was scanned, with the sessions of today in the intake and whether they are checked there.

    Raises NotFound where the actor does not check presence there.
    """
    rows = Nomination.objects.select_related("specialist", "organization", "intake__programme")
    nomination = nomination_policy.get(actor, "assess", nomination_id, queryset=rows)
    now = timezone.now()
    near = Q(starts__lte=now + EARLY, ends__gte=now - timedelta(hours=12))
    sessions = nomination.intake.sessions.filter(near, is_break=False).order_by("starts")
    checked = set(nomination.checks.values_list("session", flat=True))
    return nomination, [(session, session.pk in checked) for session in sessions]

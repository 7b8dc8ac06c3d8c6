"""Presence: by hand for a whole list, by the code of the session, by the code of the person. Saying it twice says it
once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.common.service import service
from training.errors import CheckInClosed, NotInIntake
from training.models import Attendance, Nomination
from training.policies import nomination_policy, session_policy
from training.selectors.attendance import EARLY, GRACE, is_open, session_to_check
from training.states import THERE, Way

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable
    from datetime import datetime

    from cluster_portal.common.actor import Actor
    from training.models import IntakeSession


@service
def note_attendance(
    actor: Actor,
    *,
    session_id: uuid.UUID,
    present: Iterable[uuid.UUID] = (),
    absent: Iterable[uuid.UUID] = (),
    intake_id: uuid.UUID | None = None,
    way: str = Way.HAND,
) -> dict[str, int]:
    """Write down which nominations were at a session and which were not; the others stay as they are.

    `intake_id` says in which intake the session has to be. Returns how many were `added` and `removed`. Raises
    NotFound, Forbidden, and Invalid at `present` for a pause, for a session that has not begun, and for who has no
    confirmed seat.
    """
    session = session_to_check(actor, session_id)
    present, absent = set(present), set(absent)
    if intake_id and session.intake_id != intake_id:
        raise NotFound(field="session")
    if session.is_break:
        raise Invalid({"present": [_("Nobody is checked in a pause.")]})
    if session.starts - EARLY > timezone.now():
        raise Invalid({"present": [_("The session has not begun yet.")]})
    there = set(
        Nomination.objects.filter(intake=session.intake_id, state__in=THERE, pk__in=present)
        .values_list("pk", flat=True)
    )  # fmt: skip
    if present - there:
        raise Invalid({"present": [_("Only those with a confirmed seat in the intake can be checked.")]})
    known = set(session.checks.filter(nomination__in=present).values_list("nomination", flat=True))
    Attendance.objects.bulk_create(
        (Attendance(session=session, nomination_id=pk, way=way, user_id=actor.user_id) for pk in sorted(there - known)),
        ignore_conflicts=True,
    )  # fmt: skip
    removed, _rows = session.checks.filter(nomination__in=absent - present).delete()
    return {"added": len(there - known), "removed": removed}


@service
def check_in(actor: Actor, *, session_id: uuid.UUID, came_at: datetime | None = None) -> Attendance:
    """The actor is at a session, since `came_at` (now without one). Again, it is the first check.

    Raises NotFound, NotInIntake, CheckInClosed outside the session's time.
    """
    session: IntakeSession = session_policy.get(actor, "view", session_id)
    rows = nomination_policy.queryset(actor, "check_in").filter(intake=session.intake_id)
    nomination = rows.order_by("pk").first()
    if nomination is None:
        raise NotInIntake
    came_at = came_at or timezone.now()
    found = Attendance.objects.filter(session=session, nomination=nomination)
    if check := found.first():
        return check
    if session.is_break or not is_open(session, came_at):
        raise CheckInClosed(extra={"opens": session.starts - EARLY, "closes": session.ends})
    late = came_at if came_at > session.starts + GRACE else None
    check = Attendance(
        session=session, nomination=nomination, came_at=late, way=Way.CODE, user_id=actor.user_id
    )
    Attendance.objects.bulk_create([check], ignore_conflicts=True)
    return found.get()

"""Who was there, and whether that and the rest is enough for a certificate.

A check is a session of the agenda at which somebody was. An intake without an agenda, as most internships, is judged by
the journal: a check is then a working day of the host's country that the host has confirmed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.selectors.calendar import today_at, working_days
from training.models import Assessment, Attendance, IntakeSession, JournalEntry
from training.states import AssessmentKind, IntakeState, NominationState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from training.models import Intake, Nomination, Programme


@dataclass(frozen=True, slots=True)
class Presence:
    """At how many checks of how many somebody was, and for how many minutes, beside what the programme asks for."""

    checks: int
    of: int
    minutes: int
    share_asked: int
    minutes_asked: int

    @property
    def share(self) -> int:
        """Per cent, rounded down: 69.9 is not 70."""
        return 100 * self.checks // self.of if self.of else 0

    @property
    def shortfalls(self) -> list[str]:
        """What is missing: "share", "minutes"."""
        found = ["share"] if self.share < self.share_asked else []
        return [*found, "minutes"] if self.minutes < self.minutes_asked else found

    def words(self, code: str) -> str:
        """A shortfall in words."""
        if code == "share":
            return _("Present at %(checks)s of %(of)s checks (%(share)s %%), %(asked)s %% are asked for.") % {
                "checks": self.checks, "of": self.of, "share": self.share, "asked": self.share_asked,
            }  # fmt: skip
        return _("Present for %(minutes)s minutes, %(asked)s are asked for.") % {
            "minutes": self.minutes, "asked": self.minutes_asked,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """How far somebody is from a certificate. `obstacles` maps codes to words; empty: nothing is missing."""

    presence: Presence
    assessment: Assessment | None
    obstacles: dict[str, str] = field(default_factory=dict)


def presence_of(intake: Intake, nominations: Iterable[Nomination]) -> dict[uuid.UUID, Presence]:
    """The presence of nominations of one intake (with its programme), by nomination. Two queries.

    Until the intake is finished only what is over counts: nobody has missed what is still to come.
    """
    ids, is_finished = [row.pk for row in nominations], intake.state == IntakeState.FINISHED
    sessions = {row.pk: row for row in intake.sessions.all() if not row.is_break}
    if sessions:
        over = {pk: row for pk, row in sessions.items() if is_finished or row.ends <= timezone.now()}
        found, of = _at_sessions(over, ids), len(over)
    else:
        rows = JournalEntry.objects.filter(nomination__in=ids, confirmed_at__isnull=False)
        found = defaultdict(list)
        for nomination, minutes in rows.values_list("nomination", "minutes"):
            found[nomination].append(minutes)
        yesterday = today_at(intake.time_zone) - timedelta(days=1)
        until = intake.ends_on if is_finished else min(intake.ends_on, yesterday)
        of = len(working_days(intake.programme.country, intake.starts_on, until))
    programme = intake.programme
    return {
        pk: Presence(
            # Somebody who was there on a day off too was not there more often than one can be.
            min(len(found[pk]), of), of, sum(found[pk]), programme.presence_share, programme.presence_minutes
        )
        for pk in ids
    }  # fmt: skip


def _at_sessions(
    sessions: dict[uuid.UUID, IntakeSession], ids: list[uuid.UUID]
) -> dict[uuid.UUID, list[int]]:
    """The minutes of each check, by nomination."""
    found: dict[uuid.UUID, list[int]] = defaultdict(list)
    rows = Attendance.objects.filter(nomination__in=ids, session__in=sessions)
    for nomination, session_id, came_at in rows.values_list("nomination", "session", "came_at"):
        session = sessions[session_id]
        since = max(session.starts, came_at) if came_at else session.starts
        found[nomination].append(max(0, int((session.ends - since).total_seconds() // 60)))
    return found


def standing_of(intake: Intake, nominations: Iterable[Nomination]) -> dict[uuid.UUID, Standing]:
    """How far nominations of one intake are from a certificate, by nomination. Three queries."""
    nominations = list(nominations)
    presence = presence_of(intake, nominations)
    finals = Assessment.objects.filter(nomination__in=presence, kind=AssessmentKind.FINAL)
    assessed = {row.nomination_id: row for row in finals}
    return {
        row.pk: Standing(
            presence[row.pk],
            assessed.get(row.pk),
            _obstacles(row, intake.programme, presence[row.pk], assessed.get(row.pk)),
        )
        for row in nominations
    }


def _obstacles(
    nomination: Nomination, programme: Programme, presence: Presence, final: Assessment | None
) -> dict[str, str]:
    found = {code: presence.words(code) for code in presence.shortfalls}
    if nomination.state != NominationState.COMPLETED:
        found["not_completed"] = _("The programme has not been completed.")
    if programme.is_assessed and final is None:
        found["not_assessed"] = _("The host has not given the final assessment.")
    elif programme.is_assessed and not final.is_passed:
        found["not_passed"] = _("The final assessment was not passed.")
    return found

"""Calendars of training: of an intake for everybody, of one's own sessions by a secret address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from clinics.selectors.feeds import AHEAD, BACK, Entry, digest
from training.models import IntakeSession, TrainingFeed
from training.policies import training_feed_policy
from training.states import PLACED, IntakeState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cluster_portal.common.actor import Actor
    from training.models import Intake


def feed_of(actor: Actor) -> TrainingFeed | None:
    """The actor's address that works."""
    return training_feed_policy.queryset(actor).first()


def feed_by(secret: str) -> TrainingFeed | None:
    """The calendar of an address that works, while the account of its person does."""
    rows = TrainingFeed.objects.filter(
        token_hash=digest(secret), revoked_at__isnull=True, user__is_active=True
    )
    return rows.select_related("user").first()


def own_entries(feed: TrainingFeed) -> Iterator[Entry]:
    """The sessions of the intakes in which the person has accepted a seat, from a week back on. One query."""
    now = timezone.now()
    mine = Q(
        intake__nominations__specialist__user=feed.user_id, intake__nominations__state__in=PLACED,
        starts__gte=now - BACK, starts__lt=now + AHEAD,
    )  # fmt: skip
    rows = IntakeSession.objects.filter(mine).exclude(intake__state=IntakeState.CANCELLED)
    return _entries(rows.select_related("intake__programme").order_by("starts", "pk").distinct())


def entries_of(intake: Intake) -> Iterator[Entry]:
    """The agenda of an intake, pauses left out. One query."""
    return _entries(intake.sessions.select_related("intake__programme").order_by("starts", "pk"))


def _entries(sessions: Iterable[IntakeSession]) -> Iterator[Entry]:
    for session in sessions:
        if session.is_break:
            continue
        programme = session.intake.programme
        where = session.intake.place or programme.city
        yield Entry(
            uid=str(session.pk), start=session.starts, end=session.ends,
            title=f"{session.title} · {programme.title}", place=", ".join(filter(None, (where, session.room))),
            is_busy=True, changed_at=session.updated_at,
        )  # fmt: skip
